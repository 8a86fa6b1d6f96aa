// The limit of open files, on this very process.
#include "server/open_files.hpp"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <limits>

namespace quartermaster {
namespace {

rlimit open_files() {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  return limit;
}

/// Begins each case with a soft limit of 200, and puts the old one back.
struct LowLimit {
  const rlimit old = open_files();
  LowLimit() { set(200); }
  ~LowLimit() { ::setrlimit(RLIMIT_NOFILE, &old); }
  LowLimit(const LowLimit&) = delete;
  LowLimit& operator=(const LowLimit&) = delete;
  void set(rlim_t soft) const {
    const rlimit limit{soft, old.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  }
};

TEST_CASE_METHOD(LowLimit, "the limit is raised to what is wanted", "[open_files]") {
  CHECK(allow_open_files(250) == 250);
  CHECK(open_files().rlim_cur == 250);
  CHECK(open_files().rlim_max == old.rlim_max);
}

TEST_CASE_METHOD(LowLimit, "the limit is never lowered", "[open_files]") {
  CHECK(allow_open_files(100) == 200);
  CHECK(open_files().rlim_cur == 200);
}

TEST_CASE_METHOD(LowLimit, "the limit is raised no further than may be", "[open_files]") {
  CHECK(allow_open_files(std::numeric_limits<std::size_t>::max()) == old.rlim_max);
  CHECK(open_files().rlim_cur == old.rlim_max);
}

}  // namespace
}  // namespace quartermaster
