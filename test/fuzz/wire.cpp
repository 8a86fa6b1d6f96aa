// A pair of connected sockets. To Asio it makes no difference that they are not TCP.
#include "test/fuzz/wire.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "test/fuzz/fuzz.hpp"

namespace quartermaster::fuzz {

Wire::Wire() {
  std::array<int, 2> ends{};
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0, "a pair of sockets");
  near_ = ends[0];
  far_ = ends[1];
}

Wire::~Wire() {
  ::close(far_);
  if (near_ >= 0) ::close(near_);
}

Socket Wire::take_socket() { return {loop_, Tcp::v4(), std::exchange(near_, -1)}; }

void Wire::turn() {
  loop_.restart();
  loop_.poll();
  std::array<char, 4096> bytes;
  for (;;) {
    const auto n = ::read(far_, bytes.data(), bytes.size());
    if (n <= 0) return;
    received_.append(bytes.data(), static_cast<std::size_t>(n));
  }
}

void Wire::send(std::string_view input, std::size_t piece, const bool& done) {
  while (!input.empty() && !done) {
    const auto bytes = input.substr(0, piece);
    const auto n = ::send(far_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) break;  // it has hung up
    if (n > 0) input.remove_prefix(static_cast<std::size_t>(n));
    turn();
  }
  ::shutdown(far_, SHUT_WR);
  for (int turns = 0; !done && turns < 1000; ++turns) turn();
  check(done, "a peer that says no more is not waited for");
  turn();
}

}  // namespace quartermaster::fuzz
