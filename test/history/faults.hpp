// What goes wrong while a history is made: one thing after the other, at random, as long as it is told to.
#pragma once

#include <map>
#include <random>
#include <stop_token>
#include <string>

#include "test/history/stage.hpp"

namespace quartermaster::history {

class Faults {
 public:
  /// `only`: the name of the one fault that happens; "" is all.
  Faults(Stage& stage, std::string only) : stage_(stage), only_(std::move(only)) {}

  /// Until `stop`; then all is well again.
  void run(const std::stop_token& stop);
  const std::map<std::string, std::size_t>& counts() const { return counts_; }

 private:
  void do_something();
  void for_a_while();
  void spoil_network(test::FaultProxy::Mode mode);

  Stage& stage_;
  std::string only_;
  std::mt19937 random_{4711};
  std::map<std::string, std::size_t> counts_;
};

}  // namespace quartermaster::history
