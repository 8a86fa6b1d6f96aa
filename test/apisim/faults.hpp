// Faults that tests inject: which request is hit, and what becomes of its answer.
#pragma once

#include <list>
#include <optional>
#include <regex>
#include <string>

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
/// Body, content type and cut.
void spoil(http::Reply& reply, const Fault& fault);

}  // namespace quartermaster::apisim
