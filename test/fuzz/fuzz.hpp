// What fuzz targets are made of. A target is given any bytes, and must neither crash nor throw; what it checks beyond
// that holds for any input.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

namespace quartermaster::fuzz {

using Target = void (*)(std::string_view input);

/// By name: all that are linked in. A fuzzer has one, the program that replays the corpora has all.
inline std::map<std::string, Target>& targets() {
  static std::map<std::string, Target> all;
  return all;
}

/// A property that must hold.
inline void check(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << std::endl;
  std::abort();
}

/// The front of an input, as numbers that steer what is done with the rest.
class Front {
 public:
  explicit Front(std::string_view& input) : input_(input) {}

  std::uint8_t byte() {
    if (input_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(input_[0]);
    input_.remove_prefix(1);
    return value;
  }
  /// Up to the next line feed, which is dropped.
  std::string_view line() {
    const auto end = std::min(input_.find('\n'), input_.size());
    const auto text = input_.substr(0, end);
    input_.remove_prefix(std::min(end + 1, input_.size()));
    return text;
  }

 private:
  std::string_view& input_;
};

}  // namespace quartermaster::fuzz

/// FUZZ_TARGET(quantity) { ... input ... }: its file and its corpus have the same name.
#define FUZZ_TARGET(name)                                                \
  static void fuzz_##name(std::string_view input);                       \
  [[maybe_unused]] static const bool fuzz_##name##_added =               \
      quartermaster::fuzz::targets().emplace(#name, fuzz_##name).second; \
  static void fuzz_##name([[maybe_unused]] std::string_view input)
