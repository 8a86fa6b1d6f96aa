// The API description, server/api/openapi.json, as it is carried in the binary.
#pragma once

#include <string_view>

namespace quartermaster::api {

std::string_view openapi_document();

}  // namespace quartermaster::api
