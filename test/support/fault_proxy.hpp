// A TCP proxy on loopback that does to a server's connections what networks do: nothing, a delay, a reset, silence, an
// end in the middle, garbage.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace quartermaster::test {

class FaultProxy {
 public:
  enum class Mode {
    pass,        // relay
    refuse,      // do not listen: connections are refused
    reset,       // take the connection, and reset it at the first byte
    black_hole,  // take the connection and all bytes, and relay none in either direction, ever
    cut,         // relay `limit` bytes of what the server says, then close
    garbage,     // answer the first bytes with some that are no protocol at all, then close
  };

  /// Relays to `port` on 127.0.0.1.
  explicit FaultProxy(std::uint16_t port);
  ~FaultProxy();  // ends all connections

  /// Stays the same, also over `refuse`.
  std::uint16_t port() const;
  /// For connections from now on, and for the next bytes of those that are there. `refuse` and `reset` end those.
  void mode(Mode mode, std::size_t limit = 0);
  /// Each piece of what the server says arrives so much later.
  void delay(std::chrono::milliseconds delay);
  /// Connections taken so far.
  std::size_t accepted() const;
  /// Connections that are open.
  std::size_t open() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quartermaster::test
