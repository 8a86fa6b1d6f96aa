#include "test/support/fault_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace quartermaster::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// On `port`; 0 is any.
int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 128) != 0) {
    throw std::system_error(errno, std::generic_category(), "listen");
  }
  return fd;
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

void reset_at_close(int fd) {
  const linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

struct FaultProxy::State {
  std::uint16_t target = 0;
  std::uint16_t port = 0;
  std::atomic<Mode> mode{Mode::pass};
  std::atomic<std::size_t> limit{0};
  std::atomic<long> delay_ms{0};
  std::atomic<unsigned> generation{0};  // connections of an older one end
  std::atomic<std::size_t> accepted{0};
  std::atomic<std::size_t> open{0};
  std::atomic<bool> stopping{false};

  std::mutex mutex;
  int listener = -1;
  std::vector<std::thread> relays;
  std::thread acceptor;

  void set_listening(bool on) {
    const std::lock_guard lock(mutex);
    if (on && listener < 0) listener = listen_on(port);
    if (!on && listener >= 0) {
      ::close(listener);
      listener = -1;
    }
  }

  void accept_all() {
    while (!stopping) {
      int taken = -1;
      {
        const std::lock_guard lock(mutex);
        if (listener >= 0) taken = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (taken >= 0) {
          ++accepted;
          ++open;
          relays.emplace_back(&State::relay, this, taken, generation.load());
        }
      }
      if (taken < 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  void relay(int client, unsigned own_generation) {
    const int on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int server = connect_to(target);
    if (server < 0) reset_at_close(client);
    Relayed relayed;
    bool going = server >= 0;
    while (going && !stopping && generation == own_generation) {
      pollfd entries[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      if (::poll(entries, 2, 20) <= 0) continue;
      if (entries[0].revents != 0) going = pass_on(client, server, client, relayed, false);
      if (going && entries[1].revents != 0) going = pass_on(server, client, client, relayed, true);
    }
    if (generation != own_generation) reset_at_close(client);
    if (server >= 0) ::close(server);
    ::close(client);
    --open;
  }

  /// Of one connection.
  struct Relayed {
    std::size_t answered = 0;  // bytes that the server has said so far
    bool lost = false;         // bytes are missing: no network shows what comes behind them
  };

  /// Takes one piece from `from` and does with it what the mode says; false ends the connection.
  bool pass_on(int from, int to, int client, Relayed& relayed, bool is_answer) {
    char buffer[16384];
    const ssize_t n = ::recv(from, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    std::string_view bytes(buffer, static_cast<std::size_t>(n));
    switch (mode.load()) {
      case Mode::black_hole:
        relayed.lost = true;
        return true;
      case Mode::reset:
      case Mode::refuse:
        reset_at_close(client);
        return false;
      case Mode::garbage:
        send_all(client, "\x01\x02 this is no answer of any protocol \xff\xfe\r\n\r\n");
        return false;
      case Mode::cut:
        if (!is_answer) break;
        if (relayed.answered + bytes.size() >= limit) {
          send_all(to, bytes.substr(0, limit - relayed.answered));
          return false;
        }
        relayed.answered += bytes.size();
        break;
      case Mode::pass:
        break;
    }
    if (relayed.lost) return true;
    if (is_answer && delay_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    return send_all(to, bytes);
  }
};

FaultProxy::FaultProxy(std::uint16_t port) : state_(std::make_unique<State>()) {
  state_->target = port;
  state_->set_listening(true);
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ::getsockname(state_->listener, reinterpret_cast<sockaddr*>(&address), &length);
  state_->port = ntohs(address.sin_port);
  state_->acceptor = std::thread(&State::accept_all, state_.get());
}

FaultProxy::~FaultProxy() {
  state_->stopping = true;
  state_->acceptor.join();
  for (std::thread& relay : state_->relays) relay.join();
  state_->set_listening(false);
}

std::uint16_t FaultProxy::port() const { return state_->port; }

void FaultProxy::mode(Mode mode, std::size_t limit) {
  state_->limit = limit;
  state_->mode = mode;
  if (mode == Mode::refuse || mode == Mode::reset) ++state_->generation;
  state_->set_listening(mode != Mode::refuse);
}

void FaultProxy::delay(std::chrono::milliseconds delay) { state_->delay_ms = delay.count(); }
std::size_t FaultProxy::accepted() const { return state_->accepted; }
std::size_t FaultProxy::open() const { return state_->open; }

}  // namespace quartermaster::test
