// Whatever becomes of a store, and whatever a listener does: what it knows in the end is what the store has.
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>
#include <list>
#include <random>
#include <set>

#include "kubeapi/spawn.hpp"
#include "server/api/filler.hpp"
#include "server/watch/listening.hpp"
#include "test/support/event_stream.hpp"
#include "test/support/result.hpp"
#include "test/support/run.hpp"

namespace quartermaster::watch {
namespace {

using test::ListView;
using test::run;
using test::run_until;

/// Somebody who reads all that comes, or, paused, nothing.
class Follower {
 public:
  Follower(asio::io_context& loop, FeedPtr feed, Filter filter, ListView view, std::string last_id = {})
      : state_(std::make_shared<State>(loop)) {
    state_->view = std::move(view);
    Terms terms{.filter = std::move(filter),
                .last_event_id = std::move(last_id),
                .means = {{}, state_->answers, "somebody"},
                .call = {.stop = state_->stop.get_token()}};
    spawn(loop, follow(state_, std::move(feed), std::move(terms)));
  }
  Follower(Follower&&) = default;
  Follower& operator=(Follower&&) = delete;
  ~Follower() {
    if (state_) leave();
  }

  ListView& view() { return state_->view; }
  const std::string& last_id() const { return state_->parser.last_id(); }
  bool ended() const { return state_->ended; }
  bool failed() const { return state_->failed; }
  void pause(bool paused) {
    state_->paused = paused;
    state_->changed.cancel();
  }
  void leave() {
    state_->stop.request_stop();
    pause(false);
    run_until(state_->loop, [this] { return state_->ended; });
  }

 private:
  struct State {
    explicit State(asio::io_context& io) : loop(io), changed(io.get_executor(), Clock::time_point::max()) {}
    asio::io_context& loop;
    http::Admission answers{"bytes", {.in_all = 64U << 20}};
    std::stop_source stop;
    Timer changed;
    bool paused = false, ended = false, failed = false;
    test::EventParser parser;
    ListView view;
  };

  static Task<void> follow(std::shared_ptr<State> state, FeedPtr feed, Terms terms) {
    auto listening = co_await Listening::begin(std::move(feed), std::move(terms));
    while (listening) {
      while (state->paused) co_await state->changed.async_wait(asio::as_tuple(use_task));
      const auto piece = co_await (*listening)->read();
      state->failed = !piece.has_value();
      if (!piece || piece->empty()) break;
      state->parser.feed(*piece);
      while (auto event = state->parser.next()) state->view.apply(*event);
    }
    if (!listening) state->failed = true;
    state->ended = true;
  }

  std::shared_ptr<State> state_;
};

using Items = std::map<std::string, std::string>;

/// A store of claims, and what is done to it.
struct Claims {
  kubeapi::Store store{model::Kind::pvc};
  asio::io_context loop{1};  // what runs in it has feeds of the store
  std::mt19937 random{5};    // NOLINT: the same each time
  int version = 100;

  Claims() { list({}); }

  static json::Document claim(const std::string& ns, const std::string& name, const std::string& app, int mark) {
    return json::parse(R"({"metadata": {"namespace": ")" + ns + R"(", "name": ")" + name + R"(", "labels": {"app": ")" +
                       app + R"("}}, "spec": {"volumeName": "v)" + std::to_string(mark) + "\"}}")
        .value();
  }
  struct Item {
    std::string name, app;
    int mark = 0;
  };
  void put(const std::string& name, const std::string& app = "web", const std::string& ns = "demo") {
    ++version;
    const auto object = claim(ns, name, app, version);
    store.put(object.root(), std::to_string(version));
  }
  void remove(const std::string& name, const std::string& ns = "demo") {
    const auto object = claim(ns, name, "", 0);
    store.remove(object.root(), std::to_string(++version));
  }
  void list(const std::vector<Item>& items) {
    store.begin_list();
    for (const auto& [name, app, mark] : items) {
      const auto object = claim("demo", name, app, mark);
      store.list_item(object.root());
    }
    store.end_list(std::to_string(version += 10));
  }
  static std::vector<Item> many_items(int count) {
    std::vector<Item> items;
    for (int i = 0; i < count; ++i) items.push_back({"c" + std::to_string(i), "web"});
    return items;
  }
  int pick(int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); }

  void change_something() {
    const auto name = "c" + std::to_string(pick(40));
    const std::string app = pick(2) == 0 ? "web" : "db";
    switch (pick(12)) {
      case 0:
        return store.advance(std::to_string(version += 5));
      case 1:
      case 2:
      case 3:
        return remove(name);
      case 4:
        return put(name, app, "other");
      default:
        return put(name, app);
    }
  }

  /// A list that differs in some items from what is there.
  void relist() {
    std::vector<Item> items;
    for (int i = 0; i < 40; ++i) {
      if (pick(5) > 0) items.push_back({"c" + std::to_string(i), pick(2) == 0 ? "web" : "db", pick(3)});
    }
    if (pick(2) == 0) std::shuffle(items.begin(), items.end(), random);
    list(items);
  }

  FeedPtr feed(Ring::Limits limits = {}) {
    return std::make_shared<Feed>(loop.get_executor(), api::Resource::pvcs, store, nullptr, limits);
  }
  static Filter filter(const std::string& selector = "", const std::string& ns = "demo") {
    return {ns, LabelSelector::parse(selector).value()};
  }
  Items expected(const Filter& filter) const {
    Items items;
    store.shard(filter.ns)->for_each("", [&](const model::RecordView& record) {
      if (filter.selector.matches(RenderedLabels(record.labels)))
        items[std::string(record.name)] = test::print(test::parse_json(record.dto));
      return true;
    });
    return items;
  }
  void await(Follower& follower, const Filter& filter) {
    run_until(loop, [&] { return follower.view().items() == expected(filter); });
  }
  Task<void> count_turns(int& turns, const bool& over) {
    while (!over) {
      co_await asio::post(loop, use_task);
      ++turns;
    }
  }
  void turn(int times) {
    loop.restart();
    for (int i = 0; i < times; ++i) loop.poll_one();
  }
};

const std::vector<std::string> kSelectors = {"", "app=web", "app=db", "app!=web", "app in (web, db)", "none"};

TEST_CASE_METHOD(Claims, "watch: all who listen know in the end what the store has", "[watch]") {
  for (int i = 0; i < 60; ++i) change_something();
  const auto feed = this->feed();
  struct One {
    Follower follower;
    Filter filter;
  };
  std::list<One> all;
  for (int round = 0; round < 40; ++round) {
    for (const auto& selector : kSelectors) {
      if (all.size() > 30) break;
      const auto one = filter(selector, pick(6) == 0 ? "other" : "demo");
      all.push_back({Follower(loop, feed, one, ListView()), one});
      turn(pick(4));
    }
    for (auto& [follower, what] : all) follower.pause(pick(3) == 0);
    for (int i = pick(60); i > 0; --i) {
      change_something();
      turn(pick(3));
    }
    if (pick(3) == 0) relist();
    turn(pick(20));
    change_something();
  }
  for (auto& [follower, what] : all) {
    follower.pause(false);
    await(follower, what);
    CHECK(follower.view().lists() == 1);
    CHECK(follower.view().resets() == 0);
    CHECK(follower.view().surprises().empty());
    CHECK_FALSE(follower.ended());
  }
}

TEST_CASE_METHOD(Claims, "watch: who comes back by an id misses nothing, and needs no list", "[watch]") {
  for (int i = 0; i < 60; ++i) change_something();
  const auto feed = this->feed();
  for (const auto& selector : kSelectors) {
    CAPTURE(selector);
    const auto what = filter(selector);
    ListView view;
    std::string id;
    for (int round = 0; round < 30; ++round) {
      Follower follower(loop, feed, what, view, id);
      for (int i = pick(20); i > 0; --i) {
        change_something();
        turn(pick(5));
      }
      if (pick(4) == 0) relist();
      if (round == 29) await(follower, what);
      turn(pick(60));
      run_until(loop, [&] { return !follower.last_id().empty() || !id.empty(); });
      follower.leave();
      view = follower.view();
      if (!follower.last_id().empty()) id = follower.last_id();
      for (int i = pick(20); i > 0; --i) change_something();
    }
    CHECK(view.lists() == 1);
    CHECK(view.resets() == 0);
  }
}

TEST_CASE_METHOD(Claims, "watch: an id that is too old, or none of ours, gets a reset and the list", "[watch]") {
  const auto feed = this->feed({.changes = 10, .bytes = 1U << 20});
  for (int i = 0; i < 30; ++i) put("c" + std::to_string(i));
  const auto what = filter();
  for (const std::string id : {"101", "0", "nonsense", "12-12", "99999999999999999999"}) {
    CAPTURE(id);
    ListView view;
    view.apply({.name = "added", .data = R"({"name": "leftover"})"});
    Follower follower(loop, feed, what, view, id);
    await(follower, what);
    CHECK(follower.view().lists() == 1);
    CHECK(follower.view().resets() == 1);
  }
  Follower recent(loop, feed, what, ListView(), std::to_string(version - 5));
  run_until(loop, [&] { return recent.view().items().size() == 5; });
  CHECK(recent.view().lists() == 0);
}

TEST_CASE_METHOD(Claims, "watch: an id that another replica has told already is waited for", "[watch]") {
  const auto feed = this->feed();
  put("a");
  Follower ahead(loop, feed, filter(), ListView(), std::to_string(version + 2));
  turn(20);
  CHECK(ahead.view().items().empty());
  put("b");
  put("c");
  put("d");
  run_until(loop, [&] { return ahead.view().items().size() == 1; });
  CHECK(ahead.view().items().contains("d"));
  CHECK(ahead.view().lists() == 0);
}

TEST_CASE_METHOD(Claims, "watch: who falls behind begins anew, however far", "[watch]") {
  const auto feed = this->feed({.changes = 10, .bytes = 1U << 20});
  put("a");
  const auto what = filter();
  Follower slow(loop, feed, what, ListView());
  await(slow, what);
  put("b");
  await(slow, what);
  slow.pause(true);
  for (int i = 0; i < 3; ++i) {  // what it waits for already, it still gets
    put("a");
    turn(30);
  }
  for (int i = 0; i < 100; ++i) put("c" + std::to_string(i));
  slow.pause(false);
  await(slow, what);
  CHECK(slow.view().resets() == 1);
  CHECK(slow.view().lists() == 2);
  put("z");
  await(slow, what);
  CHECK_FALSE(slow.ended());
}

TEST_CASE_METHOD(Claims, "watch: who does not even come to the end of the list is sent away", "[watch]") {
  const auto feed = this->feed({.changes = 10, .bytes = 1U << 20});
  put("a");
  Follower slow(loop, feed, filter(), ListView());
  slow.pause(true);
  turn(30);
  for (int i = 0; i < 100; ++i) put("c" + std::to_string(i));
  slow.pause(false);
  run_until(loop, [&] { return slow.ended(); });
  REQUIRE(slow.view().closed());
  CHECK(slow.view().closed()->find("TooManyRequests") != std::string::npos);
}

TEST_CASE_METHOD(Claims, "watch: who always found something to read, and all there was, was not too slow yet",
                 "[watch]") {
  const auto feed = this->feed({.changes = 10, .bytes = 1U << 20});
  put("a");
  http::Admission answers{"bytes", {.in_all = 64U << 20}};
  Terms terms{.filter = filter("app=web"), .means = {{}, answers, "somebody"}};
  const auto listening = run(loop, Listening::begin(feed, std::move(terms))).value();
  const auto read = [&] { return std::string(run(loop, listening->read()).value()); };
  CHECK(read().starts_with("retry: "));
  CHECK(read().starts_with("event: list\n"));
  put("b");
  CHECK(read().find("event: added\n") != std::string::npos);
  for (int i = 0; i < 100; ++i) put("c");
  CHECK(read().starts_with("event: reset\n"));
}

TEST_CASE_METHOD(Claims, "watch: a list that changes too much is told as a list", "[watch]") {
  const auto feed = this->feed({.changes = 20, .bytes = 1U << 20});
  put("a");
  const auto what = filter();
  Follower follower(loop, feed, what, ListView());
  await(follower, what);
  std::vector<Item> items;
  for (int i = 0; i < 8; ++i) items.push_back({"c" + std::to_string(i), "web"});
  list(items);
  await(follower, what);
  CHECK(follower.view().resets() == 0);
  for (int i = 8; i < 50; ++i) items.push_back({"c" + std::to_string(i), "web"});
  list(items);
  await(follower, what);
  CHECK(follower.view().resets() == 1);
  put("z");
  await(follower, what);
  CHECK(follower.view().lists() == 2);
}

TEST_CASE_METHOD(Claims, "watch: an API server that counts anew is told as a list", "[watch]") {
  const auto feed = this->feed();
  put("a");
  const auto what = filter();
  Follower follower(loop, feed, what, ListView());
  await(follower, what);
  version = 5;
  list({{"b", "web"}});
  await(follower, what);
  CHECK(follower.view().resets() == 1);
  CHECK(follower.last_id() == "15");
}

TEST_CASE_METHOD(Claims, "watch: one that counts anew is noticed while its last list is looked at, too", "[watch]") {
  const auto feed = this->feed();
  const auto what = filter();
  put("a");
  Follower follower(loop, feed, what, ListView());
  await(follower, what);
  version = 5000;
  list(many_items(50));
  CHECK_FALSE(feed->settled());
  version = 1000;
  list({{"b", "web"}});
  await(follower, what);
  run_until(loop, [&] { return follower.last_id() == "1010"; });
  CHECK(follower.view().resets() == 1);
  CHECK(follower.view().items().size() == 1);
}

TEST_CASE_METHOD(Claims, "watch: who waits until the differences of a list are found takes no turns", "[watch]") {
  constexpr int kItems = 1000, kWaiting = 200;
  const auto feed = this->feed();
  list(many_items(kItems));
  const auto what = filter("none");
  std::list<Follower> all;
  for (int i = 0; i < kWaiting; ++i) all.emplace_back(loop, feed, what, ListView());
  int turns = 0, handlers = 0;
  bool over = false;
  turn(kWaiting + 10);  // all have begun
  spawn(loop, count_turns(turns, over));
  REQUIRE_FALSE(feed->settled());
  for (; !feed->settled(); ++handlers) turn(1);
  over = true;
  CHECK(handlers < 10 * (turns + 1) + kItems);  // a change that is told takes one, too
  for (auto& follower : all) {
    run_until(loop, [&] { return follower.view().lists() > 0; });
    CHECK(follower.view().resets() == 0);
  }
}

TEST_CASE_METHOD(Claims, "watch: nobody goes on from a version that the content may be newer than", "[watch]") {
  const auto feed = this->feed();
  list({{"a", "web"}});
  const auto id = std::to_string(version);
  store.understated();
  const auto what = filter();
  for (int i = 0; i < 2; ++i) {
    Follower follower(loop, feed, what, ListView(), id);
    await(follower, what);
    CHECK(follower.view().resets() == 1);
    if (i == 0) {
      put("b");
      store.advance(std::to_string(version += 5));
      await(follower, what);
    }
  }
  Follower exact(loop, feed, what, ListView(), std::to_string(version));
  put("c");
  run_until(loop, [&] { return exact.view().items().size() == 1; });
  CHECK(exact.view().resets() == 0);
}

TEST_CASE_METHOD(Claims, "watch: in the end all are told that and why it is over", "[watch]") {
  const auto feed = this->feed();
  const auto what = filter();
  std::list<Follower> all;
  for (int i = 0; i < 50; ++i) all.emplace_back(loop, feed, what, ListView());
  put("a");
  for (auto& follower : all) await(follower, what);
  feed->close({ErrorCode::unavailable, "good bye"});
  for (auto& follower : all) {
    run_until(loop, [&] { return follower.ended(); });
    CHECK_FALSE(follower.failed());
    REQUIRE(follower.view().closed());
    CHECK(follower.view().closed()->find("good bye") != std::string::npos);
  }
  CHECK(feed->listeners() == 0);
}

TEST_CASE_METHOD(Claims, "watch: who is concerned by nothing is not taken for slow, however much others hear",
                 "[watch]") {
  const auto feed = this->feed({.changes = 16, .bytes = 1U << 20});
  const auto few = filter("app=db"), elsewhere = filter("", "other"), all = filter();
  Follower quiet(loop, feed, few, ListView()), other(loop, feed, elsewhere, ListView());
  Follower busy(loop, feed, all, ListView());
  const auto await_all = [&] {
    await(quiet, few);
    await(other, elsewhere);
    await(busy, all);
  };
  const bool at_once = GENERATE(false, true);  // the ring turns over before the feed has its turn
  INFO(at_once);
  for (int round = 0; round < 3; ++round) {
    put("a", "db");
    put("a", "db", "other");
    await_all();
    busy.pause(at_once);
    quiet.pause(round == 1);  // it is sending something
    for (int i = 0; i < 100; ++i) {
      put("c" + std::to_string(i % 10), "web");
      if (!at_once && i % 4 == 3) await(busy, all);
    }
    busy.pause(false);
    quiet.pause(false);
  }
  await_all();
  for (auto* one : {&quiet, &other}) {
    CHECK(one->view().lists() == 1);
    CHECK(one->view().resets() == 0);
    CHECK(one->view().surprises().empty());
  }
  CHECK(busy.view().resets() == (at_once ? 3 : 0));
}

TEST_CASE_METHOD(Claims, "watch: who comes back to many changes takes its turns with others", "[watch]") {
  const auto feed = this->feed();
  put("a");
  const auto id = std::to_string(version);
  for (int i = 0; i < 6000; ++i) put("c" + std::to_string(i % 10), "web");
  put("z", "db");
  std::string selector = "app!=web";
  for (int i = 0; i < 30; ++i) selector += ",!a" + std::to_string(i);
  Follower follower(loop, feed, filter(selector), ListView(), id);
  int turns = 0;
  bool over = false;
  spawn(loop, count_turns(turns, over));
  run_until(loop, [&] { return follower.view().items().contains("z"); });
  over = true;
  turn(2);
  CHECK(turns > 5);
  CHECK(follower.view().lists() == 0);
}

TEST_CASE_METHOD(Claims, "watch: a feed that ends late takes nothing from the one that came after it", "[watch]") {
  auto closed = this->feed();
  closed->close({ErrorCode::unavailable, "not kept up any more"});
  const auto feed = this->feed();
  const auto what = filter();
  Follower follower(loop, feed, what, ListView());
  put("a");
  await(follower, what);
  closed.reset();
  put("b");
  await(follower, what);
  CHECK(follower.view().lists() == 1);
}

TEST_CASE_METHOD(Claims, "watch: large lists, rendered or as they lie there, go on with the changes since", "[watch]") {
  for (int i = 0; i < 900; ++i) put("c" + std::to_string(i), i % 3 == 0 ? "web" : "db");
  const auto feed = this->feed();
  std::list<std::pair<Follower, Filter>> all;
  for (const std::string selector : {"", "app", "app=web", "app"}) {
    all.emplace_back(Follower(loop, feed, filter(selector), ListView()), filter(selector));
    put("c1", "web");
    turn(3);
  }
  for (int i = 0; i < 50; ++i) {
    change_something();
    turn(2);
  }
  for (auto& [follower, what] : all) {
    await(follower, what);
    CHECK(follower.view().lists() == 1);
    CHECK(follower.view().surprises().empty());
  }
}

TEST_CASE_METHOD(Claims, "watch: a large list is rendered once for all who begin with it", "[watch]") {
  for (int i = 0; i < 900; ++i) put("c" + std::to_string(i), "web");
  const auto feed = this->feed();
  const auto what = filter("app=web");
  const bool in_memory = GENERATE(true, false);
  if (!in_memory) {
    for (int i = 0; i < 4000; ++i) put("d" + std::to_string(i), "web");
  }
  http::Admission answers{"bytes", {.in_all = 64U << 20}};
  const Means means{{.lists = api::Line(1)}, answers, "somebody"};
  const auto channel = feed->join(what);
  std::vector<test::Running<Result<Beginning>>> all;
  for (int i = 0; i < 5; ++i) {
    all.emplace_back(loop, begin_with_list(*feed, *channel, means, {}));
    turn(3);
    put("c" + std::to_string(i), "web");
  }
  std::vector<Beginning> begun;
  for (auto& one : all) {
    auto beginning = one.get();
    REQUIRE(beginning);
    begun.push_back(std::move(*beginning));
  }
  std::set<std::string> texts;
  std::set<const void*> rendered;
  for (auto& beginning : begun) {
    CHECK(beginning.next == begun.front().next);
    std::string text;
    for (auto piece = run(loop, beginning.list->read()); !piece->empty(); piece = run(loop, beginning.list->read())) {
      if (text.empty()) rendered.insert(piece->data());
      text += *piece;
    }
    texts.insert(std::move(text));
  }
  CHECK(texts.size() == 1);
  CHECK(rendered.size() == 1);
  CHECK(texts.begin()->ends_with("\n\n"));
  begun.clear();
  CHECK(answers.counts().taken == 0);
  CHECK(channel->list.expired());
  feed->leave(channel);
}

TEST_CASE_METHOD(Claims, "watch: who waits for a large list holds nothing, and gets the list of its turn", "[watch]") {
  for (int i = 0; i < 900; ++i) put("c" + std::to_string(i), "web");
  const auto feed = this->feed();
  const auto what = filter("app=web");
  http::Admission answers{"bytes", {.in_all = 64U << 20}};
  const Means means{{.lists = api::Line(1)}, answers, "somebody"};
  const auto channel = feed->join(what);
  auto place = std::make_unique<Result<api::Line::Place>>(run(loop, api::Line(means.lines.lists).enter({})));
  test::Running<Result<Beginning>> waiting(loop, begin_with_list(*feed, *channel, means, {}));
  turn(5);
  CHECK(store.shard("demo").local_use_count() == 2);  // the store's, and this one
  relist();
  const auto end = feed->ring().end();
  place.reset();
  auto beginning = waiting.get();
  REQUIRE(beginning);
  CHECK(feed->settled());
  CHECK(beginning->next > end);
  feed->leave(channel);
}

// Kinds whose items show more than one object.

json::Document object(const std::string& text) { return json::parse(text).value(); }

TEST_CASE("watch: a change of the default class is told of all whom it concerns", "[watch]") {
  kubeapi::Store store(model::Kind::storage_class);
  asio::io_context loop{1};
  store.begin_list();
  store.end_list("1");
  int version = 1;
  const auto put = [&](const std::string& name, bool is_default, int day) {
    const auto text = object(R"({"metadata": {"name": ")" + name + R"(", "creationTimestamp": "2024-01-0)" +
                             std::to_string(day) + R"(T00:00:00Z", "annotations":
        {"storageclass.kubernetes.io/is-default-class": ")" +
                             (is_default ? "true" : "false") + R"("}}, "provisioner": "p"})");
    store.put(text.root(), std::to_string(++version));
  };
  put("a", true, 1);
  put("b", false, 2);
  const auto feed = std::make_shared<Feed>(loop.get_executor(), api::Resource::storage_classes, store, nullptr);
  Follower follower(loop, feed, {}, ListView());
  const auto expect = [&] {
    Items items;
    const auto all = store.shard("");
    const kubeapi::Store::Content none;
    const api::Filler filler(api::Resource::storage_classes, *all, none);
    all->for_each("", [&](const model::RecordView& record) {
      std::string dto;
      filler.append(dto, record);
      items[std::string(record.name)] = test::print(test::parse_json(dto));
      return true;
    });
    run_until(loop, [&] { return follower.view().items() == items; });
  };
  expect();
  put("b", true, 2);  // newer than a
  expect();
  put("c", true, 3);
  expect();
  const auto c = object(R"({"metadata": {"name": "c"}})");
  store.remove(c.root(), std::to_string(++version));
  expect();
  store.begin_list();
  const auto a = object(R"({"metadata": {"name": "a", "creationTimestamp": "2024-01-01T00:00:00Z", "annotations":
      {"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "p"})");
  store.list_item(a.root());
  store.end_list(std::to_string(version += 5));
  expect();
  CHECK(follower.view().lists() == 1);
  CHECK(follower.view().surprises().empty());
}

/// Namespaces with their quotas.
struct Tenants {
  kubeapi::Store namespaces{model::Kind::namespace_}, quotas{model::Kind::resource_quota};
  asio::io_context loop{1};
  std::mt19937 random{7};  // NOLINT: the same each time
  int version = 10;

  Tenants() {
    for (auto* store : {&namespaces, &quotas}) {
      store->begin_list();
      store->end_list(std::to_string(++version));
    }
  }
  int pick(int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); }
  static json::Document tenant(const std::string& name, bool multi) {
    return object(R"({"metadata": {"name": ")" + name + R"(", "labels": {)" + (multi ? R"("multi-tenant": "x")" : "") +
                  R"(}}, "status": {"phase": "Active"}})");
  }
  static json::Document quota(const std::string& ns, const std::string& name, int pods) {
    return object(R"({"metadata": {"namespace": ")" + ns + R"(", "name": ")" + name +
                  R"("}, "spec": {"hard": {"pods": ")" + std::to_string(pods) +
                  R"("}}, "status": {"hard": {"pods": ")" + std::to_string(pods) + R"("}}})");
  }
  void change_something() {
    const auto ns = "t" + std::to_string(pick(8)), name = "q" + std::to_string(pick(2));
    const auto now = std::to_string(++version);
    const auto a_tenant = tenant(ns, pick(2) == 0);
    const auto a_quota = quota(ns, name, pick(3));
    switch (pick(8)) {
      case 0:
        return namespaces.remove(a_tenant.root(), now);
      case 1:
      case 2:
        return namespaces.put(a_tenant.root(), now);
      case 3:
        return quotas.remove(a_quota.root(), now);
      case 4:
        return pick(2) == 0 ? quotas.advance(now) : namespaces.advance(now);
      case 5:
        return relist_quotas();
      default:
        return quotas.put(a_quota.root(), now);
    }
  }
  void relist_quotas() {
    quotas.begin_list();
    for (int i = 0; i < 8; ++i) {
      const auto one = quota("t" + std::to_string(i), "q0", pick(3));
      if (pick(4) > 0) quotas.list_item(one.root());
    }
    quotas.end_list(std::to_string(++version));
  }
  Items expected(const LabelSelector& selector) const {
    Items items;
    const auto all = namespaces.shard("");
    const api::Filler filler(api::Resource::tenants, *all, quotas.content());
    all->for_each("", [&](const model::RecordView& record) {
      if (!selector.matches(RenderedLabels(record.labels))) return true;
      std::string dto;
      filler.append(dto, record);
      items[std::string(record.name)] = test::print(test::parse_json(dto));
      return true;
    });
    return items;
  }
};

TEST_CASE_METHOD(Tenants, "watch: tenants are told with their quotas, to those who come back, too", "[watch]") {
  for (int i = 0; i < 50; ++i) change_something();
  const auto feed = std::make_shared<Feed>(loop.get_executor(), api::Resource::tenants, namespaces, &quotas);
  for (const std::string selector : {"", "multi-tenant"}) {
    CAPTURE(selector);
    const Filter what{"", LabelSelector::parse(selector).value()};
    Follower staying(loop, feed, what, ListView("tenantName"));
    ListView view("tenantName");
    std::string id;
    for (int round = 0; round < 30; ++round) {
      Follower coming(loop, feed, what, view, id);
      for (int i = pick(20); i > 0; --i) {
        change_something();
        loop.poll_one();
      }
      run_until(loop, [&] { return !coming.last_id().empty() || !id.empty(); });
      if (round == 29) run_until(loop, [&] { return coming.view().items() == expected(what.selector); });
      coming.leave();
      view = coming.view();
      if (!coming.last_id().empty()) id = coming.last_id();
      for (int i = pick(20); i > 0; --i) change_something();
    }
    CHECK(view.lists() == 1);
    CHECK(view.resets() == 0);
    run_until(loop, [&] { return staying.view().items() == expected(what.selector); });
    CHECK(staying.view().lists() == 1);
    CHECK(staying.view().surprises().empty());
  }
}

}  // namespace
}  // namespace quartermaster::watch
