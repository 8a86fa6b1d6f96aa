// The listening socket and the set of sessions.
#include "server/http/server.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <charconv>
#include <list>
#include <stdexcept>

#include "server/http/session.hpp"

namespace quartermaster::http {

using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(asio::io_context& io, Handler& h, Limits l, std::shared_ptr<asio::ssl::context> t)
      : loop(io), handler(h), limits(l), tls(std::move(t)), acceptor(io.get_executor()), ended(io.get_executor()) {}

  asio::io_context& loop;
  Handler& handler;
  Limits limits;
  std::shared_ptr<asio::ssl::context> tls;
  Acceptor acceptor;
  std::list<Session> sessions;
  bool draining = false;
  Timer ended;  // cancelled whenever a session ends while draining
  std::uint64_t accepted = 0;

  static Task<void> accept_all(std::shared_ptr<Impl> self) {
    while (self->acceptor.is_open()) {
      auto [ec, socket] = co_await self->acceptor.async_accept(asio::as_tuple(use_task));
      if (ec == asio::error::operation_aborted || !self->acceptor.is_open()) co_return;
      if (ec) {  // out of file descriptors, most likely: wait for some to come back
        Timer pause(self->loop.get_executor(), std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::as_tuple(use_task));
        continue;
      }
      ++self->accepted;
      if (self->sessions.size() >= self->limits.connections) continue;  // the socket closes
      asio::co_spawn(self->loop, run_session(self, std::move(socket)), asio::detached);
    }
  }

  static Task<void> run_session(std::shared_ptr<Impl> self, Socket socket) {
    if (self->draining) co_return;
    error_code ec;
    socket.set_option(Tcp::no_delay(true), ec);
    socket.set_option(asio::socket_base::keep_alive(true), ec);
    const auto peer = socket.remote_endpoint(ec);
    auto name = ec ? std::string() : peer.address().to_string() + ":" + std::to_string(peer.port());
    auto transport = self->tls ? Transport(std::move(socket), self->tls) : Transport(std::move(socket));
    const auto session = self->sessions.emplace(self->sessions.end(), std::move(transport), std::move(name),
                                                self->handler, self->limits, self->draining);
    co_await session->run();
    self->sessions.erase(session);
    if (self->draining) self->ended.cancel();
  }
};

Server::Server(asio::io_context& loop, Handler& handler, Limits limits, std::shared_ptr<asio::ssl::context> tls)
    : impl_(std::make_shared<Impl>(loop, handler, limits, std::move(tls))) {}

Server::~Server() {
  stop_accepting();
  for (auto& session : impl_->sessions) session.abort();
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
  asio::co_spawn(impl_->loop, Impl::accept_all(impl_), asio::detached);
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
  for (auto& session : self->sessions) session.abort();
  co_return clean;
}

void Server::abort() {
  for (auto& session : impl_->sessions) session.abort();
}

std::size_t Server::connections() const { return impl_->sessions.size(); }
std::uint64_t Server::accepted() const { return impl_->accepted; }

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
