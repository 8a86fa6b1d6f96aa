// Restarting those who use a secret that has changed: a rollout of each workload that its pods belong to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/api/secret_users.hpp"

namespace quartermaster::api {

/// A workload, or a pod that belongs to none, and what became of it.
struct Consumer {
  std::string kind, name;
  std::vector<std::string> pods;  // of these that use the secret
  std::string reason = {};        // why it was not restarted, a CamelCase word; "" if it was
  std::string message = {};       // for a person
};

struct Consumers {
  bool changed = false;  // whether the secret's data have; if not, nobody is looked for
  std::vector<Consumer> all = {};
  std::vector<Unread> unread = {};
};

/// Looks for the pods that use the secret and restarts what they belong to, as far as the caller may patch it. What
/// goes wrong with one does not keep it from the others: all is in the answer. With the request's dryRun nothing
/// changes.
Task<Consumers> restart_consumers(Context& context, std::string secret);

/// {"changed", "restarted": [{kind, name, pods, message}], "notRestarted": [... and reason], "unread"}
void write(json::Writer& writer, const Consumers& consumers);

}  // namespace quartermaster::api
