#include "test/support/connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include "kubeapi/openssl_ptr.hpp"

namespace quartermaster::test {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

bool wait_for(int fd, short events, SteadyTime until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd entry{fd, events, 0};
    const int n = ::poll(&entry, 1, left > 0 ? static_cast<int>(left) : 0);
    if (n > 0) return true;
    if (n == 0 && left <= 0) return false;
    if (n < 0 && errno != EINTR) return false;
  }
}

SSL_CTX* make_context(const Endpoint& endpoint) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to a socket as to any file
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (!endpoint.ca.empty()) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const openssl::Certificate ca(PEM_read_bio_X509(openssl::bio_of(endpoint.ca).get(), nullptr, nullptr, nullptr));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get());
  }
  if (!endpoint.client_certificate.empty()) {
    const openssl::Certificate certificate(
        PEM_read_bio_X509(openssl::bio_of(endpoint.client_certificate).get(), nullptr, nullptr, nullptr));
    const openssl::Key key(
        PEM_read_bio_PrivateKey(openssl::bio_of(endpoint.client_key).get(), nullptr, nullptr, nullptr));
    SSL_CTX_use_certificate(context, certificate.get());
    SSL_CTX_use_PrivateKey(context, key.get());
  }
  return context;
}

void offer(SSL* ssl, const Endpoint& endpoint) {
  if (!endpoint.alpn.empty()) {
    const auto list = static_cast<char>(endpoint.alpn.size()) + endpoint.alpn;
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(list.data()), static_cast<unsigned>(list.size()));
  }
  if (endpoint.tls_version.empty()) return;
  const int version = endpoint.tls_version == "1.1"   ? TLS1_1_VERSION
                      : endpoint.tls_version == "1.2" ? TLS1_2_VERSION
                                                      : TLS1_3_VERSION;
  SSL_set_security_level(ssl, 0);  // which would not let us offer the old ones
  SSL_set_min_proto_version(ssl, version);
  SSL_set_max_proto_version(ssl, version);
}

}  // namespace

Endpoint parse_endpoint(std::string_view url) {
  Endpoint endpoint;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    endpoint.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  }
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) throw std::invalid_argument("no port in " + std::string(url));
  endpoint.host = std::string(rest.substr(0, colon));
  std::from_chars(rest.data() + colon + 1, rest.data() + rest.size(), endpoint.port);
  if (endpoint.port == 0) throw std::invalid_argument("no port in " + std::string(url));
  return endpoint;
}

struct Connection::State {
  int fd = -1;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;

  ~State() { shut(); }

  void shut() {
    if (ssl != nullptr) SSL_free(ssl);
    if (context != nullptr) SSL_CTX_free(context);
    if (fd >= 0) ::close(fd);
    ssl = nullptr;
    context = nullptr;
    fd = -1;
  }

  /// Repeats an operation of OpenSSL until it is done, waiting as it says; the last error.
  template <class Operation>
  int repeat(Operation&& operation, SteadyTime until) {
    for (;;) {
      ERR_clear_error();
      const int error = SSL_get_error(ssl, operation());
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return error;
      if (!wait_for(fd, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) return error;
    }
  }
};

Connection::Connection(const Endpoint& endpoint, int receive_buffer) : state_(std::make_unique<State>()) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  state_->fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(state_->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer > 0) ::setsockopt(state_->fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);

  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (!endpoint.from.empty()) {
    ::inet_pton(AF_INET, endpoint.from.c_str(), &address.sin_addr);
    if (::bind(state_->fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::system_error(errno, std::generic_category(), "bind to " + endpoint.from);
  }
  address.sin_port = htons(endpoint.port);
  ::inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr);
  int error = 0;
  if (::connect(state_->fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    error = errno;
    if (error == EINPROGRESS && wait_for(state_->fd, POLLOUT, until)) {
      socklen_t length = sizeof error;
      ::getsockopt(state_->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    }
  }
  if (error != 0) throw std::system_error(error, std::generic_category(), "connect to " + endpoint.host);

  if (endpoint.tls) {
    state_->context = make_context(endpoint);
    state_->ssl = SSL_new(state_->context);
    SSL_set_fd(state_->ssl, state_->fd);
    offer(state_->ssl, endpoint);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(state_->ssl), endpoint.host.c_str());
    if (state_->repeat([this] { return SSL_connect(state_->ssl); }, until) != SSL_ERROR_NONE) {
      throw std::runtime_error("TLS handshake with " + endpoint.host + " failed");
    }
  }
}

Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

bool Connection::send(std::string_view bytes, std::chrono::milliseconds bound) {
  const auto until = std::chrono::steady_clock::now() + bound;
  while (!bytes.empty()) {
    if (state_->ssl != nullptr) {
      std::size_t written = 0;
      const int error = state_->repeat(
          [&] { return SSL_write_ex(state_->ssl, bytes.data(), bytes.size(), &written) == 1 ? 1 : -1; }, until);
      if (error != SSL_ERROR_NONE) return false;
      bytes.remove_prefix(written);
      continue;
    }
    const ssize_t n = ::send(state_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EAGAIN || !wait_for(state_->fd, POLLOUT, until)) {
      return false;
    }
  }
  return true;
}

Connection::Read Connection::read(std::string& to, std::size_t most, std::chrono::milliseconds bound) {
  const auto until = std::chrono::steady_clock::now() + bound;
  const std::size_t before = to.size();
  to.resize(before + most);
  Read result = Read::data;
  std::size_t got = 0;
  if (state_->ssl != nullptr) {
    const int error =
        state_->repeat([&] { return SSL_read_ex(state_->ssl, to.data() + before, most, &got) == 1 ? 1 : -1; }, until);
    if (error == SSL_ERROR_ZERO_RETURN) result = Read::end;
    if (error == SSL_ERROR_SYSCALL || error == SSL_ERROR_SSL) result = Read::reset;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) result = Read::timed_out;
  } else {
    for (;;) {
      const ssize_t n = ::recv(state_->fd, to.data() + before, most, 0);
      if (n > 0) {
        got = static_cast<std::size_t>(n);
      } else if (n == 0) {
        result = Read::end;
      } else if (errno == EAGAIN) {
        if (wait_for(state_->fd, POLLIN, until)) continue;
        result = Read::timed_out;
      } else {
        result = Read::reset;
      }
      break;
    }
  }
  to.resize(before + got);
  return result;
}

std::string Connection::read_all(std::chrono::milliseconds bound) {
  const auto until = std::chrono::steady_clock::now() + bound;
  std::string all;
  while (read(all, 64 << 10, std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())) ==
         Read::data) {
  }
  return all;
}

std::string Connection::negotiated() const {
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(state_->ssl, &protocol, &size);
  return std::string(SSL_get_version(state_->ssl)) + " " + std::string(reinterpret_cast<const char*>(protocol), size);
}

void Connection::finish_sending() {
  if (state_->ssl != nullptr) SSL_shutdown(state_->ssl);
  ::shutdown(state_->fd, SHUT_WR);
}

void Connection::close() { state_->shut(); }

void Connection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(state_->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  state_->shut();
}

}  // namespace quartermaster::test
