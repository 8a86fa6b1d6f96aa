// One connection: reads requests, has them handled, writes the answers, one after the other.
#pragma once

#include <memory>
#include <string>

#include "server/http/server.hpp"

namespace quartermaster::http {

class Session {
 public:
  /// `draining` tells whether the server is going away; it must outlive the session, like `handler` and `limits`.
  Session(Transport transport, std::string peer, Handler& handler, const Limits& limits, const bool& draining);
  ~Session();

  /// Until the connection ends. Never throws.
  Task<void> run();

  /// Instead of run(): says why the connection is not taken, and ends it. Bounded by a second of the peer's time.
  Task<void> turn_away(Error why);

  /// Ends the connection if it is between requests.
  void close_if_idle();
  /// Ends it at once; what runs for it is stopped.
  void abort();

 private:
  Task<bool> serve_one();
  Task<Result<std::size_t>> read_head();
  Task<error_code> read_more(std::size_t most);
  std::optional<Error> parse_head(std::string_view head, struct RequestParser& parser) const;
  Task<Reply> answer(Exchange& exchange, struct RequestParser& parser);
  Task<std::optional<Error>> read_body(const Exchange& exchange, struct RequestParser& parser);
  Task<bool> write_reply(Reply reply, const Message* request, Outcome& outcome);
  Task<bool> write_stream(ByteStream& stream, bool chunked, Outcome& outcome);
  Task<Result<std::string_view>> next_piece(ByteStream& stream);
  Task<void> refuse(Error error);
  Task<void> write_refusal(Error error);
  Task<void> linger(Clock::duration at_most);
  Task<Transport::IoResult> write_some(std::span<const asio::const_buffer> buffers);

  Transport transport_;
  std::string peer_;
  Handler& handler_;
  const Limits& limits_;
  const bool& draining_;
  std::array<char, 512> first_bytes_;  // of a request; an idle connection has no other buffer
  std::string buffer_;                 // received, not yet consumed
  std::stop_source stop_;
  std::size_t served_ = 0;  // requests
  bool idle_ = true;
};

}  // namespace quartermaster::http
