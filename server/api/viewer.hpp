// The viewer of the API description, RapiDoc, as it is carried in the binary (cmake/rapidoc.cmake).
#pragma once

#include <string_view>

namespace quartermaster::api {

/// JavaScript, compressed with gzip.
std::string_view viewer_script();

}  // namespace quartermaster::api
