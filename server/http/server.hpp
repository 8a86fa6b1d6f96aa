// Listens, and runs a session for each connection.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "kubeapi/transport.hpp"
#include "server/http/handler.hpp"

namespace quartermaster::http {

struct Limits {
  std::size_t head_bytes = 16U << 10;  // request line and header fields
  std::size_t header_count = 100;
  std::size_t target_bytes = 8U << 10;
  std::size_t connections = 10'000;
  Clock::duration tls_handshake = std::chrono::seconds(10);
  Clock::duration head = std::chrono::seconds(10);  // from its first byte to its last
  Clock::duration body = std::chrono::seconds(30);
  Clock::duration write = std::chrono::seconds(30);  // for a piece of an answer: a reader that takes nothing is cut off
  Clock::duration idle = std::chrono::seconds(75);   // between requests
  Clock::duration linger = std::chrono::seconds(5);  // for the peer to close, after the last answer
};

class Server {
 public:
  /// `tls` null: plain HTTP. `handler` must outlive the connections, so the loop's last run, too.
  Server(asio::io_context& loop, Handler& handler, Limits limits = {},
         std::shared_ptr<asio::ssl::context> tls = nullptr);
  ~Server();

  /// "127.0.0.1:8080", "[::1]:0", ":8080" (all addresses). Returns where it listens. Throws std::runtime_error: bad
  /// address, or in use.
  Tcp::endpoint listen(const std::string& address);

  /// Closes the listening socket and idle connections; further answers on the others carry `Connection: close`.
  void stop_accepting();
  /// Waits until all connections have ended, until `deadline` at most; the rest is cut off. True if none was.
  Task<bool> drain(Clock::time_point deadline);

  /// Ends all connections at once; what runs for them is stopped.
  void abort();

  std::size_t connections() const;
  std::uint64_t accepted() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Splits "host:port"; throws std::runtime_error with a sentence.
Tcp::endpoint parse_listen_address(const std::string& address);

}  // namespace quartermaster::http
