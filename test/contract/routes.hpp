// All routes of the contract, for the cases that go through every one of them.
#pragma once

#include <string>
#include <vector>

namespace quartermaster::test {

/// The media type of a body, by the method that it comes with.
inline std::string body_type(const std::string& method) {
  return method == "PATCH" ? "application/merge-patch+json" : "application/json";
}

struct Route {
  std::string method;
  std::string path;  // "{ns}" and "{name}" stand for names; tenants are namespaces: "{ns}"
  std::string body = {};
  bool has_name() const { return path.find("{name}") != std::string::npos; }
  bool has_namespace() const { return path.find("{ns}") != std::string::npos; }
  bool is_write() const { return method != "GET"; }
  std::string at(const std::string& ns, const std::string& name) const {
    return replaced(replaced(path, "{ns}", ns), "{name}", name);
  }

 private:
  static std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto place = text.find(what);
    return place == std::string::npos ? text : text.replace(place, what.size(), with);
  }
};

inline const std::vector<Route>& routes() {
  static const std::vector<Route> all = {
      {"GET", "/api/v1/pod/{ns}"},
      {"GET", "/api/v1/pod/{ns}/logs"},
      {"GET", "/api/v1/pod/{ns}/name/{name}"},
      {"GET", "/api/v1/pod/{ns}/name/{name}/events"},
      {"GET", "/api/v1/pod/{ns}/name/{name}/timeline"},
      {"GET", "/api/v1/pod/{ns}/name/{name}/logs"},
      {"POST", "/api/v1/pod/{ns}/name/{name}/restart"},
      {"GET", "/api/v1/pvc/{ns}"},
      {"GET", "/api/v1/pvc/{ns}/name/{name}"},
      {"DELETE", "/api/v1/pvc/{ns}?labelselector=app%3Da"},
      {"DELETE", "/api/v1/pvc/{ns}/name/{name}"},
      {"GET", "/api/v1/pvc/{ns}/name/{name}/usage"},
      {"GET", "/api/v1/secret/{ns}"},
      {"GET", "/api/v1/secret/{ns}/name/{name}"},
      {"GET", "/api/v1/secret/{ns}/name/{name}/usage"},
      {"POST", "/api/v1/secret/{ns}", R"({"name": "a"})"},
      {"PUT", "/api/v1/secret/{ns}", R"({"name": "a"})"},
      {"PATCH", "/api/v1/secret/{ns}/name/{name}", R"({"stringData": {"a": null}})"},
      {"DELETE", "/api/v1/secret/{ns}?name=a"},
      {"DELETE", "/api/v1/secret/{ns}/name/{name}"},
      {"GET", "/api/v1/storageclass"},
      {"GET", "/api/v1/storageclass/{name}"},
      {"GET", "/api/v1/tenant"},
      {"GET", "/api/v1/tenant/{ns}"},
      {"POST", "/api/v1/tenant/{ns}", "{}"},
      {"PUT", "/api/v1/tenant/{ns}", "{}"},
      {"DELETE", "/api/v1/tenant/{ns}"},
      {"POST", "/api/v1/tenant/{ns}/fits", R"({"containers": [{}]})"},
  };
  return all;
}

/// Adds a query parameter.
inline std::string with_query(const std::string& target, const std::string& parameter) {
  return target + (target.find('?') == std::string::npos ? "?" : "&") + parameter;
}

}  // namespace quartermaster::test
