// A client, the server that it talks to, and what it tells its observer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kubeapi/client.hpp"
#include "test/support/result.hpp"
#include "test/support/run.hpp"
#include "test/support/scripted_server.hpp"

namespace quartermaster::test {

struct RecordingObserver final : kubeapi::ClientObserver {
  struct Done {
    std::string resource;
    unsigned code;
  };
  std::vector<Done> done;
  std::vector<std::string> retries;
  std::vector<std::pair<bool, std::string>> reachable;
  std::vector<std::pair<bool, std::string>> credentials;
  std::vector<std::pair<bool, std::string>> circuit;
  std::size_t refused = 0;

  void request_done(kubeapi::http::verb, std::string_view resource, unsigned code, double) override {
    done.push_back({std::string(resource), code});
  }
  void request_retried(std::string_view why) override { retries.emplace_back(why); }
  void reachable_changed(bool yes, std::string_view why) override { reachable.emplace_back(yes, why); }
  void credentials_event(bool problem, std::string_view message) override {
    credentials.emplace_back(problem, message);
  }
  void circuit_changed(bool open, std::string_view why) override { circuit.emplace_back(open, why); }
  void request_refused() override { ++refused; }
};

inline kubeapi::Request get(std::string target) { return {.target = std::move(target), .resource = "things"}; }

inline kubeapi::Request post(std::string target, std::string body) {
  return {
      .method = kubeapi::http::verb::post, .target = std::move(target), .body = std::move(body), .resource = "things"};
}

inline Call within(Clock::duration time) { return {.deadline = Clock::now() + time}; }

struct ClientFixture {
  asio::io_context loop{1};
  RecordingObserver observer;
  std::optional<ScriptedServer> server_;
  std::optional<kubeapi::Client> client_;
  kubeapi::ClientOptions options;

  ScriptedServer& server(std::optional<ScriptedServer::Tls> tls = {}) {
    if (!server_) server_.emplace(loop, std::move(tls));
    return *server_;
  }
  kubeapi::Client& client() {
    if (!client_) connect(server().config());
    return *client_;
  }
  kubeapi::Client& connect(kubeapi::ClusterConfig config) {
    return client_.emplace(loop, std::move(config), options, &observer);
  }

  Running<Result<kubeapi::Response>> start(kubeapi::Request request, Call call = {}) {
    return {loop, client().send(std::move(request), std::move(call))};
  }
  Result<kubeapi::Response> ask(kubeapi::Request request, Call call = {}) {
    return start(std::move(request), std::move(call)).get();
  }
  Result<std::unique_ptr<ByteStream>> open(kubeapi::Request request, Call call = {}) {
    return run(loop, client().open(std::move(request), std::move(call)));
  }
  /// Until a whole request has come, the n-th.
  void until_requested(std::size_t n = 1) {
    run_until(loop, [&] { return server().requests().size() >= n; });
  }
};

}  // namespace quartermaster::test
