// Tokens of lists that go on, and the snapshots that they go on in.
#include "server/api/list_position.hpp"

#include <boost/smart_ptr/make_local_shared.hpp>
#include <catch2/catch.hpp>

#include "server/api/snapshots.hpp"

namespace quartermaster::api {
namespace {

TEST_CASE("A position comes back from its token") {
  const auto position = GENERATE(values<ListPosition>({{"42", "", "a"}, {"42", "7", "a.b-c.0"}, {"1", "2", "1.2.3"}}));
  const auto back = position_of(to_token(position));
  REQUIRE(back.has_value());
  CHECK(back->version == position.version);
  CHECK(back->quotas_version == position.quotas_version);
  CHECK(back->after == position.after);
  CHECK(to_token(position).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos);
}

TEST_CASE("Other tokens are not ours") {
  const auto token = GENERATE("", "c1", "c1.", "c1.42", "c1.42.7", "c1.42.7.", "c1..7.a", "c1.x.7.a", "c1.42.-1.a",
                              "c1.42.7.A", "c1.42.7.a/b", "c2.42.7.a", "eyJ2IjoibWV0YS5rOHMuaW8vdjEi", "c1.42.7.a ");
  CHECK_FALSE(position_of(token).has_value());
}

using Content = kubeapi::Store::Content;

Snapshot snapshot(std::string version, std::string quotas_version = {}) {
  return {.objects = boost::make_local_shared<kubeapi::Shard>(),
          .quotas = boost::make_local_shared<const Content>(),
          .version = std::move(version),
          .quotas_version = std::move(quotas_version)};
}

/// As large as half of what snapshots may have.
Snapshot large_snapshot(std::string version) {
  const std::string dto(Snapshots::kMostBytes / 2, ' ');
  const auto shard = boost::make_local_shared<kubeapi::Shard>();
  model::Record record;
  record.name = "large";
  record.dto = dto;
  shard->put(record);
  return {.objects = shard,
          .quotas = boost::make_local_shared<const Content>(),
          .version = std::move(version),
          .quotas_version = ""};
}

TEST_CASE("A snapshot is found by all that it is of") {
  Snapshots snapshots;
  const auto now = Clock::now();
  snapshots.keep(Resource::pvcs, "demo", snapshot("5"), now);
  snapshots.keep(Resource::tenants, "", snapshot("5", "6"), now);
  CHECK(snapshots.find(Resource::pvcs, "demo", "5", "", now) != nullptr);
  CHECK(snapshots.find(Resource::pods, "demo", "5", "", now) == nullptr);
  CHECK(snapshots.find(Resource::pvcs, "other", "5", "", now) == nullptr);
  CHECK(snapshots.find(Resource::pvcs, "demo", "6", "", now) == nullptr);
  CHECK(snapshots.find(Resource::tenants, "", "5", "6", now) != nullptr);
  CHECK(snapshots.find(Resource::tenants, "", "5", "7", now) == nullptr);
}

TEST_CASE("Of too many snapshots, the one that was not used for longest goes") {
  Snapshots snapshots;
  const auto now = Clock::now();
  for (std::size_t i = 0; i < Snapshots::kMost; ++i)
    snapshots.keep(Resource::pvcs, "demo", snapshot(std::to_string(i)), now);
  CHECK(snapshots.find(Resource::pvcs, "demo", "0", "", now) != nullptr);
  snapshots.keep(Resource::pvcs, "demo", snapshot("1"), now);  // is there already
  snapshots.keep(Resource::pvcs, "demo", snapshot("new"), now);
  CHECK(snapshots.find(Resource::pvcs, "demo", "0", "", now) != nullptr);
  CHECK(snapshots.find(Resource::pvcs, "demo", "1", "", now) != nullptr);
  CHECK(snapshots.find(Resource::pvcs, "demo", "2", "", now) == nullptr);
}

TEST_CASE("A snapshot that nobody reads from goes after a while") {
  Snapshots snapshots;
  const auto now = Clock::now();
  snapshots.keep(Resource::pvcs, "demo", snapshot("1"), now);
  snapshots.keep(Resource::pvcs, "demo", snapshot("2"), now);
  const auto later = now + Snapshots::kLifetime;
  CHECK(snapshots.find(Resource::pvcs, "demo", "1", "", later) != nullptr);
  snapshots.drop_old(later + std::chrono::milliseconds(1));
  CHECK(snapshots.find(Resource::pvcs, "demo", "1", "", later) != nullptr);
  CHECK(snapshots.find(Resource::pvcs, "demo", "2", "", later) == nullptr);
}

TEST_CASE("Large snapshots make room, but the last one stays") {
  Snapshots snapshots;
  const auto now = Clock::now();
  snapshots.keep(Resource::pods, "demo", snapshot("1"), now);
  snapshots.keep(Resource::pods, "demo", large_snapshot("2"), now);
  CHECK(snapshots.find(Resource::pods, "demo", "1", "", now) != nullptr);
  snapshots.keep(Resource::pods, "demo", large_snapshot("3"), now);
  CHECK(snapshots.find(Resource::pods, "demo", "2", "", now) == nullptr);
  CHECK(snapshots.find(Resource::pods, "demo", "3", "", now) != nullptr);
  snapshots.keep(Resource::pods, "demo", snapshot("4"), now);
  CHECK(snapshots.find(Resource::pods, "demo", "4", "", now) != nullptr);
}

TEST_CASE("Snapshots share the quotas of one version") {
  Snapshots snapshots;
  kubeapi::Store quotas(model::Kind::resource_quota);
  quotas.begin_list();
  quotas.end_list("7");
  auto first = snapshot("5", "7");
  first.quotas = snapshots.pin(quotas);
  const auto* const shared = first.quotas.get();
  snapshots.keep(Resource::tenants, "", first, Clock::now());
  CHECK(snapshots.pin(quotas).get() == shared);
  quotas.advance("8");
  CHECK(snapshots.pin(quotas).get() != shared);
}

}  // namespace
}  // namespace quartermaster::api
