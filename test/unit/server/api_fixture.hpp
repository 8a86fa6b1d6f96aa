// The application behind the HTTP layer, with an API server that cannot be reached: for all that is decided without it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/api/direct_reader.hpp"
#include "server/api/service.hpp"
#include "server/auth/gate.hpp"
#include "server/observe/log.hpp"
#include "server/observe/metrics.hpp"
#include "server/observe/stats.hpp"
#include "test/support/http_client.hpp"
#include "test/support/json.hpp"
#include "test/support/run.hpp"

namespace quartermaster::test {

struct ApiFixture {
  ApiFixture() : ApiFixture(http::Limits()) {}
  /// Without `reviewer` nobody is checked; it must outlive the loop's run.
  explicit ApiFixture(const http::Limits& limits, auth::Reviewer* reviewer = nullptr)
      : overload(limits),
        gate(reviewer == nullptr ? nullptr : std::make_unique<auth::Gate>(loop, *reviewer, auth::GateOptions())) {
    observe::set_log_level(observe::Level::off);
  }

  asio::io_context loop{1};
  observe::Metrics metrics;
  observe::Stats stats{Clock::now()};
  kubeapi::Client client{loop, nowhere(), {}, &metrics};
  kubeapi::Api upstream{client};
  api::DirectReader reader{upstream};
  kubeapi::Caches caches;
  api::Settings settings;
  bool draining = false;
  api::Overload overload;
  std::unique_ptr<auth::Gate> gate;
  api::Service service{{upstream, reader, caches, settings, metrics, stats, draining, overload, gate.get()}};

  struct Answer {
    unsigned status = 0;
    std::string body = {};
    std::vector<http::Header> headers = {};
    bool accepted = false;  // the body was asked for
    bool abort = false;
    bool close = false;
    std::size_t body_limit = 0;
    bool cancel_if_abandoned = false;
    Clock::duration time_limit{};  // of the call, from its start

    json::value json() const { return parse_json(body); }
    /// All values of a header, joined with "|".
    std::string header(std::string_view name) const {
      std::string all;
      for (const auto& [key, value] : headers) {
        if (boost::beast::iequals(key, name)) all += (all.empty() ? "" : "|") + value;
      }
      return all;
    }
  };

  Answer ask(const HttpRequest& request) { return run(loop, answer(request)); }
  Answer ask(std::string method, std::string target, std::string body = {}, HeaderList headers = {}) {
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    return ask({std::move(method), std::move(target), std::move(headers), std::move(body)});
  }

 private:
  /// A port of this machine that nobody listens on: connecting is refused at once.
  static kubeapi::ClusterConfig nowhere() {
    kubeapi::ClusterConfig config;
    config.tls = false;
    config.host = "127.0.0.1";
    config.port = 1;
    config.source = "test";
    return config;
  }

  Task<Answer> answer(HttpRequest request) {
    http::Message message{boost::beast::http::string_to_verb(request.method), request.target, 11};
    message.set(http::Field::host, "localhost");
    for (const auto& [name, value] : request.headers) message.insert(name, value);
    if (!request.body.empty()) message.set(http::Field::content_length, std::to_string(request.body.size()));
    const std::string peer = "127.0.0.1:1";
    http::Exchange exchange{
        .request = message, .peer = peer, .started = Clock::now(), .body_limit = http::Limits().body_bytes};
    Answer got;
    auto reply = co_await service.accept(exchange);
    got.accepted = !reply;
    if (!reply) {
      message.body() = request.body;
      reply = co_await service.handle(exchange);
    }
    got.status = reply->status;
    got.body = std::move(reply->body);
    for (const auto piece : reply->pinned.pieces) got.body += piece;
    got.body += reply->tail;
    got.headers = std::move(reply->headers);
    got.abort = reply->abort;
    got.close = reply->close;
    got.body_limit = exchange.body_limit;
    got.cancel_if_abandoned = exchange.cancel_if_abandoned;
    got.time_limit = exchange.call.deadline - exchange.started;
    service.finished(&exchange, {.status = got.status, .body_bytes = got.body.size(), .complete = true});
    co_return got;
  }
};

}  // namespace quartermaster::test
