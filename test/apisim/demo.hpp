// Objects that make every route interesting.
#pragma once

#include "test/apisim/api_server.hpp"

namespace quartermaster::apisim {

void load_demo(ApiServer& server);

}  // namespace quartermaster::apisim
