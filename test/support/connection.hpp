// A client's connection as bytes, plain or TLS, with a bound on every wait: for requests as they should not be, for
// half answers and slow readers. http_client.hpp stands on it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace quartermaster::test {

/// Where a server listens, and for TLS how to meet it (PEM texts).
struct Endpoint {
  std::string host = "127.0.0.1";  // an IPv4 address
  std::uint16_t port = 0;
  bool tls = false;
  std::string ca = {};
  std::string client_certificate = {};
  std::string client_key = {};
  std::string from = {};         // an address of ours to come from; "" is the system's choice
  std::string alpn = {};         // a protocol to offer
  std::string tls_version = {};  // the only one to offer: "1.1", "1.2", "1.3"
};

/// "https://127.0.0.1:443", "127.0.0.1:80". Throws std::invalid_argument.
Endpoint parse_endpoint(std::string_view url);

class Connection {
 public:
  /// `receive_buffer`: the socket's, in bytes; 0 is the system's default. Throws std::runtime_error.
  explicit Connection(const Endpoint& endpoint, int receive_buffer = 0);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Sends all of it; false if the peer does not take it (it has closed, or `bound` has passed).
  bool send(std::string_view bytes, std::chrono::milliseconds bound = std::chrono::seconds(60));

  enum class Read { data, end, reset, timed_out };
  /// Appends what there is, up to `most` bytes, waiting for the first one.
  Read read(std::string& to, std::size_t most = 64 << 10, std::chrono::milliseconds bound = std::chrono::seconds(60));
  /// Everything up to the end.
  std::string read_all(std::chrono::milliseconds bound = std::chrono::seconds(60));

  /// What the TLS handshake agreed on: "TLSv1.3 http/1.1".
  std::string negotiated() const;

  void finish_sending();  // half-close
  void close();
  void reset();  // close with RST

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quartermaster::test
