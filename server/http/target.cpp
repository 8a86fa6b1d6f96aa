// Parsing of request targets. Beast takes anything without a space; here is what it lets through.
#include "server/http/target.hpp"

#include <algorithm>

#include "model/ascii.hpp"
#include "model/json.hpp"

namespace quartermaster::http {
namespace {

Error bad(std::string message) { return Error{ErrorCode::bad_request, std::move(message)}; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const bool complete = i + 2 < text.size();
      const int high = complete ? hex_digit(text[i + 1]) : -1;
      const int low = complete ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return bad("request target: '%' is not followed by two hexadecimal digits");
      if (high == 0 && low == 0) return bad("request target: NUL is not allowed");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!json::is_valid_utf8(out)) return bad("request target: not UTF-8 once decoded");
  return out;
}

}  // namespace

std::optional<std::string_view> Target::find(std::string_view name) const {
  const auto it = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  if (it == query.end()) return std::nullopt;
  return it->second;
}

Result<Target> parse_target(std::string_view target) {
  bool absolute_form = false;
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f) return bad("request target: must be printable ASCII; percent-encode the rest");
    if (c == '#') return bad("request target: a fragment is not allowed");
  }
  // Absolute-form ("http://host/path"), which a server must take (RFC 9112 section 3.2.2).
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto host = std::min(target.find_first_of("/?"), target.size());
    if (host == 0) return bad("request target: no host");
    target.remove_prefix(host);
    absolute_form = true;
    break;
  }
  if (!target.starts_with('/') && !absolute_form) return bad("request target: must start with '/'");
  const auto question = target.find('?');
  auto path = target.substr(0, question);
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);

  Target out;
  while (!path.empty()) {
    const auto slash = path.find('/');
    auto segment = percent_decode(path.substr(0, slash), false);
    if (!segment) return segment.error();
    if (segment->empty() || *segment == "." || *segment == "..") {
      return bad("request target: empty, '.' and '..' path segments are not allowed");
    }
    out.segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
    if (path.empty()) return bad("request target: empty, '.' and '..' path segments are not allowed");
  }

  auto query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    const auto part = query.substr(0, ampersand);
    if (!part.empty()) {
      const auto equals = part.find('=');
      auto name = percent_decode(part.substr(0, equals), true);
      if (!name) return name.error();
      auto value = percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1), true);
      if (!value) return value.error();
      out.query.emplace_back(std::move(*name), std::move(*value));
    }
    if (ampersand == std::string_view::npos) break;
    query.remove_prefix(ampersand + 1);
  }
  return out;
}

}  // namespace quartermaster::http
