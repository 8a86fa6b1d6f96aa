// One connection, plain or TLS, for the client and the server side: read, write, a deadline, and close.
//
// The deadline is one absolute time that covers all that is awaited on the connection. When it passes, the connection
// is closed and the operation under way fails with timed_out. Moving it costs nothing but a store; the timer behind it
// is re-armed only when it fires.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kubeapi/task.hpp"

namespace quartermaster {

using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;

class Transport {
 public:
  struct IoResult {
    error_code error;
    std::size_t bytes = 0;
  };

  explicit Transport(Socket socket);
  /// TLS: call handshake_client or handshake_server before anything else.
  Transport(Socket socket, std::shared_ptr<asio::ssl::context> tls);
  Transport(Transport&&) noexcept;
  Transport& operator=(Transport&&) noexcept;
  ~Transport();  // closes

  /// Verifies the certificate against the context's CAs and `host`: a DNS name (also sent as SNI) or an IP address.
  /// `verify` false accepts any certificate.
  Task<error_code> handshake_client(std::string host, bool verify = true);
  /// After a handshake_client that failed: what is wrong with the peer's certificate, in words; "" if nothing is.
  std::string certificate_error() const;
  Task<error_code> handshake_server();
  /// After a handshake_server: whether the peer has shown a certificate that the context's CAs vouch for.
  bool peer_verified() const;

  /// At least one byte, or an error; asio::error::eof at the end. TLS that ends without close_notify: stream_truncated.
  Task<IoResult> read_some(asio::mutable_buffer buffer);
  /// All of it, or an error.
  Task<IoResult> write(std::span<const asio::const_buffer> buffers);
  Task<IoResult> write(std::string_view bytes);

  /// Calls `on_gone` once, when the peer has closed or reset the connection, while nobody reads. Best effort once more
  /// bytes of the peer are waiting. Until then, or unwatch(). `on_gone` runs from the loop. It costs nothing but a turn
  /// of the loop if unwatch() follows in the same turn.
  void watch_peer(std::function<void()> on_gone);
  void unwatch_peer();

  void deadline(Clock::time_point when);
  /// The same, but the connection stays open: only reading fails, so that the peer can be told that it is too slow.
  void read_deadline(Clock::time_point when);
  void no_deadline() { deadline(Clock::time_point::max()); }
  bool timed_out() const;

  /// Half-close: no more is written (a FIN, after TLS's close_notify where there is TLS).
  Task<void> shutdown_send();
  /// Half-closes, reads on until the peer closes too or has sent `most` bytes more, then closes. Closing with unread
  /// bytes would reset the connection, and the peer might lose what was written last (RFC 9112 section 9.6).
  Task<void> linger(std::size_t most);
  /// At once; what is awaited fails with operation_aborted.
  void close();
  /// At once, and so that the peer cannot take it for a proper end.
  void reset();
  bool is_open() const;
  bool is_tls() const;

  Socket& socket();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace quartermaster
