// An HTTP answer, parsed from whatever bytes there are. Beast's parser does the work; what is kept of an answer is only
// what we use, and a piece of the body is a view of the bytes that were put in.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace quartermaster::kubeapi {

class AnswerParser final : public boost::beast::http::basic_parser<false> {
 public:
  using error_code = boost::beast::error_code;

  /// A head, and the line before a chunk, may be this long.
  static constexpr std::uint32_t kMaxHead = 16U << 10;

  explicit AnswerParser(bool to_head_request);

  /// Whether put() must wait for more than these bytes: Beast 1.81 asserts that what ends a chunked body came in at
  /// least five, as "0 CR LF CR LF" is.
  bool needs_more(std::size_t bytes) const { return is_header_done() && chunked() && chunk_left_ == 0 && bytes < 5; }

  unsigned status = 0;
  std::string retry_after;
  std::vector<std::string> warnings;  // the texts only
  std::string_view piece;             // what the last put() has found of the body

 private:
  using field = boost::beast::http::field;
  using verb = boost::beast::http::verb;
  using string_view = boost::beast::string_view;

  void on_request_impl(verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view reason, int version, error_code& ec) override;
  void on_field_impl(field name, string_view text, string_view value, error_code& ec) override;
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t size, string_view, error_code&) override { chunk_left_ = size; }
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body, error_code& ec) override;
  void on_finish_impl(error_code&) override {}

  std::uint64_t chunk_left_ = 0;
};

}  // namespace quartermaster::kubeapi
