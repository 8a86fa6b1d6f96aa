#include "test/apisim/demo.hpp"

namespace quartermaster::apisim {

void load_demo(ApiServer&) {}

}  // namespace quartermaster::apisim
