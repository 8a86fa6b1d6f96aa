// How many files the process may have open: each connection is one.
#pragma once

#include <cstddef>

namespace quartermaster {

/// Raises the soft limit of open files to `wanted`, as far as the hard limit lets it; never lowers it. Returns the
/// limit that holds then.
std::size_t allow_open_files(std::size_t wanted);

}  // namespace quartermaster
