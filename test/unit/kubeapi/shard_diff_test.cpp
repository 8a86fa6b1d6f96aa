// What is different between two shards: all of it, in order, and shared pages at once.
#include "kubeapi/shard_diff.hpp"

#include <boost/smart_ptr/make_local_shared.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <random>

namespace quartermaster::kubeapi {
namespace {

using Contents = std::map<std::string, std::string>;

model::Record record_of(const std::string& name, const std::string& dto) {
  model::Record record;
  record.name = name;
  record.dto = dto;
  return record;
}

Shared<const Shard> shard_of(const Contents& contents) {
  auto shard = boost::make_local_shared<Shard>();
  for (const auto& [name, dto] : contents) shard->put(record_of(name, dto));
  return shard;
}

std::string number(int n) {
  auto text = std::to_string(n);
  return std::string(5 - text.size(), '0') + text;
}

TEST_CASE("A diff finds each difference once") {
  std::mt19937 random(3);  // NOLINT: the same each time
  for (int round = 0; round < 30; ++round) {
    Contents before, after;
    for (int i = 0; i < 300; ++i) {
      const auto dto = "{" + std::string(random() % 400, 'x') + "}";
      if (random() % 8 != 0) before["c" + number(i)] = dto;
      if (random() % 8 != 0) after["c" + number(i)] = random() % 5 == 0 ? dto + " " : dto;
    }
    if (round == 0) before.clear();
    if (round == 1) after.clear();
    const auto was = shard_of(before), is = shard_of(after);
    ShardDiff diff(was, is);
    auto patched = before;
    std::string last;
    for (auto step = diff.step(); step != ShardDiff::Step::done; step = diff.step()) {
      if (step != ShardDiff::Step::differs) continue;
      const std::string name(diff.after() ? diff.after()->name : diff.before()->name);
      CHECK(name > last);
      last = name;
      CHECK(diff.before().has_value() == before.contains(name));
      CHECK(diff.after().has_value() == after.contains(name));
      if (diff.after()) {
        patched[name] = diff.after()->dto;
        CHECK((!diff.before() || diff.before()->dto != diff.after()->dto));
      } else {
        patched.erase(name);
      }
    }
    CHECK(patched == after);
  }
}

TEST_CASE("A diff passes over pages that both have") {
  Contents contents;
  for (int i = 0; i < 1000; ++i) contents["c" + number(i)] = std::string(300, 'x');
  const auto before = shard_of(contents);
  auto after = boost::make_local_shared<Shard>(*before);
  after->put(record_of("c00500", "{}"));
  ShardDiff diff(before, after);
  int steps = 0, differences = 0;
  for (auto step = diff.step(); step != ShardDiff::Step::done; step = diff.step(), ++steps)
    if (step == ShardDiff::Step::differs) ++differences;
  CHECK(differences == 1);
  CHECK(steps < 300);
}

}  // namespace
}  // namespace quartermaster::kubeapi
