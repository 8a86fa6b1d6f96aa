// A synchronous HTTP client for tests: one connection for each exchange, and answers that can be read piece by piece.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "test/support/connection.hpp"
#include "test/support/json.hpp"

namespace quartermaster::test {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  HeaderList headers = {};  // Host is added, and Content-Length where there is a body
  std::string body = {};
};

struct HttpAnswer {
  unsigned status = 0;
  boost::beast::http::fields headers = {};
  std::string body = {};
  bool complete = false;  // the whole body came, with its end

  bool has_header(std::string_view name) const { return headers.find(name) != headers.end(); }
  /// "" if it is not there.
  std::string header(std::string_view name) const { return std::string(headers[name]); }
  /// Throws if the body is not JSON.
  json::value json() const { return parse_json(body); }
};

/// The bytes of a request.
std::string to_bytes(const HttpRequest& request);

/// An answer that is read while it comes.
class AnswerReader {
 public:
  /// `head_request`: the answer to a HEAD, which has no body whatever its Content-Length says.
  explicit AnswerReader(Connection connection, bool head_request = false);
  AnswerReader(AnswerReader&&) noexcept;
  ~AnswerReader();

  /// Reads the head; throws std::runtime_error if none comes within `bound`.
  const HttpAnswer& head(std::chrono::milliseconds bound = std::chrono::seconds(60));
  /// More of the body; empty at its end: then complete() says whether it is the proper one. Throws after `bound`.
  std::string more(std::chrono::milliseconds bound = std::chrono::seconds(60));
  bool complete() const;
  /// The rest of it.
  HttpAnswer rest(std::chrono::milliseconds bound = std::chrono::seconds(90));

  Connection& connection();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Sends a request and reads the head of its answer. Throws std::runtime_error if there is none.
AnswerReader open_exchange(const Endpoint& endpoint, const HttpRequest& request, int receive_buffer = 0);
/// One whole exchange.
HttpAnswer exchange(const Endpoint& endpoint, const HttpRequest& request,
                    std::chrono::milliseconds bound = std::chrono::seconds(90));

}  // namespace quartermaster::test
