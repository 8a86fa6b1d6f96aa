// Small files whole: configuration, tokens, certificates.
#pragma once

#include <string>
#include <string_view>

#include "model/error.hpp"

namespace quartermaster::kubeapi {

/// The file's bytes. Error: internal, one clause without the path ("No such file or directory"); also for what is not
/// a regular file or is larger than `max_bytes`.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes = 1U << 20);

/// Without blanks and line ends at both ends.
std::string_view trim(std::string_view text);

}  // namespace quartermaster::kubeapi
