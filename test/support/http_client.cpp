#include "test/support/http_client.hpp"

#include <boost/asio/buffer.hpp>
#include <stdexcept>
#include <utility>

namespace quartermaster::test {

namespace http = boost::beast::http;

std::string to_bytes(const HttpRequest& request) {
  std::string bytes = request.method + " " + request.target + " HTTP/1.1\r\n";
  bool has_host = false;
  bool has_length = false;
  for (const auto& [name, value] : request.headers) {
    has_host |= boost::beast::iequals(name, "Host");
    has_length |= boost::beast::iequals(name, "Content-Length") || boost::beast::iequals(name, "Transfer-Encoding");
    if (boost::beast::iequals(name, "Content-Length") && value.empty()) continue;  // not even that of no body
    bytes += name + ": " + value + "\r\n";
  }
  if (!has_host) bytes += "Host: localhost\r\n";
  if (!has_length &&
      (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")) {
    bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return bytes + "\r\n" + request.body;
}

struct AnswerReader::State {
  Connection connection;
  http::response_parser<http::string_body> parser;
  HttpAnswer answer;
  std::string buffer;  // read, but not parsed yet
  bool at_end = false;

  explicit State(Connection c) : connection(std::move(c)) {
    parser.body_limit(boost::none);
    parser.header_limit(1 << 20);
  }

  /// Reads and parses once; false at the end of the connection.
  bool step(std::chrono::milliseconds bound) {
    if (at_end) return false;
    switch (connection.read(buffer, 64 << 10, bound)) {
      case Connection::Read::timed_out:
        throw std::runtime_error("no more of the answer within " + std::to_string(bound.count()) + " ms");
      case Connection::Read::reset:
        at_end = true;
        return false;
      case Connection::Read::end: {
        at_end = true;
        boost::system::error_code error;
        if (parser.got_some()) parser.put_eof(error);
        return false;
      }
      case Connection::Read::data:
        parse();
    }
    return true;
  }

  void parse() {
    while (!buffer.empty() && !parser.is_done()) {
      boost::system::error_code error;
      const std::size_t used = parser.put(boost::asio::buffer(buffer), error);
      buffer.erase(0, used);
      if (error == http::error::need_more) return;
      if (error) throw std::runtime_error("not an HTTP answer: " + error.message());
      if (used == 0) return;
    }
  }
};

AnswerReader::AnswerReader(Connection connection, bool head_request)
    : state_(std::make_unique<State>(std::move(connection))) {
  state_->parser.skip(head_request);
}
AnswerReader::AnswerReader(AnswerReader&&) noexcept = default;
AnswerReader::~AnswerReader() = default;

const HttpAnswer& AnswerReader::head(std::chrono::milliseconds bound) {
  while (!state_->parser.is_header_done()) {
    if (!state_->step(bound)) throw std::runtime_error("the connection ended without an answer");
  }
  // An informational answer (100 Continue) is not the one that is waited for.
  state_->answer.status = state_->parser.get().result_int();
  state_->answer.headers = state_->parser.get().base();
  return state_->answer;
}

std::string AnswerReader::more(std::chrono::milliseconds bound) {
  head(bound);
  std::string& body = state_->parser.get().body();
  while (body.empty() && !state_->parser.is_done()) {
    if (!state_->step(bound)) break;
  }
  return std::exchange(body, {});  // so that a long stream is not kept
}

bool AnswerReader::complete() const { return state_->parser.is_done(); }

HttpAnswer AnswerReader::rest(std::chrono::milliseconds bound) {
  head(bound);
  for (std::string piece = more(bound); !piece.empty(); piece = more(bound)) state_->answer.body += piece;
  state_->answer.complete = complete();
  return state_->answer;
}

Connection& AnswerReader::connection() { return state_->connection; }

AnswerReader open_exchange(const Endpoint& endpoint, const HttpRequest& request, int receive_buffer) {
  Connection connection(endpoint, receive_buffer);
  // A server may answer and close before it has read a body that it refuses, so a failed send is no error yet.
  connection.send(to_bytes(request));
  AnswerReader reader(std::move(connection), request.method == "HEAD");
  reader.head(std::chrono::seconds(90));
  return reader;
}

HttpAnswer exchange(const Endpoint& endpoint, const HttpRequest& request, std::chrono::milliseconds bound) {
  return open_exchange(endpoint, request).rest(bound);
}

}  // namespace quartermaster::test
