// Times, ages and durations.
#include "model/timestamp.hpp"

#include "model/integer.hpp"
#include "server/api/query.hpp"
#include "test/fuzz/fuzz.hpp"

using quartermaster::fuzz::check;

FUZZ_TARGET(timestamp) {
  if (const auto time = quartermaster::parse_timestamp(input)) {
    const auto text = quartermaster::format_timestamp(time);
    check(quartermaster::parse_timestamp(text) == time, "what is printed reads back");
    check(!quartermaster::short_age(time->time_since_epoch()).empty(), "there is an age");
  }
  if (const auto duration = quartermaster::api::parse_duration(input))
    check(duration->count() >= 0, "no duration is negative");
  if (const auto number = quartermaster::parse_integer(input))
    check(!quartermaster::short_age(std::chrono::nanoseconds(*number)).empty(), "there is an age");
}
