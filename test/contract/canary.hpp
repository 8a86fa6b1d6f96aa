// The text that every secret value of the suite begins with, and where it must not be: values belong into answers to
// whoever asks for them, and nowhere else.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace quartermaster::test {

inline constexpr std::string_view kCanary = "c4n4ry-value";
inline constexpr std::string_view kCanaryBase64 = "YzRuNHJ5LXZhbHVl";  // as it begins a value

/// The spelling in which the canary is in there: itself, or in base64 at any alignment. "" if it is not. Escaping it
/// for JSON changes nothing.
std::string canary_in(std::string_view text);

/// Where the canary, or one of these other texts, is in the memory of a process: "[heap]: ...YzRuN... in ...", one for
/// each place. Needs the right to trace it.
std::vector<std::string> canaries_in_memory(pid_t process, const std::vector<std::string>& others = {});

}  // namespace quartermaster::test
