// Reads into one fixed buffer and gives Beast's parser what is there, instead of Beast's own reading, which throws into
// the loop and buffers as it likes.
#include "kubeapi/http_exchange.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>

namespace quartermaster::kubeapi {
namespace {

namespace http = boost::beast::http;

constexpr int kMaxInterimAnswers = 8;  // 1xx

}  // namespace

HttpExchange::~HttpExchange() { OPENSSL_cleanse(buffer_.data(), used_); }

Task<error_code> HttpExchange::start(std::string head, std::string_view body) {
  const asio::const_buffer parts[] = {asio::buffer(head), asio::buffer(body)};
  const auto written = co_await transport_.write(parts);
  sent_ = !written.error;
  for (int answers = 0; answers <= kMaxInterimAnswers; ++answers) {
    parser_.emplace(is_head_request_);
    while (!parser_->is_header_done()) {
      error_code error = parse();
      if (error == http::error::need_more) error = co_await fill();
      if (error) co_return written.error && !answered_ ? written.error : error;
    }
    if (parser_->status / 100 != 1) co_return error_code{};
  }
  co_return http::error::bad_status;
}

Task<HttpExchange::Piece> HttpExchange::read() {
  parser_->piece = {};
  while (!parser_->is_done()) {
    error_code error = parse();
    if (!parser_->piece.empty()) co_return Piece{{}, parser_->piece};
    if (error == http::error::need_more) error = co_await fill();
    if (error) co_return Piece{error, {}};
  }
  co_return Piece{};
}

bool HttpExchange::reusable() const {
  return sent_ && parser_ && parser_->is_header_done() && parser_->is_done() && parser_->keep_alive() && begin_ == end_;
}

/// One step of the parser.
error_code HttpExchange::parse() {
  if (begin_ == end_ || parser_->needs_more(end_ - begin_)) return http::error::need_more;
  error_code error;
  begin_ += parser_->put(asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
  return error;
}

/// More bytes, or the end that the parser takes for one.
Task<error_code> HttpExchange::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) co_return http::error::header_limit;
  const auto got = co_await transport_.read_some(asio::buffer(buffer_.data() + end_, buffer_.size() - end_));
  end_ += got.bytes;
  used_ = std::max(used_, end_);
  answered_ = answered_ || got.bytes > 0;
  if (got.error != asio::error::eof) co_return got.bytes > 0 ? error_code{} : got.error;
  error_code error = asio::error::eof;
  if (parser_->got_some()) parser_->put_eof(error);
  co_return error;
}

}  // namespace quartermaster::kubeapi
