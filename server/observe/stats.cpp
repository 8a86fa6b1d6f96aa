// The figures behind GET /stats.
#include "server/observe/stats.hpp"

#include <unistd.h>

#include <cstdio>

#include "model/timestamp.hpp"

namespace quartermaster::observe {
namespace {

using Seconds = std::chrono::duration<double>;

std::uint64_t sum(const std::map<unsigned, std::uint64_t>& counts) {
  std::uint64_t total = 0;
  for (const auto& [status, count] : counts) total += count;
  return total;
}

void write_counts(json::Writer& writer, std::string_view name, const std::map<unsigned, std::uint64_t>& counts) {
  writer.key(name).begin_object();
  for (const auto& [status, count] : counts) writer.field(std::to_string(status), static_cast<std::int64_t>(count));
  writer.end_object();
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// Up to nine digits of fraction, without trailing zeros.
std::string trimmed(double value, const char* unit) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.9f", value);
  std::string out = text.data();
  out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) out.pop_back();
  return out + unit;
}

}  // namespace

std::string go_duration(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  if (duration == nanoseconds::zero()) return "0s";
  if (duration < nanoseconds::zero()) return "-" + go_duration(-duration);
  if (duration < microseconds(1)) return std::to_string(duration.count()) + "ns";
  if (duration < milliseconds(1)) return trimmed(static_cast<double>(duration.count()) / 1e3, "µs");
  if (duration < seconds(1)) return trimmed(static_cast<double>(duration.count()) / 1e6, "ms");
  std::string out;
  const auto whole_hours = duration_cast<hours>(duration);
  const auto whole_minutes = duration_cast<minutes>(duration - whole_hours);
  if (whole_hours.count() > 0) out += std::to_string(whole_hours.count()) + "h";
  if (!out.empty() || whole_minutes.count() > 0) out += std::to_string(whole_minutes.count()) + "m";
  return out + trimmed(static_cast<double>((duration - whole_hours - whole_minutes).count()) / 1e9, "s");
}

void Stats::roll(SteadyTime now) {
  const auto elapsed = now - second_;
  if (elapsed < std::chrono::seconds(1)) return;
  last_ = elapsed < std::chrono::seconds(2) ? std::move(current_) : Counts();
  current_.clear();
  second_ += std::chrono::floor<std::chrono::seconds>(elapsed);
}

void Stats::record(unsigned status, std::uint64_t body_bytes, std::chrono::nanoseconds duration, SteadyTime now) {
  roll(now);
  ++current_[status];
  ++total_[status];
  total_time_ += duration;
  total_bytes_ += body_bytes;
}

void Stats::write(json::Writer& writer, SteadyTime now, SystemTime wall) const {
  Stats rolled = *this;
  rolled.roll(now);
  const auto total = sum(total_);
  const auto divisor = total == 0 ? 1 : static_cast<std::int64_t>(total);
  const auto average_time = total_time_ / divisor;
  const auto uptime = std::chrono::floor<std::chrono::microseconds>(now - started_);
  writer.field("pid", static_cast<std::int64_t>(::getpid()));
  writer.field("hostname", host_name());
  writer.field("uptime", go_duration(uptime));
  writer.key("uptime_sec").number(Seconds(uptime).count());
  writer.field("time", format_timestamp(std::chrono::floor<std::chrono::seconds>(wall)));
  writer.field("unixtime",
               static_cast<std::int64_t>(std::chrono::floor<std::chrono::seconds>(wall).time_since_epoch().count()));
  writer.field("count", static_cast<std::int64_t>(sum(rolled.last_)));
  writer.field("total_count", static_cast<std::int64_t>(total));
  write_counts(writer, "status_code_count", rolled.last_);
  write_counts(writer, "total_status_code_count", total_);
  writer.field("total_response_time", go_duration(total_time_));
  writer.key("total_response_time_sec").number(Seconds(total_time_).count());
  writer.field("average_response_time", go_duration(average_time));
  writer.key("average_response_time_sec").number(Seconds(average_time).count());
  writer.field("total_response_size", static_cast<std::int64_t>(total_bytes_));
  writer.field("average_response_size", static_cast<std::int64_t>(total_bytes_) / divisor);
}

}  // namespace quartermaster::observe
