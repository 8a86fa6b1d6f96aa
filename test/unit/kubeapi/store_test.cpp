// The store: whatever is done to it, it holds what a plain map would; readers keep what they took.
#include "kubeapi/store.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "model/resource_version.hpp"
#include "test/support/run.hpp"

namespace quartermaster::kubeapi {
namespace {

using Key = std::pair<std::string, std::string>;

json::Document claim(const std::string& ns, const std::string& name, const std::string& volume = "") {
  const auto text = R"({"metadata": {"namespace": ")" + ns + R"(", "name": ")" + name + R"(", "labels": {"l": "v"}},
                       "spec": {"volumeName": ")" +
                    volume + R"("}})";
  return json::parse(text).value();
}

std::string dto(const std::string& ns, const std::string& name, const std::string& volume = "") {
  return model::pvc_record(claim(ns, name, volume).root()).dto;
}

/// A store and what it is to hold.
struct Twin {
  Store store{model::Kind::pvc};
  std::map<Key, std::string> expected;  // DTO
  int version = 0;

  void put(const std::string& ns, const std::string& name, const std::string& volume = "") {
    store.put(claim(ns, name, volume).root(), std::to_string(++version));
    expected[{ns, name}] = dto(ns, name, volume);
  }
  void remove(const std::string& ns, const std::string& name) {
    store.remove(claim(ns, name).root(), std::to_string(++version));
    expected.erase({ns, name});
  }
  void list(const std::vector<std::tuple<std::string, std::string, std::string>>& items) {
    store.begin_list();
    expected.clear();
    for (const auto& [ns, name, volume] : items) {
      store.list_item(claim(ns, name, volume).root());
      expected[{ns, name}] = dto(ns, name, volume);
    }
    store.end_list(std::to_string(++version));
  }

  void check() const {
    std::map<Key, std::string> found;
    for (const auto& [ns, shard] : store.content()) check_shard(ns, *shard, found);
    CHECK(found == expected);
    CHECK(store.stats().objects == expected.size());
    CHECK(store.version() == std::to_string(version));
  }

  static void check_shard(const std::string& ns, const Shard& shard, std::map<Key, std::string>& found) {
    std::string last, bytes;
    Digest digest;
    std::size_t size = 0;
    CHECK_FALSE(shard.empty());
    for (const auto& page : shard.pages()) {
      REQUIRE(page->size() > 0);
      CHECK((page->size() == 1 || page->bytes().size() <= Page::kBytes));
      bytes += page->bytes();
    }
    std::string joined;
    shard.for_each("", [&](const model::RecordView& record) {
      REQUIRE(record.name > last);
      last = record.name;
      joined.append(",").append(record.dto);
      digest += Digest::of(record.dto);
      ++size;
      CHECK(record.labels == R"({"l":"v"})");
      found[{ns, std::string(record.name)}] = record.dto;
      const auto same = shard.find(record.name);
      CHECK((same && same->dto == record.dto));
      return true;
    });
    CHECK(joined == bytes);
    CHECK(shard.size() == size);
    CHECK(shard.bytes() == bytes.size());
    CHECK(shard.digest() == digest);
  }
};

std::string number(unsigned n) {
  auto text = std::to_string(n);
  return std::string(5 - text.size(), '0') + text;
}

TEST_CASE("A store holds what was put into it") {
  Twin twin;
  std::mt19937 random(7);  // NOLINT: the same each time
  const auto pick = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  for (int step = 0; step < 3000; ++step) {
    const auto ns = "ns-" + std::to_string(pick(3));
    const auto name = "c-" + number(pick(300));
    // Some are larger than a page.
    const auto volume = std::string(pick(100) == 0 ? 40'000 : pick(900), 'v');
    if (pick(3) == 0) {
      twin.remove(ns, name);
    } else {
      twin.put(ns, name, volume);
    }
    if (step % 250 == 0) twin.check();
  }
  twin.check();
  for (const auto& [key, value] : std::map(twin.expected)) twin.remove(key.first, key.second);
  twin.check();
  CHECK(twin.store.content().empty());
}

TEST_CASE("A list replaces the content, whatever the order of its items") {
  Twin twin;
  std::mt19937 random(11);  // NOLINT: the same each time
  for (int round = 0; round < 12; ++round) {
    std::vector<std::tuple<std::string, std::string, std::string>> items;
    for (unsigned i = 0; i < 400; ++i) {
      if (random() % 20 == 0) continue;
      const auto changed = random() % 50 == 0 ? std::to_string(random()) : "same";
      items.emplace_back("ns-" + std::to_string(i % 2), "c-" + number(i), changed + std::string(300, 'x'));
    }
    if (round % 3 == 2) std::shuffle(items.begin(), items.end(), random);
    twin.list(items);
    twin.check();
    for (unsigned i = 0; i < 20; ++i) twin.put("ns-0", "c-" + number(static_cast<unsigned>(random() % 400)), "now");
    twin.check();
  }
}

TEST_CASE("A list that says what is known already keeps the pages") {
  Twin twin;
  std::vector<std::tuple<std::string, std::string, std::string>> items;
  for (unsigned i = 0; i < 500; ++i) items.emplace_back("ns", "c-" + number(i), std::string(200, 'x'));
  twin.list(items);
  const auto before = twin.store.shard("ns");
  REQUIRE(before->pages().size() > 4);
  const auto kept = [&] {
    const auto now = twin.store.shard("ns");
    std::size_t count = 0;
    for (const auto& page : now->pages())
      count += static_cast<std::size_t>(std::count(before->pages().begin(), before->pages().end(), page));
    return count;
  };

  twin.list(items);
  CHECK(kept() == before->pages().size());

  std::get<2>(items[250]) = "changed";
  twin.list(items);
  twin.check();
  CHECK(kept() == before->pages().size() - 1);

  items.emplace(items.begin() + 100, "ns", "c-00099-new", "");
  items.erase(items.begin() + 400);
  twin.list(items);
  twin.check();
  CHECK(kept() >= before->pages().size() - 3);
}

TEST_CASE("Until a list has ended, and when it is dropped, the old content stays") {
  Twin twin;
  twin.put("ns", "a");
  twin.store.begin_list();
  const auto b = claim("ns", "b");
  twin.store.list_item(b.root());
  twin.check();
  twin.store.drop_list();
  twin.check();
  twin.store.begin_list();
  twin.store.drop_list();
  twin.check();
}

TEST_CASE("Who took a shard keeps it as it was") {
  Twin twin;
  twin.put("ns", "a", "1");
  const auto taken = twin.store.shard("ns");
  const auto none = twin.store.shard("other");
  twin.put("ns", "a", "2");
  twin.put("ns", "b");
  twin.put("other", "c");
  CHECK(taken->find("a")->dto == dto("ns", "a", "1"));
  CHECK(taken->size() == 1);
  CHECK(none->empty());
  twin.check();
  twin.remove("ns", "a");
  twin.remove("ns", "b");
  CHECK(taken->size() == 1);
  twin.check();
}

TEST_CASE("A change that changes nothing that is shown leaves page and digest alone") {
  Twin twin;
  twin.put("ns", "a", "1");
  const auto before = twin.store.shard("ns");
  twin.put("ns", "a", "1");
  CHECK(twin.store.shard("ns")->pages() == before->pages());
  CHECK(twin.store.version() == "2");
}

TEST_CASE("Reading on behind a name") {
  Twin twin;
  for (unsigned i = 0; i < 300; i += 2) twin.put("ns", "c-" + number(i), std::string(400, 'x'));
  const auto shard = twin.store.shard("ns");
  const auto first_after = [&](const std::string& name) {
    std::string found;
    shard->for_each(name, [&found](const model::RecordView& record) {
      found = record.name;
      return false;
    });
    return found;
  };
  CHECK(first_after("").substr(2) == number(0));
  CHECK(first_after("a").substr(2) == number(0));
  CHECK(first_after("z").empty());
  for (unsigned i = 0; i + 2 < 300; ++i) CHECK(first_after("c-" + number(i)).substr(2) == number(i / 2 * 2 + 2));
}

TEST_CASE("A store waits for a version") {
  asio::io_context loop;
  Store store(model::Kind::pvc);
  CHECK_FALSE(store.synced());
  store.begin_list();
  store.end_list("9");
  CHECK(store.synced());
  CHECK(test::run(loop, store.wait_for("9", Call{})).has_value());

  test::Running<Result<void>> ten(loop, store.wait_for("10", Call{}));
  test::Running<Result<void>> twelve(loop, store.wait_for("12", Call{}));
  loop.poll();
  CHECK_FALSE(ten.done());
  store.advance("11");
  CHECK(ten.get().has_value());
  CHECK_FALSE(twelve.done());
  store.put(claim("ns", "a").root(), "100");
  CHECK(twelve.get().has_value());
}

TEST_CASE("Waiting for a version ends with its call") {
  asio::io_context loop;
  Store store(model::Kind::pvc);
  store.begin_list();
  store.end_list("1");
  const Call late{.deadline = Clock::now()};
  const auto timed_out = test::run(loop, store.wait_for("2", late));
  REQUIRE(timed_out.has_error());
  CHECK(timed_out.error().code == ErrorCode::timeout);

  std::stop_source stop;
  const Call call{.stop = stop.get_token()};
  test::Running<Result<void>> waiting(loop, store.wait_for("2", call));
  loop.poll();
  stop.request_stop();
  CHECK(waiting.get().error().code == ErrorCode::cancelled);
}

TEST_CASE("Content that may be newer than its version is so until the next bookmark") {
  Store store(model::Kind::pvc);
  store.begin_list();
  store.end_list("5");
  CHECK(store.exact());
  store.begin_list();
  store.end_list("6");
  store.understated();
  CHECK_FALSE(store.exact());
  store.put(claim("demo", "a").root(), "7");
  CHECK_FALSE(store.exact());
  store.advance("8");
  CHECK(store.exact());
}

}  // namespace
}  // namespace quartermaster::kubeapi
