// Plain and TLS connections behind one type, so that Asio's templates are instantiated here and nowhere else.
#include "kubeapi/transport.hpp"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <optional>
#include <tuple>

namespace quartermaster {
namespace {

/// Asio's check of the name, remembering that it was this that failed: OpenSSL reports no reason of its own then.
struct HostVerification {
  asio::ssl::host_name_verification check;
  bool& wrong_host;
  HostVerification(const std::string& host, bool& wrong) : check(host), wrong_host(wrong) {}
  bool operator()(bool preverified, asio::ssl::verify_context& context) const {
    const bool good = check(preverified, context);
    if (preverified && !good) wrong_host = true;
    return good;
  }
};

}  // namespace

struct Transport::State : std::enable_shared_from_this<Transport::State> {
  using Tls = asio::ssl::stream<Socket&>;

  State(Socket s, std::shared_ptr<asio::ssl::context> context)
      : socket(std::move(s)), tls_context(std::move(context)), timer(socket.get_executor()) {
    if (tls_context) tls.emplace(socket, *tls_context);
  }

  Socket socket;
  std::shared_ptr<asio::ssl::context> tls_context;  // outlives a reload of certificates
  std::optional<Tls> tls;
  bool wrong_host = false;  // the certificate is good, but for somebody else
  Timer timer;
  Clock::time_point deadline = Clock::time_point::max();
  Clock::time_point armed_for = Clock::time_point::max();
  bool only_reading = false;  // the deadline's: the connection outlives it
  bool timed_out = false;

  std::function<void()> on_gone;
  std::optional<Timer> peer_poll;  // only once unread bytes hide the end of the stream

  void close() {
    error_code ignored;
    socket.close(ignored);
    timer.cancel();
    armed_for = Clock::time_point::max();
    unwatch();
  }

  void set_deadline(Clock::time_point when, bool for_reading) {
    deadline = when;
    only_reading = for_reading;
    if (socket.is_open()) timed_out = false;
    arm();
  }

  void expire() {
    timed_out = true;
    error_code ignored;
    if (only_reading)
      socket.cancel(ignored);
    else
      close();
  }

  void arm() {
    if (deadline >= armed_for || !socket.is_open()) return;
    armed_for = deadline;
    timer.expires_at(deadline);
    timer.async_wait([weak = weak_from_this()](error_code ec) {
      const auto self = weak.lock();
      if (ec || !self) return;
      self->armed_for = Clock::time_point::max();
      if (Clock::now() >= self->deadline) {
        self->expire();
      } else {
        self->arm();
      }
    });
  }

  error_code explain(error_code ec) const { return ec && timed_out ? error_code(asio::error::timed_out) : ec; }

  void unwatch() {
    on_gone = nullptr;
    if (peer_poll) peer_poll->cancel();
    // A wait for readability that is under way finds on_gone empty.
  }

  void gone() {
    if (auto callback = std::exchange(on_gone, nullptr)) callback();
  }

  void watch_soon() {
    if (watching || about_to_watch) return;
    about_to_watch = true;
    asio::post(socket.get_executor(), [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->about_to_watch = false;
      if (self->on_gone && self->socket.is_open()) self->watch();
    });
  }

  void watch() {
    if (watching) return;
    watching = true;
    socket.async_wait(Socket::wait_read, [weak = weak_from_this()](error_code ec) {
      const auto self = weak.lock();
      if (!self) return;
      self->watching = false;
      if (ec || !self->on_gone) return;
      char byte;
      const auto n = ::recv(self->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return self->gone();
      if (n < 0) return self->watch();
      self->poll_peer();
    });
  }

  /// Bytes are waiting that nobody reads yet (a pipelined request, a TLS record), so readability says nothing more. The
  /// kernel's connection state does.
  void poll_peer() {
    pollfd fd{socket.native_handle(), POLLRDHUP, 0};
    if (::poll(&fd, 1, 0) > 0 && (fd.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) return gone();
    if (!peer_poll) peer_poll.emplace(socket.get_executor());
    peer_poll->expires_after(std::chrono::milliseconds(100));
    peer_poll->async_wait([weak = weak_from_this()](error_code ec) {
      const auto self = weak.lock();
      if (!ec && self && self->on_gone && self->socket.is_open()) self->poll_peer();
    });
  }

  bool about_to_watch = false;
  bool watching = false;
};

Transport::Transport(Socket socket) : state_(std::make_shared<State>(std::move(socket), nullptr)) {}
Transport::Transport(Socket socket, std::shared_ptr<asio::ssl::context> tls)
    : state_(std::make_shared<State>(std::move(socket), std::move(tls))) {}
Transport::Transport(Transport&&) noexcept = default;
Transport& Transport::operator=(Transport&& other) noexcept {
  if (this != &other) {
    if (state_) state_->close();
    state_ = std::move(other.state_);
  }
  return *this;
}
Transport::~Transport() {
  if (state_) state_->close();
}

Task<error_code> Transport::handshake_client(std::string host, bool verify) {
  const auto state = state_;
  auto& tls = *state->tls;
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  // Server Name Indication is for names only (RFC 6066 section 3).
  if (not_an_address && SSL_set_tlsext_host_name(tls.native_handle(), host.c_str()) != 1) {
    co_return error_code(asio::error::invalid_argument);
  }
  tls.set_verify_mode(verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
  if (verify) tls.set_verify_callback(HostVerification{host, state->wrong_host});
  const auto [ec] = co_await tls.async_handshake(asio::ssl::stream_base::client, asio::as_tuple(use_task));
  co_return state->explain(ec);
}

std::string Transport::certificate_error() const {
  if (!state_->tls) return {};
  if (state_->wrong_host) return "it is for another host";
  const auto code = SSL_get_verify_result(state_->tls->native_handle());
  return code == X509_V_OK ? std::string() : X509_verify_cert_error_string(code);
}

Task<error_code> Transport::handshake_server() {
  const auto state = state_;
  const auto [ec] = co_await state->tls->async_handshake(asio::ssl::stream_base::server, asio::as_tuple(use_task));
  co_return state->explain(ec);
}

bool Transport::peer_verified() const {
  if (!state_->tls) return false;
  SSL* const ssl = state_->tls->native_handle();
  return SSL_get0_peer_certificate(ssl) != nullptr && SSL_get_verify_result(ssl) == X509_V_OK;
}

Task<Transport::IoResult> Transport::read_some(asio::mutable_buffer buffer) {
  const auto state = state_;
  // A read_deadline that passed while nobody was reading.
  if (state->timed_out) co_return IoResult{asio::error::timed_out, 0};
  if (state->tls) {
    const auto [ec, n] = co_await state->tls->async_read_some(buffer, asio::as_tuple(use_task));
    co_return IoResult{state->explain(ec), n};
  }
  const auto [ec, n] = co_await state->socket.async_read_some(buffer, asio::as_tuple(use_task));
  co_return IoResult{state->explain(ec), n};
}

Task<Transport::IoResult> Transport::write(std::span<const asio::const_buffer> buffers) {
  const auto state = state_;
  if (state->tls) {
    const auto [ec, n] = co_await asio::async_write(*state->tls, buffers, asio::as_tuple(use_task));
    co_return IoResult{state->explain(ec), n};
  }
  const auto [ec, n] = co_await asio::async_write(state->socket, buffers, asio::as_tuple(use_task));
  co_return IoResult{state->explain(ec), n};
}

Task<Transport::IoResult> Transport::write(std::string_view bytes) {
  const asio::const_buffer one[] = {asio::buffer(bytes)};
  co_return co_await write(one);
}

void Transport::watch_peer(std::function<void()> on_gone) {
  state_->on_gone = std::move(on_gone);
  state_->watch_soon();
}
void Transport::unwatch_peer() { state_->unwatch(); }

void Transport::deadline(Clock::time_point when) { state_->set_deadline(when, false); }
void Transport::read_deadline(Clock::time_point when) { state_->set_deadline(when, true); }
bool Transport::timed_out() const { return state_->timed_out; }

Task<void> Transport::shutdown_send() {
  const auto state = state_;
  if (state->tls) co_await state->tls->async_shutdown(asio::as_tuple(use_task));
  error_code ignored;
  if (state->socket.is_open()) state->socket.shutdown(Tcp::socket::shutdown_send, ignored);
}

Task<void> Transport::linger(std::size_t most) {
  const auto state = state_;
  co_await shutdown_send();
  error_code ec;
  std::string scratch(std::min<std::size_t>(most, 16U << 10), '\0');
  for (std::size_t total = 0; !ec && total < most;) {
    std::size_t n = 0;
    std::tie(ec, n) = co_await state->socket.async_read_some(asio::buffer(scratch), asio::as_tuple(use_task));
    total += n;
  }
  state->close();
}

void Transport::close() { state_->close(); }
void Transport::reset() {
  error_code ignored;
  state_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  state_->close();
}
bool Transport::is_open() const { return state_->socket.is_open(); }
bool Transport::is_tls() const { return state_->tls.has_value(); }
Socket& Transport::socket() { return state_->socket; }

}  // namespace quartermaster
