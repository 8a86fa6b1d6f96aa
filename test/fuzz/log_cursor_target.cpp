// How far logs have come, as callers send it.
#include "server/api/log_cursor.hpp"

#include "test/fuzz/fuzz.hpp"

using quartermaster::api::LogCursor;
using quartermaster::fuzz::check;

FUZZ_TARGET(log_cursor) {
  const auto cursor = LogCursor::parse(input);
  if (!cursor) return;
  const auto text = cursor->text();
  const auto again = LogCursor::parse(text);
  check(again && again->text() == text, "what is printed reads back");
}
