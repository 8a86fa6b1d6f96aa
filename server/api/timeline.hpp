// The story of a pod: events of its own and of what it belongs to, of its claims and its node.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kubeapi/pages.hpp"
#include "model/event.hpp"
#include "server/api/secret_users.hpp"

namespace quartermaster::api {

/// An object whose events are told.
struct Subject {
  std::string ns;                      // of the events
  std::string kind, name;              // no name: all of the kind
  std::vector<std::string> uids = {};  // none: whatever bears the name
};

bool is_about(const model::Event& event, const Subject& subject);
bool is_about_any(const model::Event& event, const std::vector<Subject>& subjects);

struct Timeline {
  std::vector<Subject> subjects = {};  // the pod first
  bool pod_exists = false;
  std::string homeless = {};        // the pod's uid, if it is to be followed and is on no node yet
  std::vector<Unread> unread = {};  // what the caller or the service may not read
};

/// The pod and what belongs to its story, from the pod's namespace first. Of a pod that is gone, only itself.
Task<Result<Timeline>> read_timeline(Context& context);

/// Last, as its events are not of the pod's namespace.
void add_node(std::vector<Subject>& subjects, std::string node);

/// The events of one of them.
Task<Result<kubeapi::AllObjects<model::Event>>> events_about(kubeapi::Api& api, Subject subject, Call call);

}  // namespace quartermaster::api
