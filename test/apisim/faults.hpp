// Faults that tests inject: which request is hit, and what becomes of its answer.
#pragma once

#include <list>
#include <optional>
#include <regex>
#include <string>

#include "kubeapi/task.hpp"
#include "server/http/message.hpp"
#include "test/apisim/api_server.hpp"

namespace quartermaster::apisim {

class Faults {
 public:
  void add(Fault fault);
  void clear() { entries_.clear(); }
  /// The first fault that is due for a request; counts it.
  std::optional<Fault> take(const std::string& method, const std::string& target);

 private:
  struct Entry {
    Fault fault;
    std::regex target;
  };
  std::list<Entry> entries_;
};

/// The answer of an `answer` fault.
http::Reply fault_reply(const Fault& fault);
/// Body, content type, cut and pace; `stop` is the request's.
void spoil(http::Reply& reply, const Fault& fault, asio::io_context& loop, const std::stop_token& stop);
/// Until then, or until nobody wants it any more.
Task<void> pause(asio::io_context& loop, Clock::time_point until, std::stop_token stop);

}  // namespace quartermaster::apisim
