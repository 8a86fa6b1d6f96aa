#include "test/contract/cluster.hpp"

#include <stdexcept>

namespace quartermaster::test {

namespace {

json::value must(const HttpAnswer& answer, const std::string& what) {
  if (answer.status / 100 != 2) {
    throw std::runtime_error(what + ": " + std::to_string(answer.status) + " " + answer.body.substr(0, 1000));
  }
  return answer.json();
}

}  // namespace

HttpAnswer Cluster::raw(const std::string& method, const std::string& path, const std::string& body,
                        const std::string& content_type) const {
  HttpRequest request{method, path, {{"Authorization", "Bearer " + token()}, {"Accept", "application/json"}}, body};
  if (!body.empty()) request.headers.emplace_back("Content-Type", content_type);
  return exchange(api(), request);
}

json::value Cluster::create(const std::string& collection, const json::value& object) const {
  return must(raw("POST", collection, print(object)), "POST " + collection);
}

json::value Cluster::get(const std::string& path) const { return must(raw("GET", path), "GET " + path); }

json::value Cluster::patch(const std::string& path, const json::value& change) const {
  return must(raw("PATCH", path, print(change), "application/merge-patch+json"), "PATCH " + path);
}

void Cluster::remove(const std::string& path) const {
  const HttpAnswer answer = raw("DELETE", path, R"({"gracePeriodSeconds":0})");
  if (answer.status != 404) must(answer, "DELETE " + path);
}

bool Cluster::exists(const std::string& path) const { return raw("GET", path).status == 200; }

}  // namespace quartermaster::test
