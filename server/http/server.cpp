// The listening socket and the set of sessions.
#include "server/http/server.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <charconv>
#include <list>
#include <map>
#include <optional>
#include <stdexcept>

#include "kubeapi/spawn.hpp"
#include "server/http/session.hpp"

namespace quartermaster::http {

namespace {
constexpr std::size_t kTurnedAwayAtOnce = 64;  // are told why; the others are just closed
}

using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(asio::io_context& io, Handler& h, Limits l, TlsSource t)
      : loop(io), handler(h), limits(l), tls(std::move(t)), acceptor(io.get_executor()), ended(io.get_executor()) {}

  asio::io_context& loop;
  Handler& handler;
  Limits limits;
  TlsSource tls;
  Acceptor acceptor;
  std::list<Session> sessions;
  std::list<Session> turned_away;  // being told so
  std::map<asio::ip::address, std::size_t> peers;
  ConnectionCounts counts;  // open: from accepting on
  bool draining = false;
  Timer ended;  // cancelled whenever a session ends while draining

  static Task<void> accept_all(std::shared_ptr<Impl> self) {
    while (self->acceptor.is_open()) {
      auto [ec, socket] = co_await self->acceptor.async_accept(asio::as_tuple(use_task));
      if (ec == asio::error::operation_aborted || !self->acceptor.is_open()) co_return;
      if (ec) {  // out of file descriptors, most likely: wait for some to come back
        Timer pause(self->loop.get_executor(), std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::as_tuple(use_task));
        continue;
      }
      ++self->counts.accepted;
      const auto peer = socket.remote_endpoint(ec);
      if (ec) continue;  // it has gone already
      if (auto refusal = self->refusal_of(peer.address())) {
        if (self->tls || self->turned_away.size() >= kTurnedAwayAtOnce) continue;  // the socket closes
        spawn(self->loop, turn_away(self, std::move(socket), peer, std::move(*refusal)));
        continue;
      }
      spawn(self->loop, run_session(self, std::move(socket), Place(self, peer.address()), peer));
    }
  }

  /// Counts a connection for as long as it lives.
  class Place {
   public:
    Place(std::shared_ptr<Impl> impl, asio::ip::address address) : impl_(std::move(impl)), address_(address) {
      ++impl_->counts.open;
      ++impl_->peers[address_];
    }
    Place(Place&&) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (!impl_) return;
      --impl_->counts.open;
      if (const auto peer = impl_->peers.find(address_); --peer->second == 0) impl_->peers.erase(peer);
    }

   private:
    std::shared_ptr<Impl> impl_;
    asio::ip::address address_;
  };

  /// Why there is no room for one more connection from this address, if there is none.
  std::optional<Error> refusal_of(const asio::ip::address& address) {
    if (counts.open >= limits.connections) {
      ++counts.over_limit;
      return Error{ErrorCode::unavailable, "there are too many connections"};
    }
    if (const auto peer = peers.find(address); peer != peers.end() && peer->second >= limits.connections_per_peer) {
      ++counts.over_peer_limit;
      return Error{ErrorCode::too_many_requests, "there are too many connections from this address"};
    }
    return std::nullopt;
  }

  static std::list<Session>::iterator add_session(const std::shared_ptr<Impl>& self, std::list<Session>& to,
                                                  Socket socket, const Tcp::endpoint& peer) {
    error_code ec;
    socket.set_option(Tcp::no_delay(true), ec);
    socket.set_option(asio::socket_base::keep_alive(true), ec);
    auto name = peer.address().to_string() + ":" + std::to_string(peer.port());
    auto transport = self->tls ? Transport(std::move(socket), self->tls()) : Transport(std::move(socket));
    return to.emplace(to.end(), std::move(transport), std::move(name), self->handler, self->limits, self->draining);
  }

  /// The end, if that fails: it is the end of that one connection.
  static std::list<Session>::iterator try_add(const std::shared_ptr<Impl>& self, std::list<Session>& to, Socket socket,
                                              const Tcp::endpoint& peer) {
    try {
      return add_session(self, to, std::move(socket), peer);
    } catch (const std::exception& bug) {
      self->handler.failed(bug.what());
    }
    return to.end();
  }

  static Task<void> run_session(std::shared_ptr<Impl> self, Socket socket, [[maybe_unused]] Place place,
                                Tcp::endpoint peer) {
    if (self->draining) co_return;
    const auto session = try_add(self, self->sessions, std::move(socket), peer);
    if (session == self->sessions.end()) co_return;
    co_await session->run();
    self->sessions.erase(session);
    if (self->draining) self->ended.cancel();
  }

  static Task<void> turn_away(std::shared_ptr<Impl> self, Socket socket, Tcp::endpoint peer, Error why) {
    if (self->draining) co_return;
    const auto session = try_add(self, self->turned_away, std::move(socket), peer);
    if (session == self->turned_away.end()) co_return;
    co_await session->turn_away(std::move(why));
    self->turned_away.erase(session);
  }

  void abort() {
    for (auto& session : sessions) session.abort();
    for (auto& session : turned_away) session.abort();
  }
};

Server::Server(asio::io_context& loop, Handler& handler, Limits limits, TlsSource tls)
    : impl_(std::make_shared<Impl>(loop, handler, limits, std::move(tls))) {}

Server::~Server() {
  stop_accepting();
  impl_->abort();
}

Tcp::endpoint Server::listen(const std::string& address) {
  auto endpoint = parse_listen_address(address);
  auto& acceptor = impl_->acceptor;
  try {
    error_code ec;
    acceptor.open(endpoint.protocol(), ec);
    if (ec == asio::error::address_family_not_supported && address.starts_with(':')) {  // a kernel without IPv6
      endpoint = {Tcp::v4(), endpoint.port()};
      acceptor.open(endpoint.protocol(), ec);
    }
    if (ec) throw boost::system::system_error(ec);
    acceptor.set_option(asio::socket_base::reuse_address(true));
    if (endpoint.address().is_v6() && endpoint.address().is_unspecified()) {
      acceptor.set_option(asio::ip::v6_only(false));
    }
    acceptor.bind(endpoint);
    acceptor.listen(asio::socket_base::max_listen_connections);
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error("cannot listen on " + address + ": " + e.code().message());
  }
  spawn(impl_->loop, Impl::accept_all(impl_));
  return acceptor.local_endpoint();
}

void Server::stop_accepting() {
  impl_->draining = true;
  error_code ignored;
  impl_->acceptor.close(ignored);
  for (auto& session : impl_->sessions) session.close_if_idle();
}

Task<bool> Server::drain(Clock::time_point deadline) {
  const auto self = impl_;
  while (!self->sessions.empty() && Clock::now() < deadline) {
    self->ended.expires_at(deadline);
    co_await self->ended.async_wait(asio::as_tuple(use_task));
  }
  const bool clean = self->sessions.empty();
  self->abort();
  co_return clean;
}

void Server::abort() { impl_->abort(); }

ConnectionCounts Server::connections() const { return impl_->counts; }

Tcp::endpoint parse_listen_address(const std::string& address) {
  const auto fail = [&](const char* why) -> std::runtime_error {
    return std::runtime_error("bad listen address \"" + address + "\": " + why +
                              "; write it as 127.0.0.1:8080, [::1]:8080 or :8080");
  };
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) throw fail("no port");
  unsigned port = 0;
  const auto* first = address.data() + colon + 1;
  const auto* last = address.data() + address.size();
  if (const auto [end, ec] = std::from_chars(first, last, port); ec != std::errc() || end != last || port > 65535) {
    throw fail("the port is not a number from 0 to 65535");
  }
  auto host = address.substr(0, colon);
  if (host.empty()) return {Tcp::v6(), static_cast<asio::ip::port_type>(port)};  // dual-stack: IPv4, too
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  error_code ec;
  const auto ip = asio::ip::make_address(host, ec);
  if (ec) throw fail("the host is not an IP address");
  return {ip, static_cast<asio::ip::port_type>(port)};
}

}  // namespace quartermaster::http
