// A simulated API server and requests to it, over a socket as any client makes them.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "test/apisim/api_server.hpp"
#include "test/support/http_client.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::apisim {

struct Fixture {
  explicit Fixture(const Options& options = {}) { endpoint = test_endpoint(server.start(options)); }

  static test::Endpoint test_endpoint(const Endpoint& from) {
    auto result = test::parse_endpoint(from.url);
    result.ca = from.ca_pem;
    return result;
  }

  static test::HttpRequest request(std::string method, std::string target, std::string body = {},
                                   std::string content_type = "application/json") {
    test::HttpRequest result{
        .method = std::move(method), .target = std::move(target), .headers = {}, .body = std::move(body)};
    result.headers.emplace_back("Authorization", "Bearer " + std::string(kAdminToken));
    if (!result.body.empty()) result.headers.emplace_back("Content-Type", std::move(content_type));
    return result;
  }

  test::HttpAnswer call(std::string method, std::string target, std::string body = {},
                        std::string content_type = "application/json") const {
    return test::exchange(endpoint,
                          request(std::move(method), std::move(target), std::move(body), std::move(content_type)));
  }
  test::HttpAnswer get(std::string target) const { return call("GET", std::move(target)); }
  test::HttpAnswer merge(std::string target, std::string body) const {
    return call("PATCH", std::move(target), std::move(body), "application/merge-patch+json");
  }
  test::AnswerReader open(std::string target) const {
    return test::open_exchange(endpoint, request("GET", std::move(target)));
  }

  void make_namespace(const std::string& name) {
    server.create(R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ")" + name + "\"}}");
  }
  void make_config_map(const std::string& name, const std::string& more = {}) {
    server.create(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "demo", "name": ")" + name +
                  "\"" + more + "}}");
  }

  ApiServer server;
  test::Endpoint endpoint;
};

/// With a namespace "demo".
struct DemoNamespace : Fixture {
  explicit DemoNamespace(const Options& options = {}) : Fixture(options) { make_namespace("demo"); }
};

inline std::string message_of(const test::HttpAnswer& answer) { return test::text_at(answer.json(), "/message"); }

/// The lines of a watch that have come, one event each.
class WatchReader {
 public:
  explicit WatchReader(test::AnswerReader reader) : reader_(std::move(reader)) {}

  /// Throws when the watch ends first.
  json::value next(std::chrono::milliseconds bound = std::chrono::seconds(60)) {
    for (;;) {
      if (const auto end = text_.find('\n'); end != std::string::npos) {
        auto event = test::parse_json(text_.substr(0, end));
        text_.erase(0, end + 1);
        return event;
      }
      const auto more = reader_.more(bound);
      if (more.empty()) throw std::runtime_error("the watch has ended");
      text_ += more;
    }
  }
  /// "ADDED a".
  std::string next_line() {
    const auto event = next();
    const auto type = test::text_at(event, "/type");
    return type + " " + (type == "ERROR" || type == "BOOKMARK" ? "" : test::text_at(event, "/object/metadata/name"));
  }
  /// Whether it ends here, in good order.
  bool ends() { return text_.empty() && reader_.more().empty() && reader_.complete(); }
  bool is_cut() { return reader_.more().empty() && !reader_.complete(); }

 private:
  test::AnswerReader reader_;
  std::string text_;
};

}  // namespace quartermaster::apisim
