#include "test/bench/resync.hpp"

#include <iostream>
#include <stdexcept>

#include "test/bench/http.hpp"
#include "test/support/json.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::bench {

namespace {

std::int64_t relists(const Service& service) {
  const auto stats = test::parse_json(KeepAlive(service.endpoint()).exchange("GET /stats"));
  return test::at(stats, "/caches/pods/relists").to_number<std::int64_t>();
}

}  // namespace

void resync(Target& target, const Service& service) {
  const auto before = relists(service);
  target.expire_watches();
  if (!test::poll_until([&] { return relists(service) > before; }, std::chrono::minutes(2))) {
    throw std::runtime_error("the service does not list anew");
  }
}

}  // namespace quartermaster::bench
