// The simulated API server's side of the HTTP layer: authentication, faults, the record of requests.
#pragma once

#include <deque>
#include <memory>

#include "server/http/handler.hpp"
#include "test/apisim/faults.hpp"
#include "test/apisim/request.hpp"

namespace quartermaster::apisim {

using Requests = std::deque<std::shared_ptr<Request>>;

class Front : public http::Handler {
 public:
  Front(Cluster& cluster, Faults& faults, Requests& requests)
      : cluster_(cluster), faults_(faults), requests_(requests) {}

  Task<std::optional<http::Reply>> accept(http::Exchange& exchange) override;
  Task<http::Reply> handle(http::Exchange& exchange) override;
  http::Reply refuse(const Error& error, http::Exchange* exchange) override;
  void finished(http::Exchange* exchange, const http::Outcome& outcome) override;
  void failed(std::string_view what) override;

 private:
  http::Reply answer(const http::Exchange& exchange, Request& record);
  std::shared_ptr<Request> record(const http::Exchange& exchange);

  Cluster& cluster_;
  Faults& faults_;
  Requests& requests_;
};

}  // namespace quartermaster::apisim
