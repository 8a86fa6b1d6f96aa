// One request and its answer on one connection. It knows HTTP/1.1 and nothing of Kubernetes.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "kubeapi/answer_parser.hpp"
#include "kubeapi/transport.hpp"

namespace quartermaster::kubeapi {

class HttpExchange {
 public:
  struct Piece {
    error_code error;
    std::string_view bytes;  // empty at the proper end
  };

  /// `transport` must outlive the exchange.
  explicit HttpExchange(Transport& transport, bool is_head_request)
      : transport_(transport), is_head_request_(is_head_request) {}
  ~HttpExchange();  // wipes its buffer, which may have held a secret
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  /// Sends `head` and `body` and reads the head of the final answer. A peer that answers before it has read all and
  /// then closes is listened to.
  Task<error_code> start(std::string head, std::string_view body);
  /// The next piece of the body, a view of the buffer. An end that comes too early is an error.
  Task<Piece> read();

  /// After a successful start().
  const AnswerParser& answer() const { return *parser_; }
  /// Whether a byte of an answer has come.
  bool answered() const { return answered_; }
  /// All has been read, and the connection can carry another request.
  bool reusable() const;

 private:
  error_code parse();
  Task<error_code> fill();

  Transport& transport_;
  const bool is_head_request_;
  std::optional<AnswerParser> parser_;
  bool answered_ = false;
  bool sent_ = false;  // the whole request
  std::array<char, AnswerParser::kMaxHead> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what has not been parsed yet
  std::size_t used_ = 0;             // as far as anything was ever in it
};

}  // namespace quartermaster::kubeapi
