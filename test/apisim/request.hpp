// A request as the API server understands it: which kind, which object, which verb.
#pragma once

#include <string>

#include "server/http/target.hpp"
#include "test/apisim/cluster.hpp"

namespace quartermaster::apisim {

struct ApiRequest {
  std::string method;
  http::Target target;
  std::string path;  // "/api/v1/pods"
  std::string body, content_type, accept;
  User user;

  // Of a path below /api or /apis that names a kind:
  const ResourceType* type = nullptr;
  std::string ns, name, subresource;
  std::string subpath;  // behind the subresource proxy: "stats/summary"
  std::string verb;     // "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"

  /// A query parameter; "" if absent.
  std::string_view query(std::string_view parameter) const {
    return target.find(parameter).value_or(std::string_view());
  }
  /// As Go parses it in the API's options: absent, "0" and "false" are false.
  bool flag(std::string_view parameter) const;

  Action action() const;
};

/// Fills in what the path says; leaves `type` null for a path that is no resource's.
void resolve(ApiRequest& request);
/// "User \"bob\" cannot list resource ...".
Status not_allowed(const ApiRequest& request);

}  // namespace quartermaster::apisim
