#include "server/api/wipe_stack.hpp"

#include <openssl/crypto.h>

#include <array>

namespace quartermaster::api {

[[gnu::noinline]] void wipe_stack() {
  std::array<char, 128U << 10> below;  // deeper than the program ever gets
  OPENSSL_cleanse(below.data(), below.size());
}

}  // namespace quartermaster::api
