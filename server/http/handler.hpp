// What the HTTP layer wants from the application behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kubeapi/call.hpp"
#include "model/error.hpp"
#include "server/http/message.hpp"

namespace quartermaster::http {

/// What a handler keeps from accept() to finished().
struct HandlerState {
  virtual ~HandlerState() = default;
};

/// One request and its answer.
struct Exchange {
  const Message& request;        // its body is there in handle(), not before
  const std::string& peer;       // "127.0.0.1:40000"
  Clock::time_point started;     // when the head was complete
  bool client_verified = false;  // by a certificate, in TLS
  Call call = {};

  // Set by accept():
  std::string caller = {};           // the name of who calls, once authenticated; "" for nobody
  std::size_t body_limit = 0;        // a longer body is refused; the server's limit is there at first
  bool cancel_if_abandoned = false;  // request call.stop when the caller hangs up: for what only reads

  std::unique_ptr<HandlerState> state = {};
};

/// How an exchange ended.
struct Outcome {
  unsigned status = 0;           // 0: no answer was sent
  std::uint64_t body_bytes = 0;  // sent, without framing
  Clock::duration duration{};
  bool complete = false;  // false: the answer was cut off
};

class Handler {
 public:
  virtual ~Handler() = default;

  /// The head has arrived: refuse it with a reply, or say in `exchange` how to go on.
  virtual Task<std::optional<Reply>> accept(Exchange& exchange) = 0;
  /// The body has arrived.
  virtual Task<Reply> handle(Exchange& exchange) = 0;
  /// The answer to what is no acceptable HTTP request; `exchange` is null where not even the head was one.
  virtual Reply refuse(const Error& error, Exchange* exchange) = 0;
  /// The answer was sent, or could not be. Called once for each exchange and refusal.
  virtual void finished(Exchange* exchange, const Outcome& outcome) = 0;
  /// Something was thrown: a bug. The caller gets a 500 that does not say what.
  virtual void failed(std::string_view what) = 0;
};

}  // namespace quartermaster::http
