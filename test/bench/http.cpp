#include "test/bench/http.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <stdexcept>

namespace quartermaster::bench {

namespace {

namespace http = boost::beast::http;

std::string request_text(std::string_view what, std::string_view headers, std::string_view body) {
  std::string text(what);
  text.append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
  if (!body.empty()) {
    text.append("Content-Type: application/json\r\nContent-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n");
  }
  return text.append("\r\n").append(body);
}

}  // namespace

std::string KeepAlive::exchange(std::string_view what, std::string_view headers, std::string_view body) {
  if (!connection_.send(request_text(what, headers, body))) throw std::runtime_error("the connection has ended");
  http::response_parser<http::string_body> parser;
  parser.body_limit(boost::none);
  while (!parser.is_done()) {
    if (connection_.read(in_, 256 << 10) != test::Connection::Read::data) {
      throw std::runtime_error("the connection ended before the answer did");
    }
    boost::system::error_code error;
    for (std::size_t used = 1; !in_.empty() && used > 0 && !parser.is_done() && !error;) {
      used = parser.put(boost::asio::buffer(in_), error);
      in_.erase(0, used);
    }
    if (error && error != http::error::need_more) throw std::runtime_error("not HTTP: " + error.message());
  }
  const unsigned status = parser.get().result_int();
  if (status / 100 != 2) {
    throw std::runtime_error(std::string(what) + ": " + std::to_string(status) + " " +
                             parser.get().body().substr(0, 500));
  }
  return std::move(parser.get().body());
}

std::size_t drain(const test::Endpoint& endpoint, std::string_view what, std::string_view headers) {
  test::Connection connection(endpoint);
  connection.send(request_text(what, std::string(headers) + "Connection: close\r\n", {}));
  std::string piece, start, tail;
  std::size_t bytes = 0;
  while (connection.read(piece, 256 << 10) == test::Connection::Read::data) {
    if (start.size() < 1000) start.append(piece, 0, 1000);
    tail.append(piece, piece.size() > 5 ? piece.size() - 5 : 0);
    tail.erase(0, tail.size() > 5 ? tail.size() - 5 : 0);
    bytes += piece.size();
    piece.clear();
  }
  const bool whole = start.find("chunked") == std::string::npos || tail == "0\r\n\r\n";
  if (!start.starts_with("HTTP/1.1 200") || !whole) throw std::runtime_error(std::string(what) + ": " + start);
  return bytes - start.find("\r\n\r\n") - 4;
}

}  // namespace quartermaster::bench
