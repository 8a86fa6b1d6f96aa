// What the service itself must be allowed in the cluster, by feature: what the chart's roles are made of. Callers' own
// rights are another matter.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/kinds.hpp"
#include "server/http/message.hpp"

namespace quartermaster::api {

/// As a rule of Kubernetes RBAC.
struct Permission {
  model::Kind kind;
  std::string_view subresource;  // "log", or ""
  std::vector<std::string_view> verbs;
};

/// A part of the service that operators can switch off in the chart.
struct Feature {
  std::string_view name;  // of the switch: "podRestart"
  // "POST /api/v1/pod/{namespace}/name/{pod}/restart"; none for what is beside routes, or a parameter of theirs.
  std::vector<std::string_view> routes;
  std::vector<Permission> permissions;
};

/// "cache" first. What has no routes makes the answers of others richer.
std::vector<Feature> features();

/// As the chart's files/rules.yaml has them.
std::string rules_yaml();

}  // namespace quartermaster::api
