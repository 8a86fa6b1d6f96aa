#include "kubeapi/answer_parser.hpp"

#include <boost/beast/http/error.hpp>

#include "model/ascii.hpp"

namespace quartermaster::kubeapi {
namespace {

namespace http = boost::beast::http;

/// The quoted text of `299 - "text"` (RFC 7234 section 5.5), or the whole value.
std::string warning_text(std::string_view value) {
  const auto open = value.find('"');
  if (open == std::string_view::npos) return std::string(value);
  std::string text;
  for (auto i = open + 1; i < value.size() && value[i] != '"'; ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    text += value[i];
  }
  return text;
}

}  // namespace

AnswerParser::AnswerParser(bool to_head_request) {
  header_limit(kMaxHead);
  body_limit(boost::none);
  eager(false);  // one piece at a time
  skip(to_head_request);
}

void AnswerParser::on_response_impl(int code, string_view, int, error_code&) { status = static_cast<unsigned>(code); }

void AnswerParser::on_field_impl(field name, string_view, string_view value, error_code& ec) {
  if (is_header_done()) return;  // a trailer
  switch (name) {
    case field::retry_after:
      retry_after = value;
      break;
    case field::warning:
      warnings.push_back(warning_text(value));
      break;
    case field::transfer_encoding:
      // Beast would take any other for a body without end.
      if (!equals_ignoring_case(value, "chunked")) ec = http::error::bad_transfer_encoding;
      break;
    case field::content_encoding:
      // We ask for none.
      if (!equals_ignoring_case(value, "identity")) ec = http::error::bad_value;
      break;
    default:
      break;
  }
}

std::size_t AnswerParser::on_body_impl(string_view body, error_code&) {
  piece = body;
  return body.size();
}

std::size_t AnswerParser::on_chunk_body_impl(std::uint64_t left, string_view body, error_code&) {
  piece = body;
  chunk_left_ = left - body.size();
  return body.size();
}

}  // namespace quartermaster::kubeapi
