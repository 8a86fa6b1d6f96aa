// SOURCE.TIME.COUNT.BACK.RESTARTS.NEXT, with '_' between one and the next; numbers to the base of 36, times in
// nanoseconds, COUNT "-" for LogPosition::kSome.
#include "server/api/log_cursor.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include "kubeapi/page.hpp"

namespace quartermaster::api {
namespace {

using kubeapi::LogPosition;

constexpr int kBase = 36;
constexpr std::size_t kFields = 6;
constexpr std::size_t kMaxText = 16384;

template <class Number>
void append(std::string& out, Number number) {
  std::array<char, 24> text{};
  const auto [end, ec] = std::to_chars(text.data(), text.data() + text.size(), number, kBase);
  out.append(1, '.').append(text.data(), end);
}

template <class Number>
bool read(std::string_view text, Number& number) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number, kBase);
  return ec == std::errc() && end == text.data() + text.size();
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Without its source.
std::optional<LogPosition> position_of(const std::vector<std::string_view>& fields) {
  std::int64_t time = 0, back = 0;
  int next = 0;
  LogPosition at;
  const bool some = fields[2] == "-";
  const bool read_all = read(fields[1], time) && (some || read(fields[2], at.count)) && read(fields[3], back) &&
                        read(fields[4], at.restarts) && read(fields[5], next);
  if (!read_all || time <= 0 || back < 0 || back > time) return std::nullopt;
  if (at.restarts < 0 || at.restarts > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  if (some) at.count = LogPosition::kSome;
  at.time = Timestamp(std::chrono::nanoseconds(time));
  at.back = std::chrono::nanoseconds(back);
  at.next = next != 0;
  return at;
}

}  // namespace

std::string LogCursor::source_of(std::string_view uid, std::string_view container) {
  const auto digest = kubeapi::Digest::of(std::string(uid).append("/").append(container));
  std::string text;
  append(text, digest.low & 0xffffffffffU);
  return text.substr(1);
}

std::optional<LogCursor> LogCursor::parse(std::string_view text) {
  if (text.size() > kMaxText) return std::nullopt;
  LogCursor cursor;
  for (const auto part : split(text, '_')) {
    const auto fields = split(part, '.');
    if (fields.size() != kFields || fields[0].empty()) return std::nullopt;
    const auto at = position_of(fields);
    if (!at) return std::nullopt;
    cursor.set(fields[0], *at);
  }
  return cursor;
}

void LogCursor::append_to(std::string& out) const {
  bool first = true;
  for (const auto& [source, at] : positions_) {
    if (!std::exchange(first, false)) out += '_';
    out += source;
    append(out, at.time->time_since_epoch().count());
    if (at.count == LogPosition::kSome)
      out += ".-";
    else
      append(out, at.count);
    append(out, at.back.count());
    append(out, at.restarts);
    append(out, at.next ? 1 : 0);
  }
}

std::string LogCursor::text() const {
  std::string out;
  append_to(out);
  return out;
}

const LogPosition* LogCursor::find(std::string_view source) const {
  const auto found = positions_.find(source);
  return found == positions_.end() ? nullptr : &found->second;
}

void LogCursor::set(std::string_view source, const LogPosition& at) {
  if (!at.time) return;
  if (const auto found = positions_.find(source); found != positions_.end())
    found->second = at;
  else
    positions_.emplace(source, at);
}

void LogCursor::erase(std::string_view source) {
  if (const auto found = positions_.find(source); found != positions_.end()) positions_.erase(found);
}

}  // namespace quartermaster::api
