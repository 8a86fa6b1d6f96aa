// One connection. Beast only parses here: bytes are read by us and handed to its parser, so that whatever it throws is
// thrown inside this connection's coroutine and nowhere near the loop.
#include "server/http/session.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <ctime>

#include "server/http/error_table.hpp"
#include "server/http/request_check.hpp"

namespace quartermaster::http {

namespace beast_http = boost::beast::http;

struct RequestParser : beast_http::request_parser<beast_http::string_body> {};

namespace {

constexpr std::size_t kReadSize = 4096;
constexpr std::size_t kMaxChunkExtension = 256;
constexpr std::size_t kLingerBytes = 256U << 10;
constexpr auto kLingerTime = std::chrono::seconds(1);

/// For the Date header; made anew once a second.
std::string_view http_date() {
  static std::time_t last = 0;
  static std::array<char, 32> text{};
  static std::size_t size = 0;
  if (const auto now = std::time(nullptr); now != last) {
    last = now;
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  }
  return {text.data(), size};
}

bool is_safe_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

bool has_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

std::string render_head(const Reply& reply, bool chunked, bool keep_alive, bool http_1_0) {
  std::string head;
  head.reserve(256);
  head.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ").append(status_text(reply.status));
  head.append("\r\nDate: ").append(http_date()).append("\r\n");
  for (const auto& [name, value] : reply.headers) {
    if (is_safe_value(value)) head.append(name).append(": ").append(value).append("\r\n");
  }
  if (chunked) {
    head.append("Transfer-Encoding: chunked\r\n");
  } else if (!reply.stream && has_body(reply.status)) {
    head.append("Content-Length: ").append(std::to_string(reply.body.size())).append("\r\n");
  }
  if (!keep_alive) {
    head.append("Connection: close\r\n");
  } else if (http_1_0) {
    head.append("Connection: keep-alive\r\n");
  }
  head.append("\r\n");
  return head;
}

Error bad(std::string message) { return Error{ErrorCode::bad_request, std::move(message)}; }

}  // namespace

Session::Session(Transport transport, std::string peer, Handler& handler, const Limits& limits, const bool& draining)
    : transport_(std::move(transport)),
      peer_(std::move(peer)),
      handler_(handler),
      limits_(limits),
      draining_(draining) {}
Session::~Session() = default;

void Session::close_if_idle() {
  if (idle_) transport_.close();
}

void Session::abort() {
  stop_.request_stop();
  transport_.close();
}

Task<void> Session::run() {
  try {
    if (transport_.is_tls()) {
      transport_.deadline(Clock::now() + limits_.tls_handshake);
      if (co_await transport_.handshake_server()) co_return;
    }
    while (co_await serve_one()) {
    }
  } catch (const std::exception& bug) {
    handler_.failed(bug.what());
  }
  transport_.close();
}

/// True if the connection can serve another request.
Task<bool> Session::serve_one() {
  idle_ = buffer_.empty();
  stop_ = std::stop_source();
  auto head = co_await read_head();
  idle_ = false;
  if (!head) {
    if (head.error().code != ErrorCode::cancelled) co_await refuse(std::move(head.error()));
    co_return false;
  }

  RequestParser parser;
  parser.body_limit(boost::none);
  parser.header_limit(static_cast<std::uint32_t>(limits_.head_bytes) + 1);
  std::optional<Error> error = check_raw_head(*head);
  if (!error) {
    try {
      error_code ec;
      parser.put(asio::buffer(*head), ec);
      if (ec || !parser.is_header_done()) error = bad("malformed request head: " + ec.message());
    } catch (const std::exception& e) {
      error = bad("malformed request head");
    }
  }
  if (!error) error = check_head(parser.get(), limits_.header_count);
  if (error) {
    co_await refuse(std::move(*error));
    co_return false;
  }

  Exchange exchange{.request = parser.get(), .peer = peer_, .started = Clock::now()};
  exchange.call.stop = stop_.get_token();
  Outcome outcome;
  auto reply = co_await answer(exchange, parser);
  if (!parser.is_done()) reply.close = true;  // the rest of the request would be taken for the next one
  const bool unread = !parser.is_done() || !buffer_.empty();
  bool again = false;
  if (!reply.abort) again = co_await write_reply(std::move(reply), &parser.get(), outcome);
  transport_.unwatch_peer();
  outcome.duration = Clock::now() - exchange.started;
  handler_.finished(&exchange, outcome);
  if (!again && outcome.complete && unread) co_await linger();
  co_return again;
}

/// The bytes up to and with the empty line. Error cancelled: the peer said nothing more, which is fine.
Task<Result<std::string>> Session::read_head() {
  std::size_t searched = 0;
  transport_.deadline(Clock::now() + (buffer_.empty() ? limits_.idle : limits_.head));
  for (;;) {
    while (buffer_.starts_with("\r\n")) buffer_.erase(0, 2);  // RFC 9112 section 2.2
    if (const auto end = buffer_.find("\r\n\r\n", searched);
        end != std::string::npos && end + 4 <= limits_.head_bytes) {
      auto head = buffer_.substr(0, end + 4);
      buffer_.erase(0, end + 4);
      if (head.find("\r\n") > limits_.target_bytes + 20)
        co_return Error{ErrorCode::uri_too_long, "the request line is too long"};
      co_return head;
    }
    if (const auto line = buffer_.find("\r\n"); std::min(line, buffer_.size()) > limits_.target_bytes + 20) {
      co_return Error{ErrorCode::uri_too_long,
                      "the request line is longer than " + std::to_string(limits_.target_bytes) + " bytes"};
    }
    if (buffer_.size() >= limits_.head_bytes) {
      co_return Error{ErrorCode::header_too_large,
                      "the request head is larger than " + std::to_string(limits_.head_bytes) + " bytes"};
    }
    if (buffer_.find("\n\n") != std::string::npos) co_return bad("request head: a line feed without a carriage return");
    searched = buffer_.size() > 3 ? buffer_.size() - 3 : 0;

    const auto size = buffer_.size();
    buffer_.resize(std::min(size + kReadSize, limits_.head_bytes + kReadSize));
    const auto [ec, n] = co_await transport_.read_some(asio::buffer(buffer_.data() + size, buffer_.size() - size));
    buffer_.resize(size + n);
    if (ec) {
      if (size == 0 || !transport_.timed_out()) co_return Error{ErrorCode::cancelled, ec.message()};
      co_return Error{ErrorCode::request_timeout, "the request head did not arrive in time"};
    }
    idle_ = false;
    if (size == 0) transport_.deadline(Clock::now() + limits_.head);
  }
}

/// Everything between head and answer. What the application throws becomes a 500 here.
Task<Reply> Session::answer(Exchange& exchange, RequestParser& parser) {
  std::optional<Error> error;
  try {
    transport_.no_deadline();
    auto refusal = co_await handler_.accept(exchange);
    if (refusal) co_return std::move(*refusal);
    error = co_await read_body(exchange, parser);
    if (!error) {
      transport_.no_deadline();
      if (exchange.cancel_if_abandoned) transport_.watch_peer([this] { stop_.request_stop(); });
      co_return co_await handler_.handle(exchange);
    }
  } catch (const std::exception& bug) {
    handler_.failed(bug.what());
    error = Error{ErrorCode::internal, "internal error"};
  }
  co_return handler_.refuse(*error, &exchange);
}

Task<std::optional<Error>> Session::read_body(const Exchange& exchange, RequestParser& parser) {
  const Error too_large{ErrorCode::payload_too_large,
                        "the body is larger than " + std::to_string(exchange.body_limit) + " bytes"};
  const auto length = parser.content_length();
  if (length && *length > exchange.body_limit) co_return too_large;
  if (!parser.is_done() && parser.get().find(Field::expect) != parser.get().end() && buffer_.empty()) {
    if ((co_await transport_.write("HTTP/1.1 100 Continue\r\n\r\n")).error) co_return bad("the connection broke");
  }
  const auto fields = std::distance(parser.get().begin(), parser.get().end());
  auto check_extension = [](std::uint64_t, std::string_view extension, error_code& ec) {
    if (extension.size() > kMaxChunkExtension) ec = beast_http::error::bad_chunk_extension;
  };
  parser.on_chunk_header(check_extension);
  parser.body_limit(exchange.body_limit);
  parser.eager(true);
  transport_.deadline(Clock::now() + limits_.body);
  while (!parser.is_done()) {
    error_code ec;
    if (!buffer_.empty()) {
      const auto used = parser.put(asio::buffer(buffer_), ec);
      buffer_.erase(0, used);
      if (ec == beast_http::error::body_limit) co_return too_large;
      if (ec && ec != beast_http::error::need_more) co_return bad("malformed request body: " + ec.message());
      if (parser.is_done()) break;
      if (buffer_.size() >= limits_.head_bytes) co_return bad("malformed request body: a chunk header is too long");
      if (!ec && !buffer_.empty()) continue;
    }
    const auto size = buffer_.size();
    buffer_.resize(size + 4 * kReadSize);
    const auto [error, n] = co_await transport_.read_some(asio::buffer(buffer_.data() + size, buffer_.size() - size));
    buffer_.resize(size + n);
    if (error && transport_.timed_out()) co_return Error{ErrorCode::request_timeout, "the body did not arrive in time"};
    if (error) co_return bad("the body ended early");
  }
  // A trailer would show up among the headers: Authorization, too.
  if (std::distance(parser.get().begin(), parser.get().end()) != fields) co_return bad("trailers are not allowed");
  co_return std::nullopt;
}

/// True if the connection can go on.
Task<bool> Session::write_reply(Reply reply, const Message* request, Outcome& outcome) {
  const bool http_1_0 = request != nullptr && request->version() == 10;
  const bool head_only = request != nullptr && request->method() == Verb::head;
  const bool chunked = reply.stream && !http_1_0;
  const bool keep_alive =
      request != nullptr && request->keep_alive() && !reply.close && !draining_ && !(reply.stream && http_1_0);
  outcome.status = reply.status;
  const auto head = render_head(reply, chunked, keep_alive, http_1_0);

  std::array<asio::const_buffer, 2> buffers = {asio::buffer(head), {}};
  if (!reply.stream && !head_only && has_body(reply.status)) buffers[1] = asio::buffer(reply.body);
  if ((co_await write_some(buffers)).error) co_return false;
  outcome.body_bytes = buffers[1].size();
  outcome.complete = true;
  if (reply.stream && !head_only) outcome.complete = co_await write_stream(*reply.stream, chunked, outcome);
  co_return keep_alive&& outcome.complete;
}

/// One piece after the other, each written before the next is read. True if the stream came to its proper end.
Task<bool> Session::write_stream(ByteStream& stream, bool chunked, Outcome& outcome) {
  for (;;) {
    transport_.no_deadline();
    const auto piece = co_await stream.read();
    if (!piece) co_return false;  // without the last chunk: the caller sees that it was cut
    if (piece->empty()) break;
    std::array<char, 20> size{};
    const auto n = std::snprintf(size.data(), size.size(), "%zx\r\n", piece->size());
    const std::array<asio::const_buffer, 3> framed = {asio::buffer(size.data(), static_cast<std::size_t>(n)),
                                                      asio::buffer(*piece), asio::buffer("\r\n", 2)};
    const auto all = std::span<const asio::const_buffer>(framed);
    if ((co_await write_some(chunked ? all : all.subspan(1, 1))).error) co_return false;
    outcome.body_bytes += piece->size();
  }
  if (!chunked) co_return true;
  const std::array<asio::const_buffer, 1> last = {asio::buffer("0\r\n\r\n", 5)};
  co_return !(co_await write_some(last)).error;
}

Task<Transport::IoResult> Session::write_some(std::span<const asio::const_buffer> buffers) {
  transport_.deadline(Clock::now() + limits_.write);
  co_return co_await transport_.write(buffers);
}

/// The answer to what is no request, then the end of the connection.
Task<void> Session::refuse(Error error) {
  const auto started = Clock::now();
  auto reply = handler_.refuse(error, nullptr);
  reply.close = true;
  Outcome outcome;
  co_await write_reply(std::move(reply), nullptr, outcome);
  outcome.duration = Clock::now() - started;
  handler_.finished(nullptr, outcome);
  co_await linger();
}

/// Closing with unread bytes would reset the connection, and the peer might lose the answer: half-close, read on for a
/// moment, then close.
Task<void> Session::linger() {
  transport_.deadline(Clock::now() + kLingerTime);
  co_await transport_.shutdown_send();
  std::array<char, kReadSize> scratch;
  for (std::size_t total = 0; total < kLingerBytes && transport_.is_open();) {
    const auto [ec, n] = co_await transport_.read_some(asio::buffer(scratch));
    if (ec) break;
    total += n;
  }
}

}  // namespace quartermaster::http
