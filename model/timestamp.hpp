// RFC 3339 times as Kubernetes writes them (metav1.Time: seconds; metav1.MicroTime: microseconds), to the nanosecond.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace quartermaster {

using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Parses RFC 3339: any offset, 0 to 9 digits of fraction (further ones are cut off), a leap second, 23:59:60 in UTC,
/// read as the next second, years 1678 to 2261 (what nanoseconds can hold). Nothing on anything else, a missing value
/// included.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// "2019-07-05T04:17:59Z", with the fraction (no trailing zeros) only if there is one; "" for nothing.
std::string format_timestamp(const std::optional<Timestamp>& time);

/// kubectl's short age, as k8s.io/apimachinery's duration.HumanDuration prints it: "59s", "5m30s", "3h12m", "5d3h",
/// "2y45d"; seconds up to "119s". "<invalid>" for two seconds or more into the future, "0s" for less.
std::string short_age(std::chrono::nanoseconds age);

}  // namespace quartermaster
