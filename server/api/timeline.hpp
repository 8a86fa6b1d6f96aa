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
  std::string ns;  // of the events
  std::string kind, name;
  std::vector<std::string> uids = {};  // none: whatever bears the name
};

bool is_about(const model::Event& event, const Subject& subject);

struct Timeline {
  std::vector<Subject> subjects = {};  // the pod first
  bool pod_exists = false;
  std::vector<Unread> unread = {};  // what the caller or the service may not read
};

/// The pod and what belongs to its story, from the pod's namespace first. Of a pod that is gone, only itself.
Task<Result<Timeline>> read_timeline(Context& context);

/// The events of one of them.
Task<Result<kubeapi::AllObjects<model::Event>>> events_about(kubeapi::Api& api, Subject subject, Call call);

}  // namespace quartermaster::api
