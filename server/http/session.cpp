// One connection. Beast only parses here: bytes are read by us and handed to its parser, so that whatever it throws is
// thrown inside this connection's coroutine and nowhere near the loop.
#include "server/http/session.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/container/small_vector.hpp>
#include <ctime>

#include "server/http/error_table.hpp"
#include "server/http/request_check.hpp"

namespace quartermaster::http {

namespace beast_http = boost::beast::http;

struct RequestParser : beast_http::request_parser<beast_http::string_body> {};

namespace {

constexpr std::size_t kReadSize = 4096;
constexpr std::size_t kWriteSize = 256U << 10;
constexpr std::size_t kWriteBuffers = 64;
constexpr std::size_t kMaxChunkExtensions = 4096;  // in all chunks of a body
constexpr std::size_t kLingerBytes = 16U << 20;
constexpr auto kTurnAwayTime = std::chrono::seconds(1);
constexpr std::size_t kAroundTarget = 20;  // of a request line: method, spaces, version

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

/// RFC 9110: tchar.
bool is_method_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
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
    head.append("Content-Length: ").append(std::to_string(reply.body_size())).append("\r\n");
  }
  if (!keep_alive) {
    head.append("Connection: close\r\n");
  } else if (http_1_0) {
    head.append("Connection: keep-alive\r\n");
  }
  head.append("\r\n");
  return head;
}

using Buffers = boost::container::small_vector<asio::const_buffer, 12>;

/// Head and body, in pieces that are each not larger than a write is to be.
Buffers gather(const std::string& head, const Reply& reply, bool with_body) {
  Buffers buffers;
  buffers.push_back(asio::buffer(head));
  if (!with_body) return buffers;
  const auto add = [&buffers](std::string_view bytes) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kWriteSize)))
      buffers.push_back(asio::buffer(bytes.substr(0, kWriteSize)));
  };
  add(reply.body);
  for (const auto piece : reply.pinned.pieces) add(piece);
  add(reply.tail);
  return buffers;
}

/// How many of the buffers make up one write: at least one.
std::size_t count_for_one_write(std::span<const asio::const_buffer> buffers) {
  std::size_t count = 1, bytes = buffers[0].size();
  while (count < buffers.size() && count < kWriteBuffers && bytes + buffers[count].size() <= kWriteSize)
    bytes += buffers[count++].size();
  return count;
}

Error bad(std::string message) { return Error{ErrorCode::bad_request, std::move(message)}; }

Error too_large(std::size_t limit) {
  return {ErrorCode::payload_too_large, "the body is larger than " + std::to_string(limit) + " bytes"};
}

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
  if (draining_ && buffer_.empty()) co_return false;
  stop_ = std::stop_source();
  const auto head_size = co_await read_head();
  idle_ = false;
  if (!head_size) {
    if (head_size.error().code != ErrorCode::cancelled) co_await refuse(head_size.error());
    co_return false;
  }

  RequestParser parser;
  parser.body_limit(boost::none);
  parser.header_limit(static_cast<std::uint32_t>(limits_.head_bytes) + 1);
  auto error = parse_head(std::string_view(buffer_).substr(0, *head_size), parser);
  buffer_.erase(0, *head_size);
  if (error) {
    co_await refuse(std::move(*error));
    co_return false;
  }

  Exchange exchange{.request = parser.get(),
                    .peer = peer_,
                    .started = Clock::now(),
                    .client_verified = transport_.peer_verified(),
                    .body_limit = limits_.body_bytes};
  exchange.call.stop = stop_.get_token();
  Outcome outcome;
  auto reply = co_await answer(exchange, parser);
  // The rest of a request would be taken for the next one.
  if (!parser.is_done() || ++served_ >= limits_.requests_per_connection) reply.close = true;
  bool again = false;
  if (!reply.abort) again = co_await write_reply(std::move(reply), &parser.get(), outcome);
  transport_.unwatch_peer();
  outcome.duration = Clock::now() - exchange.started;
  handler_.finished(&exchange, outcome);
  if (!again && outcome.complete) co_await linger(limits_.linger);
  co_return again;
}

/// Waits until the buffer begins with a head; its size, up to and with the empty line. Error cancelled: the peer said
/// nothing more, which is fine.
Task<Result<std::size_t>> Session::read_head() {
  if (buffer_.empty()) {
    std::string().swap(buffer_);  // an idle connection has none
    idle_ = true;
    transport_.deadline(Clock::now() + limits_.idle);
    const auto [ec, size] = co_await transport_.read_some(asio::buffer(first_bytes_));
    if (ec) co_return Error{ErrorCode::cancelled, ec.message()};
    idle_ = false;
    buffer_.assign(first_bytes_.data(), size);
    OPENSSL_cleanse(first_bytes_.data(), size);  // they stay as long as the connection
  }
  transport_.read_deadline(Clock::now() + limits_.head);
  std::size_t searched = 0;
  auto line_end = std::string::npos;
  for (bool empty_line_skipped = false;;) {
    if (!empty_line_skipped && buffer_.starts_with("\r\n")) {  // one is forgiven: RFC 9112 section 2.2
      buffer_.erase(0, 2);
      empty_line_skipped = true;
    }
    if (!buffer_.empty() && !is_method_character(buffer_[0]) && buffer_[0] != '\r') co_return bad("this is not HTTP");
    if (line_end == std::string::npos) line_end = buffer_.find("\r\n", searched);
    // A carriage return may be the end of the line, of which the rest is still to come.
    const auto line = std::min(line_end, buffer_.size() - (buffer_.ends_with('\r') ? 1 : 0));
    if (line > limits_.target_bytes + kAroundTarget) {
      co_return Error{ErrorCode::uri_too_long, "the request target may have " + std::to_string(limits_.target_bytes) +
                                                   " bytes, and this one has more"};
    }
    const auto end = buffer_.find("\r\n\r\n", searched);
    if ((end == std::string::npos ? buffer_.size() + 1 : end + 4) > limits_.head_bytes) {
      co_return Error{ErrorCode::header_too_large, "the request head may have " + std::to_string(limits_.head_bytes) +
                                                       " bytes, and this one has more"};
    }
    if (end != std::string::npos) co_return end + 4;
    if (buffer_.find("\n\n", searched) != std::string::npos) {
      co_return bad("request head: a line feed without a carriage return");
    }
    searched = buffer_.size() > 3 ? buffer_.size() - 3 : 0;

    const auto size = buffer_.size();
    const auto ec = co_await read_more(kReadSize);
    if (ec && (size == 0 || !transport_.timed_out())) co_return Error{ErrorCode::cancelled, ec.message()};
    if (ec) co_return Error{ErrorCode::request_timeout, "the request head did not arrive in time"};
  }
}

/// Appends to the buffer what there is, up to `most` bytes.
Task<error_code> Session::read_more(std::size_t most) {
  const auto size = buffer_.size();
  buffer_.resize(size + most);
  const auto [ec, n] = co_await transport_.read_some(asio::buffer(buffer_.data() + size, most));
  buffer_.resize(size + n);
  co_return ec;
}

std::optional<Error> Session::parse_head(std::string_view head, RequestParser& parser) const {
  if (auto error = check_raw_head(head)) return error;
  try {
    error_code ec;
    parser.put(asio::buffer(head), ec);
    if (ec || !parser.is_header_done()) return bad("malformed request head: " + ec.message());
  } catch (const std::exception&) {
    return bad("malformed request head");
  }
  return check_head(parser.get(), limits_.header_count);
}

/// Everything between head and answer. What the application throws becomes a 500 here.
Task<Reply> Session::answer(Exchange& exchange, RequestParser& parser) {
  try {
    transport_.no_deadline();
    auto refusal = co_await handler_.accept(exchange);
    if (refusal) co_return std::move(*refusal);
    if (const auto error = co_await read_body(exchange, parser)) {
      auto reply = handler_.refuse(*error, &exchange);
      reply.close = true;
      co_return reply;
    }
    transport_.no_deadline();
    if (exchange.cancel_if_abandoned) transport_.watch_peer([this] { stop_.request_stop(); });
    auto reply = co_await handler_.handle(exchange);
    if (!reply.stream) transport_.unwatch_peer();
    co_return reply;
  } catch (const std::exception& bug) {
    handler_.failed(bug.what());
  }
  co_return handler_.refuse(Error{ErrorCode::internal, "internal error"}, &exchange);
}

Task<std::optional<Error>> Session::read_body(const Exchange& exchange, RequestParser& parser) {
  if (parser.is_done()) co_return std::nullopt;
  const auto length = parser.content_length();
  if (length && *length > exchange.body_limit) co_return too_large(exchange.body_limit);
  // HTTP/1.0 knows no 100-continue; nor is there anything to wait for once the body comes (RFC 9110 section 10.1.1).
  const auto& request = parser.get();
  if (request.count(Field::expect) > 0 && request.version() == 11 && buffer_.empty()) {
    const std::array<asio::const_buffer, 1> go_on = {asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25)};
    if ((co_await write_some(go_on)).error) co_return bad("the connection broke");
  }
  const auto fields = std::distance(request.begin(), request.end());
  auto check_extension = [total = std::size_t{0}](std::uint64_t, std::string_view extension, error_code& ec) mutable {
    total += extension.size();
    if (total > kMaxChunkExtensions) ec = beast_http::error::bad_chunk_extension;
  };
  parser.on_chunk_header(check_extension);
  parser.body_limit(exchange.body_limit);
  parser.eager(true);
  transport_.read_deadline(Clock::now() + limits_.body);
  while (!parser.is_done()) {
    error_code ec;
    if (!buffer_.empty()) {
      const auto used = parser.put(asio::buffer(buffer_), ec);
      buffer_.erase(0, used);
      if (ec == beast_http::error::body_limit) co_return too_large(exchange.body_limit);
      if (ec && ec != beast_http::error::need_more) co_return bad("malformed request body: " + ec.message());
      if (parser.is_done()) break;
      if (buffer_.size() >= limits_.head_bytes) co_return bad("malformed request body: a chunk header is too long");
      if (!ec && !buffer_.empty()) continue;
    }
    if (const auto error = co_await read_more(4 * kReadSize)) {
      if (!transport_.timed_out()) co_return bad("the body ended early");
      co_return Error{ErrorCode::request_timeout, "the body did not arrive in time"};
    }
  }
  // A trailer would show up among the headers: Authorization, too.
  if (std::distance(request.begin(), request.end()) != fields) co_return bad("trailers are not allowed");
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
  if (reply.send_buffer > 0) {
    error_code ignored;
    transport_.socket().set_option(asio::socket_base::send_buffer_size(reply.send_buffer), ignored);
  }
  const auto head = render_head(reply, chunked, keep_alive, http_1_0);

  // In pieces, so that the deadline is one of a piece, and a slow reader is not cut off as long as it reads.
  const bool with_body = !reply.stream && !head_only && has_body(reply.status);
  const auto buffers = gather(head, reply, with_body);
  for (std::span<const asio::const_buffer> rest(buffers.data(), buffers.size()); !rest.empty();) {
    const auto piece = rest.first(count_for_one_write(rest));
    const auto written = co_await write_some(piece);
    if (written.error) co_return false;
    outcome.body_bytes += written.bytes;
    rest = rest.subspan(piece.size());
  }
  outcome.body_bytes -= head.size();
  outcome.complete = true;
  if (reply.stream && !head_only) {
    outcome.complete = co_await write_stream(*reply.stream, chunked, outcome);
    if (!outcome.complete && !chunked) transport_.reset();  // nothing else would show that it was cut
  }
  co_return keep_alive&& outcome.complete;
}

/// One piece after the other, each written before the next is read. True if the stream came to its proper end.
Task<bool> Session::write_stream(ByteStream& stream, bool chunked, Outcome& outcome) {
  for (;;) {
    transport_.no_deadline();
    const auto piece = co_await next_piece(stream);
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

/// What a stream throws ends it.
Task<Result<std::string_view>> Session::next_piece(ByteStream& stream) {
  try {
    co_return co_await stream.read();
  } catch (const std::exception& bug) {
    handler_.failed(bug.what());
  }
  co_return Error{ErrorCode::internal, "internal error"};
}

Task<Transport::IoResult> Session::write_some(std::span<const asio::const_buffer> buffers) {
  transport_.deadline(Clock::now() + limits_.write);
  co_return co_await transport_.write(buffers);
}

Task<void> Session::turn_away(Error why) {
  try {
    co_await write_refusal(std::move(why));
    co_await linger(kTurnAwayTime);
  } catch (const std::exception& bug) {
    handler_.failed(bug.what());
  }
  transport_.close();
}

/// The answer to what is no request, then the end of the connection.
Task<void> Session::refuse(Error error) {
  co_await write_refusal(std::move(error));
  co_await linger(limits_.linger);
}

Task<void> Session::write_refusal(Error error) {
  const auto started = Clock::now();
  auto reply = handler_.refuse(error, nullptr);
  reply.close = true;
  Outcome outcome;
  co_await write_reply(std::move(reply), nullptr, outcome);
  outcome.duration = Clock::now() - started;
  handler_.finished(nullptr, outcome);
}

Task<void> Session::linger(Clock::duration at_most) {
  transport_.deadline(Clock::now() + at_most);
  co_await transport_.linger(kLingerBytes);
}

}  // namespace quartermaster::http
