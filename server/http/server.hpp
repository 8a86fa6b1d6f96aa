// Listens, and runs a session for each connection.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "kubeapi/transport.hpp"
#include "server/http/handler.hpp"
#include "server/http/limits.hpp"

namespace quartermaster::http {

/// How many connections there were, and what became of them.
struct ConnectionCounts {
  std::size_t open = 0;
  std::uint64_t accepted = 0;
  std::uint64_t over_limit = 0;       // turned away: Limits::connections
  std::uint64_t over_peer_limit = 0;  // turned away: Limits::connections_per_peer
};

/// What the next connection's handshake is to use.
using TlsSource = std::function<std::shared_ptr<asio::ssl::context>()>;

class Server {
 public:
  /// `tls` empty: plain HTTP. `handler` must outlive the connections, so the loop's last run, too.
  Server(asio::io_context& loop, Handler& handler, Limits limits = {}, TlsSource tls = {});
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

  ConnectionCounts connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Splits "host:port"; throws std::runtime_error with a sentence.
Tcp::endpoint parse_listen_address(const std::string& address);

}  // namespace quartermaster::http
