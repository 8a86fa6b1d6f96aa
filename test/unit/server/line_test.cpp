// A line before a place: in order, and nobody is lost who leaves it.
#include "server/api/line.hpp"

#include <catch2/catch.hpp>
#include <optional>

#include "test/support/result.hpp"
#include "test/support/run.hpp"

namespace quartermaster::test {
namespace {

using api::Line;
using Entering = Running<Result<Line::Place>>;

struct LineFixture {
  Entering enter(Call call = {}) { return {loop, line.enter(std::move(call))}; }
  void until_waiting(std::size_t count) {
    run_until(loop, [&] { return line.waiting() == count; });
  }

  asio::io_context loop{1};
  Line line{1};
};

TEST_CASE_METHOD(LineFixture, "a place goes to the first in line", "[line]") {
  auto place = std::optional(enter().get().value());
  auto one = enter();
  until_waiting(1);
  auto two = enter();
  until_waiting(2);
  place.reset();
  auto first = std::optional(one.get().value());
  // Who comes now has to wait, though nobody is in between.
  auto three = enter();
  until_waiting(2);
  CHECK_FALSE(two.done());
  first.reset();
  auto second = std::optional(two.get().value());
  CHECK_FALSE(three.done());
  second.reset();
  CHECK(three.get());
  CHECK(line.waiting() == 0);
}

TEST_CASE_METHOD(LineFixture, "waiting ends with the deadline or the stop", "[line]") {
  auto place = std::optional(enter().get().value());
  CHECK(enter({.deadline = Clock::now() + std::chrono::milliseconds(5)}).get().error().code == ErrorCode::timeout);
  std::stop_source stop;
  auto gone = enter({.stop = stop.get_token()});
  until_waiting(1);
  auto next = enter();
  until_waiting(2);
  stop.request_stop();
  // In the same turn: whoever leaves is passed over, or passes the place on.
  place.reset();
  if (const auto left = gone.get(); !left) CHECK(left.error().code == ErrorCode::cancelled);
  CHECK(next.get());
  CHECK(enter().get());
}

}  // namespace
}  // namespace quartermaster::test
