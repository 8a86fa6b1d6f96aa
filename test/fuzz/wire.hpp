// A connection whose other end is the fuzzer: what it sends comes in pieces of any size, then it says no more.
#pragma once

#include <string>
#include <string_view>

#include "kubeapi/transport.hpp"

namespace quartermaster::fuzz {

class Wire {
 public:
  Wire();
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  asio::io_context& loop() { return loop_; }
  /// The near end. Once only.
  Socket take_socket();

  /// Sends `input` in pieces; the loop does what it can after each. Then nothing more comes, and `done` must become
  /// true without any time passing.
  void send(std::string_view input, std::size_t piece, const bool& done);
  /// What came back.
  const std::string& received() const { return received_; }

 private:
  void turn();

  asio::io_context loop_{1};
  int near_ = -1, far_ = -1;
  std::string received_;
};

}  // namespace quartermaster::fuzz
