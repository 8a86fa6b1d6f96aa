// Structured logs: one JSON object a line, on stderr. Whoever logs passes fields, never finished sentences with values
// in them, and never a token, a body or a secret's value.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace quartermaster::observe {

enum class Level { debug, info, warning, error, off };

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

/// Lines below `level` are dropped. Call once, before anything is logged.
void set_log_level(Level level);
bool log_enabled(Level level);

/// {"time":"2026-01-02T03:04:05.678901Z","level":"info","msg":"listening",...fields}
void log(Level level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace quartermaster::observe
