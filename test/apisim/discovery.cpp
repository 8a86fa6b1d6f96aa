#include "test/apisim/discovery.hpp"

#include <set>

#include "test/apisim/protobuf.hpp"

namespace quartermaster::apisim {
namespace {

http::Reply json_reply(const json::object& object) {
  http::Reply reply{.body = json::serialize(object) + "\n"};
  reply.header("Content-Type", "application/json");
  return reply;
}

http::Reply text_reply(std::string text, unsigned status = 200) {
  http::Reply reply{.status = status, .body = std::move(text)};
  reply.header("Content-Type", "text/plain; charset=utf-8");
  return reply;
}

json::array verbs(std::initializer_list<std::string_view> list) { return json::array(list.begin(), list.end()); }

json::object describe(const ResourceType& type, std::string_view sub, json::array verbs_of) {
  json::object entry = {{"name", std::string(type.plural) + std::string(sub)},
                        {"singularName", ""},
                        {"namespaced", type.namespaced},
                        {"kind", type.kind},
                        {"verbs", std::move(verbs_of)}};
  if (sub.empty() && !type.short_names.empty()) {
    entry["shortNames"] = json::array(type.short_names.begin(), type.short_names.end());
  }
  static const std::set<std::string_view> kAll = {"pods",        "services",    "daemonsets",
                                                  "deployments", "replicasets", "statefulsets"};
  if (sub.empty() && kAll.contains(type.plural)) entry["categories"] = json::array{"all"};
  return entry;
}

json::object resource_list(std::string_view group, std::string_view version) {
  json::array resources;
  for (const auto& type : resource_types()) {
    if (type.group != group || type.version != version) continue;
    if (type.review) {
      resources.push_back(describe(type, "", verbs({"create"})));
      continue;
    }
    resources.push_back(
        describe(type, "", verbs({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"})));
    if (type.has_status) resources.push_back(describe(type, "/status", verbs({"get", "patch", "update"})));
    if (type.kind == "Pod") {
      resources.push_back(describe(type, "/log", verbs({"get"})));
      auto eviction = describe(type, "/eviction", verbs({"create"}));
      eviction["group"] = "policy";
      eviction["version"] = "v1beta1";
      eviction["kind"] = "Eviction";
      resources.push_back(std::move(eviction));
    }
    if (type.kind == "Namespace") resources.push_back(describe(type, "/finalize", verbs({"update"})));
  }
  const auto group_version = group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
  return {{"kind", "APIResourceList"},
          {"apiVersion", "v1"},
          {"groupVersion", group_version},
          {"resources", std::move(resources)}};
}

/// Each group has one here.
std::string_view version_of(std::string_view group) {
  for (const auto& type : resource_types()) {
    if (type.group == group) return type.version;
  }
  return "v1";
}

json::object group_entry(std::string_view group) {
  const auto own = version_of(group);
  json::object version = {{"groupVersion", std::string(group) + "/" + std::string(own)}, {"version", own}};
  return {{"name", group}, {"versions", json::array{version}}, {"preferredVersion", version}};
}

std::set<std::string_view> groups() {
  std::set<std::string_view> result;
  for (const auto& type : resource_types()) {
    if (!type.group.empty()) result.insert(type.group);
  }
  return result;
}

json::object group_list() {
  json::array list;
  for (const auto group : groups()) list.push_back(group_entry(group));
  return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(list)}};
}

json::object core_versions(std::string_view address) {
  json::object server = {{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", address}};
  return {
      {"kind", "APIVersions"}, {"versions", json::array{"v1"}}, {"serverAddressByClientCIDRs", json::array{server}}};
}

/// Enough for kubectl to find each kind; without properties, so that it lets every field pass.
json::object openapi() {
  json::object definitions;
  json::object paths;
  for (const auto& type : resource_types()) {
    json::object kind = {{"group", type.group}, {"version", type.version}, {"kind", type.kind}};
    json::object definition = {{"type", "object"}};
    definition["x-kubernetes-group-version-kind"] = json::array{kind};
    definition["x-kubernetes-preserve-unknown-fields"] = true;
    definitions["io.k8s.api." + (type.group.empty() ? "core" : std::string(type.group)) + "." +
                std::string(type.version) + "." + std::string(type.kind)] = std::move(definition);
  }
  return {{"swagger", "2.0"},
          {"info", {{"title", "Kubernetes"}, {"version", "v1.20.2"}}},
          {"paths", std::move(paths)},
          {"definitions", std::move(definitions)}};
}

json::object version() {
  return {{"major", "1"},
          {"minor", "20"},
          {"gitVersion", "v1.20.2"},
          {"gitCommit", "0000000000000000000000000000000000000000"},
          {"gitTreeState", "clean"},
          {"buildDate", "2021-01-13T13:20:00Z"},
          {"goVersion", "none"},
          {"compiler", "g++"},
          {"platform", "linux/amd64"}};
}

std::optional<http::Reply> answer_health(const ApiRequest& request) {
  const auto& first = request.target.segments.front();
  if (first != "healthz" && first != "livez" && first != "readyz") return std::nullopt;
  if (!request.target.find("verbose")) return text_reply("ok");
  return text_reply("[+]ping ok\n" + first + " check passed\n");
}

}  // namespace

std::optional<http::Reply> answer_discovery(const ApiRequest& request, std::string_view address) {
  const auto& parts = request.target.segments;
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (parts.empty()) {
    return json_reply(
        {{"paths", {"/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/readyz", "/version"}}});
  }
  if (auto health = answer_health(request)) return health;
  if (request.path == "/version") return json_reply(version());
  if (request.path == "/openapi/v2") {
    if (request.accept.find("protobuf") == std::string::npos) return json_reply(openapi());
    http::Reply reply{.body = empty_openapi_protobuf()};
    reply.header("Content-Type", "application/octet-stream");
    return reply;
  }
  if (parts[0] == "api") {
    if (parts.size() == 1) return json_reply(core_versions(address));
    if (parts.size() == 2 && parts[1] == "v1") return json_reply(resource_list("", "v1"));
  }
  if (parts[0] == "apis") {
    if (parts.size() == 1) return json_reply(group_list());
    if (!groups().contains(parts[1])) return text_reply("404 page not found\n", 404);
    if (parts.size() == 2) {
      auto entry = group_entry(parts[1]);
      entry["kind"] = "APIGroup";
      entry["apiVersion"] = "v1";
      return json_reply(entry);
    }
    if (parts.size() == 3 && parts[2] == version_of(parts[1])) return json_reply(resource_list(parts[1], parts[2]));
  }
  return std::nullopt;
}

}  // namespace quartermaster::apisim
