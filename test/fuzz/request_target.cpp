// Requests, head and body, as a session reads them from a connection. The first byte is the size of the pieces in which
// they come. Which requests there are must not depend on it: what does is a way to smuggle one past a proxy.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <vector>

#include "server/http/session.hpp"
#include "test/fuzz/fuzz.hpp"
#include "test/fuzz/wire.hpp"

namespace http = quartermaster::http;
using quartermaster::Task;
using quartermaster::fuzz::check;

namespace {

/// Notes what it is given.
class Notes final : public http::Handler {
 public:
  Task<std::optional<http::Reply>> accept(http::Exchange& exchange) override {
    exchange.body_limit = 128;
    co_return std::nullopt;
  }
  Task<http::Reply> handle(http::Exchange& exchange) override {
    const auto& request = exchange.request;
    std::string note(request.method_string());
    note.append(" ").append(request.target()).append("\n");
    for (const auto& field : request) note.append(field.name_string()).append(": ").append(field.value()).append("\n");
    check(request.body().size() <= 128, "bodies are limited");
    check(std::distance(request.begin(), request.end()) <= 10, "fields are limited");
    check(request.version() == 10 || request.count(http::Field::host) == 1, "there is one host");
    check(request.count(http::Field::transfer_encoding) == 0 || request.count(http::Field::content_length) == 0,
          "one way to tell the length");
    requests.push_back(note + request.body());
    co_return http::Reply{.body = "ok"};
  }
  http::Reply refuse(const quartermaster::Error& error, http::Exchange*) override {
    check(!error.message.empty(), "a refusal says why");
    refused = true;
    return {.status = 400};
  }
  void finished(http::Exchange*, const http::Outcome& outcome) override { answered += outcome.status != 0 ? 1 : 0; }
  void failed(std::string_view what) override { check(false, what); }

  std::vector<std::string> requests;
  std::size_t answered = 0;
  bool refused = false;
};

Task<void> run(http::Session& session, bool& done) {
  co_await session.run();
  done = true;
}

Notes serve(std::string_view input, std::size_t piece) {
  http::Limits limits;
  limits.head_bytes = 512;
  limits.target_bytes = 128;
  limits.header_count = 10;
  const bool draining = false;
  bool done = false;
  Notes notes;
  quartermaster::fuzz::Wire wire;
  http::Session session(quartermaster::Transport(wire.take_socket()), "peer", notes, limits, draining);
  quartermaster::asio::co_spawn(wire.loop(), run(session, done), quartermaster::asio::detached);
  wire.send(input, piece, done);
  check(wire.received().empty() || wire.received().starts_with("HTTP/1.1 "), "an answer is one");
  return notes;
}

}  // namespace

FUZZ_TARGET(request) {
  input = input.substr(0, 1500);  // more would only be slow: all limits are below that
  const std::size_t piece = 1 + quartermaster::fuzz::Front(input).byte() % 64;
  const auto whole = serve(input, input.size() + 1), pieces = serve(input, piece);
  check(whole.requests == pieces.requests, "the same requests, however they come");
  check(whole.refused == pieces.refused, "the same refusal, however it comes");
}
