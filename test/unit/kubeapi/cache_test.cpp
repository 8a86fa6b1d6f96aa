// The set of caches: which one answers for what. What they do is the reflector's and the store's, and tested there.
#include "kubeapi/cache.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <utility>

namespace quartermaster::kubeapi {
namespace {

struct NoObserver final : ReflectorObserver {
  void first_sync(const ReflectorId&, std::size_t, double) override {}
  void denied(const ReflectorId&, std::string_view) override {}
  void lost(const ReflectorId&, std::string_view) override {
    if (std::exchange(buggy, false)) throw std::logic_error("a bug");
  }
  void regained(const ReflectorId&) override {}
  void remark(const ReflectorId&, std::string_view) override {}
  void differs(const ReflectorId&, std::string_view) override {}
  bool buggy = false;
};

/// Caches that have not begun.
struct Fixture {
  explicit Fixture(const std::vector<std::string>& namespaces) : caches(api, namespaces, observer) {}

  static ClusterConfig nowhere() {
    ClusterConfig config;
    config.tls = false;
    config.host = "127.0.0.1";
    config.port = 1;
    return config;
  }

  asio::io_context loop{1};
  Client client{loop, nowhere()};
  Api api{client};
  NoObserver observer;
  Caches caches;
};

TEST_CASE("Without namespaces, one cache has all objects of a kind") {
  const Fixture fixture({});
  CHECK(fixture.caches.all().size() == Caches::count({}));
  for (const auto& kind : model::kKinds) {
    INFO(kind.resource);
    auto* const cache = fixture.caches.find(kind.kind, "");
    CHECK((cache != nullptr) == (kind.record != nullptr));
    CHECK(fixture.caches.find(kind.kind, "any") == cache);
  }
}

TEST_CASE("With namespaces, a cache has the objects of one, and none has all") {
  const Fixture fixture({"a", "b"});
  CHECK(fixture.caches.all().size() == Caches::count({"a", "b"}));
  auto* const pods = fixture.caches.find(model::Kind::pod, "a");
  REQUIRE(pods != nullptr);
  CHECK(pods->id().ns == "a");
  CHECK(fixture.caches.find(model::Kind::pod, "b") != pods);
  CHECK(fixture.caches.find(model::Kind::pod, "b") != nullptr);
  CHECK(fixture.caches.find(model::Kind::pod, "c") == nullptr);
  CHECK(fixture.caches.find(model::Kind::pod, "") == nullptr);
  CHECK(fixture.caches.find(model::Kind::secret, "a") == nullptr);
  // These have no namespaces.
  CHECK(fixture.caches.find(model::Kind::namespace_, "") != nullptr);
  CHECK(fixture.caches.find(model::Kind::storage_class, "") != nullptr);
}

TEST_CASE("Caches that have read nothing are not settled, and no caches are") {
  const Fixture fixture({"a", "b"});
  CHECK_FALSE(fixture.caches.settled());
  const auto summaries = fixture.caches.summaries(Clock::now());
  CHECK(summaries.size() == 6);  // of both namespaces together
  for (const auto& summary : summaries) {
    CHECK_FALSE(summary.synced);
    CHECK_FALSE(summary.settled);
    CHECK_FALSE(summary.denied);
    CHECK(summary.resource_version.empty());
    CHECK(summary.age == Clock::duration::zero());
  }
  CHECK(Caches().settled());
  CHECK(Caches().find(model::Kind::pod, "a") == nullptr);
}

TEST_CASE("A bug in a reflector comes out of the loop") {
  Fixture fixture({});
  fixture.observer.buggy = true;
  std::stop_source stop;
  const Call call{.stop = stop.get_token()};
  fixture.caches.start(fixture.loop, {}, call);
  CHECK_THROWS_WITH(fixture.loop.run(), "a bug");
  stop.request_stop();
  fixture.client.shutdown();
  CHECK_NOTHROW(fixture.loop.run());
}

}  // namespace
}  // namespace quartermaster::kubeapi
