// The application behind the HTTP layer: from a request to its route's handler and back, with ids, checks, error
// bodies, logs and metrics on the way.
#pragma once

#include "server/api/router.hpp"
#include "server/http/handler.hpp"

namespace quartermaster::api {

class Service : public http::Handler {
 public:
  explicit Service(Services services) : services_(services), router_(routes()) {}

  Task<std::optional<http::Reply>> accept(http::Exchange& exchange) override;
  Task<http::Reply> handle(http::Exchange& exchange) override;
  http::Reply refuse(const Error& error, http::Exchange* exchange) override;
  void finished(http::Exchange* exchange, const http::Outcome& outcome) override;
  void failed(std::string_view what) override;

 private:
  struct State;
  /// Everything that can be known without the body.
  Result<void> prepare(http::Exchange& exchange, State& state) const;
  /// Who calls, and whether they may; the refusal, if not.
  Task<std::optional<Error>> authorize(http::Exchange& exchange, State& state);
  /// Takes a place among the requests in flight, for whom the exchange names. Error: too_many_requests.
  Result<void> admit(const http::Exchange& exchange, State& state);
  Result<void> admit_body(const http::Exchange& exchange, State& state);
  void audit(const http::Exchange& exchange, const State& state, unsigned status);

  Services services_;
  Router router_;
};

}  // namespace quartermaster::api
