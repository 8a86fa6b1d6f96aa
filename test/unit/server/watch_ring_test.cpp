// What is kept of the last changes: order, bounds, and who can go on from where.
#include "server/watch/ring.hpp"

#include <catch2/catch.hpp>

#include "server/watch/channel.hpp"

namespace quartermaster::watch {
namespace {

Position at(int version, const std::string& quotas = "") { return {std::to_string(version), quotas}; }

Change change(int version, std::string data = "{}", const std::string& ns = "demo") {
  return {.ns = ns, .labels_after = "{}", .data = std::move(data), .position = at(version)};
}

/// As a listener does that comes back.
std::optional<std::size_t> missed(const Ring& ring, const Position& position) {
  const auto number = ring.behind(position);
  return number ? std::optional<std::size_t>(ring.end() - *number) : std::nullopt;
}

void push(Ring& ring, int version, std::string data = "{}") {
  ring.push(change(version, std::move(data)));
  ring.advance(at(version));
}

TEST_CASE("watch: an id is a position, and nothing else is", "[watch]") {
  CHECK(Position{"12"}.id() == "12");
  CHECK(Position{"12", "9"}.id() == "12-9");
  CHECK(Position::parse("12", false) == Position{"12"});
  CHECK(Position::parse("12-9", true) == Position{"12", "9"});
  for (const std::string bad : {"", "x", "-", "12-", "-12", "12-9", "012", "0", "1 2", "123456789012345678901", "1\n"})
    CHECK_FALSE(Position::parse(bad, false));
  for (const std::string bad : {"", "12", "12-", "-9", "12-9-3", "12-x"}) CHECK_FALSE(Position::parse(bad, true));
}

TEST_CASE("watch: a position covers what is not newer in any of its versions", "[watch]") {
  CHECK(at(10).covers(at(9)));
  CHECK(at(10).covers(at(10)));
  CHECK_FALSE(at(9).covers(at(10)));
  CHECK(at(10, "5").covers(at(9, "5")));
  CHECK_FALSE(at(10, "5").covers(at(9, "6")));
  CHECK(at(10, "5").version() == "5");
  CHECK(at(10, "12").version() == "10");
}

TEST_CASE("watch: one goes on behind what one knows, from wherever the id is", "[watch]") {
  Ring ring(at(100));
  for (const int version : {102, 105, 110}) push(ring, version);
  CHECK(missed(ring, at(100)) == 3U);
  CHECK(missed(ring, at(101)) == 3U);
  CHECK(missed(ring, at(102)) == 2U);
  CHECK(missed(ring, at(109)) == 1U);
  CHECK(missed(ring, at(110)) == 0U);
  CHECK_FALSE(missed(ring, at(99)));   // it does not know what was before
  CHECK_FALSE(missed(ring, at(111)));  // what has not been here yet
  ring.advance(at(120));
  CHECK(missed(ring, at(115)) == 0U);
  CHECK(missed(ring, at(120)) == 0U);
}

TEST_CASE("watch: who has part of a step gets all of it again", "[watch]") {
  Ring ring(at(10));
  for (int i = 0; i < 3; ++i) {
    auto part = change(20);
    part.last = false;
    ring.push(std::move(part));
  }
  CHECK(ring.position() == at(10));  // the step is not complete
  ring.advance(at(20));
  CHECK(missed(ring, at(10)) == 3U);
  CHECK(missed(ring, at(15)) == 3U);
  CHECK(missed(ring, at(20)) == 0U);
}

TEST_CASE("watch: a ring is bounded by number and by bytes, and keeps the last change in any case", "[watch]") {
  Ring few(at(1), {.changes = 3, .bytes = 1U << 20});
  for (int version = 2; version <= 9; ++version) push(few, version);
  CHECK(few.end() - few.begin() == 3);
  CHECK_FALSE(missed(few, at(5)));
  CHECK(missed(few, at(6)) == 3U);

  Ring small(at(1), {.changes = 1000, .bytes = 4000});
  for (int version = 2; version <= 100; ++version) push(small, version, std::string(500, 'x'));
  CHECK(small.bytes() <= 4000);
  CHECK(small.end() - small.begin() >= 4);
  push(small, 101, std::string(10'000, 'x'));
  CHECK(small.end() - small.begin() == 1);
  CHECK(missed(small, at(100)) == 1U);
  push(small, 102);
  CHECK(small.bytes() <= 4000);
}

TEST_CASE("watch: nobody goes on across a restart, nor from a position that is forgotten", "[watch]") {
  Ring ring(at(10));
  push(ring, 11);
  const auto end = ring.end();
  ring.restart(at(5));
  CHECK(ring.begin() > end);
  CHECK(ring.begin() == ring.end());
  CHECK_FALSE(missed(ring, at(10)));
  CHECK(missed(ring, at(5)) == 0U);
  push(ring, 6);
  ring.advance(at(8));
  ring.forget_positions();
  CHECK_FALSE(missed(ring, at(6)));
  CHECK(missed(ring, at(8)) == 0U);
}

TEST_CASE("watch: two versions make a position, whichever of them moves", "[watch]") {
  Ring ring(at(5, "1"));
  for (const auto& position : {at(5, "3"), at(7, "3"), at(7, "8")}) {
    ring.push({.ns = "", .labels_after = "{}", .data = "{}", .position = position});
    ring.advance(position);
  }
  CHECK(missed(ring, at(5, "1")) == 3U);
  CHECK(missed(ring, at(5, "3")) == 2U);
  CHECK(missed(ring, at(7, "8")) == 0U);
  CHECK(missed(ring, at(6, "8")) == 2U);  // of another replica, where the quotas came first
  CHECK(missed(ring, at(7, "2")) == 3U);
  CHECK_FALSE(missed(ring, at(8, "8")));
  CHECK_FALSE(missed(ring, at(4, "8")));
}

// Filters.

using Labels = std::optional<std::string>;

std::string seen(const Labels& before, const Labels& after, const std::string& selector,
                 const std::string& ns = "demo") {
  const Change what{.ns = "demo", .labels_before = before, .labels_after = after, .data = "{}"};
  const auto type = as_seen(what, {ns, LabelSelector::parse(selector).value()});
  if (!type) return "";
  return *type == ChangeType::added ? "added" : *type == ChangeType::modified ? "modified" : "deleted";
}

TEST_CASE("watch: what a filter makes of a change", "[watch]") {
  const Labels web = R"({"app":"web"})", db = R"({"app":"db"})", none;
  CHECK(seen(none, web, "") == "added");
  CHECK(seen(web, web, "") == "modified");
  CHECK(seen(web, db, "") == "modified");
  CHECK(seen(web, none, "") == "deleted");
  CHECK(seen(none, web, "app=web") == "added");
  CHECK(seen(none, db, "app=web").empty());
  CHECK(seen(web, web, "app=web") == "modified");
  CHECK(seen(db, web, "app=web") == "added");
  CHECK(seen(web, db, "app=web") == "deleted");
  CHECK(seen(db, db, "app=web").empty());
  CHECK(seen(web, none, "app=web") == "deleted");
  CHECK(seen(db, none, "app=web").empty());
  CHECK(seen(web, none, "app!=web").empty());  // what is not there is not selected, either
  CHECK(seen(none, web, "", "other").empty());
}

TEST_CASE("watch: who filter alike and have read as much get the very same bytes", "[watch]") {
  Ring ring(at(1));
  Channel channel({"demo"}, ring);
  channel.listeners = 2;
  const auto start = ring.end();
  push(ring, 2);
  push(ring, 3);
  ring.push(change(4, "{}", "other"));
  ring.advance(at(4));
  const auto first = channel.read(ring, start), second = channel.read(ring, start);
  CHECK(first->bytes == "id: 2\nevent: added\ndata: {}\n\nid: 3\nevent: added\ndata: {}\n\n");
  CHECK(first == second);
  CHECK(first->end == ring.end());
  CHECK(channel.read(ring, first->end)->bytes.empty());
  CHECK(channel.read(ring, start + 1)->bytes == "id: 3\nevent: added\ndata: {}\n\n");
  push(ring, 5);
  CHECK(channel.read(ring, start)->end == ring.end());
  CHECK(channel.read(ring, first->end)->bytes == "id: 5\nevent: added\ndata: {}\n\n");
}

TEST_CASE("watch: what is read at once is bounded, and nothing is lost between two reads", "[watch]") {
  Ring ring(at(1));
  Channel channel({"demo"}, ring);
  channel.listeners = 2;
  const auto start = ring.end();
  for (int version = 2; version < 200; ++version) push(ring, version, std::string(version == 50 ? 70'000 : 1000, 'x'));
  std::string all;
  std::size_t batches = 0;
  for (auto next = start; next != ring.end();) {
    const auto batch = channel.read(ring, next);
    CHECK(channel.read(ring, next) == batch);
    CHECK((batch->bytes.size() <= Channel::kBatchBytes || batch->end == next + 1));
    REQUIRE(batch->end > next);
    all += batch->bytes;
    next = batch->end;
    ++batches;
  }
  CHECK(batches >= 7);
  std::size_t ids = 0;
  for (auto place = all.find("id: "); place != std::string::npos; place = all.find("id: ", place + 1)) ++ids;
  CHECK(ids == 198);
}

TEST_CASE("watch: a channel reaches back as far as somebody needs it", "[watch]") {
  Ring ring(at(1), {.changes = 5, .bytes = 1U << 20});
  for (int version = 2; version <= 4; ++version) push(ring, version);
  Channel channel({"demo"}, ring);
  push(ring, 5);
  channel.reach_back(ring, ring.begin() + 1);
  const auto batch = channel.read(ring, ring.begin() + 1);
  CHECK(batch->bytes.starts_with("id: 3\n"));
  CHECK(batch->bytes.find("id: 5\n") != std::string::npos);
  for (int version = 6; version <= 20; ++version) push(ring, version);
  CHECK(channel.read(ring, ring.begin())->bytes.starts_with("id: 16\n"));
}

TEST_CASE("watch: a channel has lost nothing while only what it does not select leaves the ring", "[watch]") {
  Ring ring(at(1), {.changes = 5, .bytes = 1U << 20});
  Channel channel({"demo"}, ring);
  push(ring, 2);
  CHECK(channel.catch_up(ring));
  for (int version = 3; version <= 20; ++version) ring.push(change(version, "{}", "other"));
  CHECK(channel.lost(ring, 0));
  CHECK_FALSE(channel.lost(ring, 1));
  const auto batch = channel.read(ring, 1);
  CHECK(batch->bytes.empty());
  CHECK(batch->end == ring.end());
  CHECK(channel.catch_up(ring));
  ring.restart(at(5));
  CHECK(channel.lost(ring, batch->end));
}

TEST_CASE("watch: a channel looks at a bounded number of changes at once, and nobody goes back by that", "[watch]") {
  Ring ring(at(1));
  Channel channel({"demo"}, ring);
  for (int version = 2; version <= 1001; ++version) push(ring, version);
  const auto late = channel.read(ring, ring.end());
  CHECK(late->bytes.empty());
  CHECK(late->end == ring.end());
  CHECK_FALSE(channel.catch_up(ring));
  std::size_t steps = 0;
  for (; !channel.catch_up(ring); ++steps) REQUIRE(steps < 100);
  CHECK(steps >= 1);
  Channel newer({"demo"}, ring);
  CHECK_FALSE(newer.reach_back(ring, 10));
  while (!newer.reach_back(ring, 10)) {
  }
  CHECK(newer.begin() == 10);
  CHECK(newer.read(ring, 10)->bytes == channel.read(ring, 10)->bytes);
}

TEST_CASE("watch: what all have read costs nothing", "[watch]") {
  asio::io_context loop{1};
  Ring ring(at(1));
  Channel channel({"demo"}, ring);
  channel.listeners = 2;
  Timer timers[] = {Timer(loop), Timer(loop)};
  Waiter waiters[2];
  std::weak_ptr<const Batch> kept;
  Ring::Number next = ring.end();
  for (int version = 2; version <= 1000; ++version) {
    push(ring, version);
    for (std::size_t i = 0; i < 2; ++i) {
      const auto batch = channel.read(ring, next);
      if (i == 1) next = batch->end;
      kept = batch;
    }
    CHECK(channel.hits() == 1);
    CHECK_FALSE(kept.expired());
    for (std::size_t i = 0; i < 2; ++i) {
      waiters[i].timer = &timers[i];
      waiters[i].next = next;
      channel.wait(waiters[i]);
    }
    CHECK(channel.hits() == 0);
    CHECK(kept.expired());
    for (auto& waiter : waiters) channel.stop_waiting(waiter);
  }
  CHECK(channel.reach_back(ring, next - 10));
  CHECK(channel.read(ring, next - 10)->bytes.starts_with("id: 991\n"));

  for (int version = 1001; version <= 2000; ++version) push(ring, version);
  for (auto& waiter : waiters) {
    waiter.next = ring.end();  // behind a list, without having read
    channel.wait(waiter);
  }
  next = ring.end() - 2;
  CHECK(channel.reach_back(ring, next));
  CHECK(channel.catch_up(ring));
  CHECK(channel.read(ring, next)->bytes == "id: 1999\nevent: added\ndata: {}\n\nid: 2000\nevent: added\ndata: {}\n\n");
}

}  // namespace
}  // namespace quartermaster::watch
