// RFC 3339 (section 5.6) and kubectl's ages.
#include "model/timestamp.hpp"

#include <cstdint>

namespace quartermaster {
namespace {

using namespace std::chrono;

// What 64 bits of nanoseconds hold, in whole years.
constexpr year kFirstYear{1678}, kLastYear{2261};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes pieces off the front of a text, and remembers when one was missing.
class Scanner {
 public:
  explicit Scanner(std::string_view rest) : rest_(rest) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

  // A number of exactly that many digits, from `lowest` to `highest`.
  int number(std::size_t digits, int lowest, int highest) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      ok_ = ok_ && i < rest_.size() && is_digit(rest_[i]);
      if (!ok_) return 0;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    ok_ = value >= lowest && value <= highest;
    return value;
  }

  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) { ok_ = skip(c) && ok_; }

  // One digit or more after a decimal point.
  nanoseconds fraction() {
    ok_ = ok_ && !rest_.empty() && is_digit(rest_[0]);
    nanoseconds value{0}, unit = milliseconds(100);
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1), unit /= 10) value += unit * (rest_[0] - '0');
    return value;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

minutes offset(Scanner& scanner) {
  if (scanner.skip('Z')) return minutes(0);
  const int sign = scanner.skip('-') ? -1 : 1;
  if (sign > 0) scanner.expect('+');
  const hours hour(scanner.number(2, 0, 23));
  scanner.expect(':');
  return sign * (hour + minutes(scanner.number(2, 0, 59)));
}

std::string padded(std::int64_t value, std::size_t digits) {
  const std::string text = std::to_string(value);
  return std::string(digits - text.size(), '0') + text;
}

std::string with_unit(std::int64_t count, char unit) { return std::to_string(count) + unit; }

// "3h12m", or "3h" where the second count is zero.
std::string with_units(std::int64_t count, char unit, std::int64_t rest, char rest_unit) {
  return with_unit(count, unit) + (rest == 0 ? "" : with_unit(rest, rest_unit));
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Scanner scanner(text);
  const year year{scanner.number(4, static_cast<int>(kFirstYear), static_cast<int>(kLastYear))};
  scanner.expect('-');
  const month month{static_cast<unsigned>(scanner.number(2, 1, 12))};
  scanner.expect('-');
  const day day{static_cast<unsigned>(scanner.number(2, 1, 31))};
  scanner.expect('T');
  const hours hour(scanner.number(2, 0, 23));
  scanner.expect(':');
  const minutes minute(scanner.number(2, 0, 59));
  scanner.expect(':');
  const seconds second(scanner.number(2, 0, 60));
  const nanoseconds fraction = scanner.skip('.') ? scanner.fraction() : nanoseconds(0);
  const minutes ahead = offset(scanner);
  const year_month_day date{year, month, day};
  if (!scanner.ok() || !scanner.at_end() || !date.ok()) return std::nullopt;

  const sys_seconds time = sys_days(date) + hour + minute + second - ahead;
  // A leap second is the last one of a day in UTC.
  if (second == seconds(60) && floor<days>(time) != time) return std::nullopt;
  // In UTC, too: what is printed is a time again.
  const auto year_in_utc = year_month_day(floor<days>(time)).year();
  if (year_in_utc < kFirstYear || year_in_utc > kLastYear) return std::nullopt;
  return time + fraction;
}

std::string format_timestamp(const std::optional<Timestamp>& time) {
  if (!time) return {};
  const sys_days midnight = floor<days>(*time);
  const year_month_day date(midnight);
  const hh_mm_ss clock(*time - midnight);
  std::string text = padded(static_cast<int>(date.year()), 4) + "-" + padded(static_cast<unsigned>(date.month()), 2) +
                     "-" + padded(static_cast<unsigned>(date.day()), 2) + "T" + padded(clock.hours().count(), 2) + ":" +
                     padded(clock.minutes().count(), 2) + ":" + padded(clock.seconds().count(), 2);
  if (clock.subseconds().count() != 0) {
    text += "." + padded(clock.subseconds().count(), 9);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "Z";
}

std::string short_age(nanoseconds age) {
  // Each unit is cut off, towards zero. The borders between the forms are kubectl's.
  const std::int64_t second = duration_cast<seconds>(age).count();
  const std::int64_t minute = second / 60, hour = minute / 60, day = hour / 24, year = day / 365;
  if (second <= -2) return "<invalid>";
  if (second < 0) return "0s";
  if (second < 120) return with_unit(second, 's');
  if (minute < 10) return with_units(minute, 'm', second % 60, 's');
  if (minute < 180) return with_unit(minute, 'm');
  if (hour < 8) return with_units(hour, 'h', minute % 60, 'm');
  if (hour < 48) return with_unit(hour, 'h');
  if (day < 8) return with_units(day, 'd', hour % 24, 'h');
  if (year < 2) return with_unit(day, 'd');
  if (year < 8) return with_units(year, 'y', day % 365, 'd');
  return with_unit(year, 'y');
}

}  // namespace quartermaster
