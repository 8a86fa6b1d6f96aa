// spdlog carries the lines (levels, sink, flushing); what a line holds is made here.
#include "server/observe/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>

#include "model/json.hpp"
#include "model/timestamp.hpp"

namespace quartermaster::observe {
namespace {

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      break;
  }
  return spdlog::level::off;
}

constexpr std::string_view level_name(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
    case Level::off:
      break;
  }
  return "off";
}

spdlog::logger& logger() {
  static spdlog::logger instance = [] {
    spdlog::logger made("quartermaster", std::make_shared<spdlog::sinks::stderr_sink_st>());
    made.set_pattern("%v");
    return made;
  }();
  return instance;
}

}  // namespace

void set_log_level(Level level) { logger().set_level(spdlog_level(level)); }
bool log_enabled(Level level) { return logger().should_log(spdlog_level(level)); }

void log(Level level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  std::string line;
  json::Writer writer(line);
  const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  writer.begin_object().field("time", format_timestamp(now)).field("level", level_name(level)).field("msg", message);
  for (const auto& [key, value] : fields) {
    writer.key(key);
    if (const auto* text = std::get_if<std::string_view>(&value)) writer.string(*text);
    if (const auto* number = std::get_if<std::int64_t>(&value)) writer.integer(*number);
    if (const auto* real = std::get_if<double>(&value)) writer.number(*real);
    if (const auto* flag = std::get_if<bool>(&value)) writer.boolean(*flag);
  }
  writer.end_object();
  logger().log(spdlog_level(level), line);
}

}  // namespace quartermaster::observe
