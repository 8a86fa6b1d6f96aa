#include "test/apisim/request.hpp"

namespace quartermaster::apisim {
namespace {

std::string verb_of(const ApiRequest& request, bool watch) {
  const auto& method = request.method;
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return request.name.empty() ? "deletecollection" : "delete";
  if (watch || (request.name.empty() && request.flag("watch"))) return "watch";
  return request.name.empty() ? "list" : "get";
}

}  // namespace

bool ApiRequest::flag(std::string_view parameter) const {
  const auto value = target.find(parameter);
  return value && *value != "0" && *value != "false";
}

void resolve(ApiRequest& request) {
  auto parts = std::span<const std::string>(request.target.segments);
  std::string group;
  if (parts.size() >= 3 && parts[0] == "api") {
    parts = parts.subspan(1);
  } else if (parts.size() >= 4 && parts[0] == "apis") {
    group = parts[1];
    parts = parts.subspan(2);
  } else {
    return;
  }
  const auto& version = parts[0];
  parts = parts.subspan(1);
  const bool watch = parts[0] == "watch";
  if (watch) parts = parts.subspan(1);
  if (parts.size() >= 3 && parts[0] == "namespaces") {
    if (const auto* type = find_resource(group, version, parts[2]); type != nullptr && type->namespaced) {
      request.ns = parts[1];
      parts = parts.subspan(2);
    }
  }
  if (parts.size() > 3 && parts[0] == "nodes" && parts[2] == "proxy") {
    for (const auto& part : parts.subspan(3)) request.subpath += (request.subpath.empty() ? "" : "/") + part;
    parts = parts.first(3);
  }
  if (parts.empty() || parts.size() > 3) return;
  request.type = find_resource(group, version, parts[0]);
  if (request.type == nullptr) return;
  if (parts.size() > 1) request.name = parts[1];
  if (parts.size() > 2) request.subresource = parts[2];
  request.verb = verb_of(request, watch);
}

Action ApiRequest::action() const {
  if (type == nullptr) {
    std::string lower = method;
    for (auto& c : lower) c = static_cast<char>(std::tolower(c));
    return {.verb = lower, .group = {}, .resource = {}, .ns = {}, .name = {}, .path = path};
  }
  auto resource = std::string(type->plural);
  if (!subresource.empty()) resource.append("/").append(subresource);
  // A request about one namespace object names that namespace as its namespace, too.
  return {.verb = verb,
          .group = std::string(type->group),
          .resource = std::move(resource),
          .ns = type->kind == "Namespace" ? name : ns,
          .name = name,
          .path = {}};
}

Status not_allowed(const ApiRequest& request) {
  const auto action = request.action();
  if (request.type == nullptr) {
    return {403, "Forbidden",
            "forbidden: User " + go_quoted(request.user.name) + " cannot " + action.verb + " path " +
                go_quoted(action.path),
            json::object()};
  }
  auto why = "User " + go_quoted(request.user.name) + " cannot " + action.verb + " resource " +
             go_quoted(action.resource) + " in API group " + go_quoted(action.group);
  why += action.ns.empty() ? " at the cluster scope" : " in the namespace " + go_quoted(action.ns);
  return forbidden(*request.type, request.name, why);
}

}  // namespace quartermaster::apisim
