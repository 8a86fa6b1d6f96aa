// Names that no other test uses, in this run or in one beside it.
#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

namespace quartermaster::test {

/// "<prefix>-<time>-<pid>-<n>", a DNS-1123 label.
inline std::string unique_name(std::string_view prefix = "t") {
  static std::atomic<unsigned> next{0};
  static const auto begin = std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1);
  return std::string(prefix) + "-" + std::to_string(begin % 1'000'000'000) + "-" + std::to_string(::getpid()) + "-" +
         std::to_string(next++);
}

}  // namespace quartermaster::test
