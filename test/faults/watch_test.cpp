// Listeners while watches are cut, versions are forgotten and the API server is away: what they know afterwards is what
// the cache has, and what the API server has.
#include <csignal>
#include <set>

#include "test/faults/cache_setting.hpp"
#include "test/support/event_stream.hpp"

namespace quartermaster::test {
namespace {

using apisim::Afterwards;

constexpr const char* kExpired =
    R"({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
    R"("message":"too old resource version","reason":"Expired","code":410}})"
    "\n";
constexpr const char* kClaims = "/api/v1/pvc/demo";
const HeaderList kEvents = {{"Accept", "text/event-stream"}};

class Listener {
 public:
  explicit Listener(Service& service, const std::string& target = kClaims, HeaderList headers = kEvents,
                    int receive_buffer = 0)
      : reader_(service.open({.target = target, .headers = std::move(headers)}, receive_buffer)) {}

  /// False: the stream has ended.
  bool read() {
    const auto bytes = reader_.more();
    parser_.feed(bytes);
    while (const auto event = parser_.next()) view_.apply(*event);
    return !bytes.empty();
  }
  /// Until it knows what the API server has.
  void expect(CacheSetting& setting) {
    setting.check_caches();
    std::map<std::string, std::string> all;
    const auto list = setting.service().call({.target = kClaims, .headers = {{"Cache-Control", "no-cache"}}}).json();
    for (const auto& item : at(list, "/items").as_array()) all[text_at(item, "/name")] = print(item);
    while (view_.items() != all) REQUIRE(read());
  }
  const ListView& view() const { return view_; }
  const std::string& last_id() const { return parser_.last_id(); }
  AnswerReader& reader() { return reader_; }

 private:
  AnswerReader reader_;
  EventParser parser_;
  ListView view_;
};

}  // namespace

TEST_CASE("watch: whatever is done to the caches' watches, a listener comes to know what the API server has") {
  struct Case {
    std::string name;
    std::string bytes;
    Afterwards afterwards = Afterwards::go_on;
    bool compact = false;
  };
  const auto c =
      GENERATE_COPY(Case{"cut", "", Afterwards::cut}, Case{"ended", "", Afterwards::end},
                    Case{"410", kExpired, Afterwards::end}, Case{"compaction", "", Afterwards::cut, true},
                    Case{"half an event", R"({"type":"MODIFIED","object":{"metadata":{"na)", Afterwards::cut},
                    Case{"garbage", "\x01\x02 no JSON at all\n"});
  const bool streaming = GENERATE(false, true);
  INFO(c.name << (streaming ? ", streaming lists" : ""));
  CacheSetting setting(apisim::Options{.watch_list = streaming});
  setting.check_caches();
  Listener listener(setting.service());
  listener.expect(setting);
  CHECK(setting.server().disturb_watches(c.bytes, c.afterwards) == 6);
  setting.change_all(1);
  setting.server().remove("PersistentVolumeClaim", "demo", "c3");
  if (c.compact) setting.server().compact();
  listener.expect(setting);
  setting.await_watches();
  setting.change_all(2);
  listener.expect(setting);
  CHECK(listener.view().surprises().empty());
  CHECK(listener.view().lists() == 1);
}

TEST_CASE("watch: listeners go on while the API server is away, and know all once it is back") {
  CacheSetting setting;
  setting.check_caches();
  Listener listener(setting.service());
  listener.expect(setting);
  setting.network().mode(FaultProxy::Mode::reset);
  setting.change_all(1);
  setting.server().compact();
  setting.network().mode(FaultProxy::Mode::pass);
  listener.expect(setting);
  CHECK(listener.view().lists() == 1);
}

TEST_CASE("watch: who comes back after a relist gets the differences") {
  CacheSetting setting;
  setting.check_caches();
  Listener before(setting.service());
  before.expect(setting);
  const auto id = before.last_id();
  setting.server().disturb_watches("", Afterwards::hang, "/(pods|persistentvolumeclaims)$");
  setting.change_all(1);
  setting.server().compact();
  setting.server().disturb_watches(kExpired, Afterwards::end, "/(pods|persistentvolumeclaims)$");
  before.expect(setting);
  HeaderList headers = kEvents;
  headers.emplace_back("Last-Event-ID", id);
  Listener again(setting.service(), kClaims, headers);
  again.expect(setting);
  CHECK(again.view().lists() == 0);
}

TEST_CASE("watch: SIGTERM ends listeners with a hint to come back, and does not wait for them") {
  CacheSetting setting({}, {"--drain-timeout", "60s"});
  setting.check_caches();
  Listener listener(setting.service());
  listener.expect(setting);
  setting.service().process().signal(SIGTERM);
  while (listener.read()) {
  }
  CHECK(listener.reader().complete());
  REQUIRE(listener.view().closed());
  CHECK(listener.view().closed()->find("shutting down") != std::string::npos);
  CHECK(setting.service().process().wait(std::chrono::seconds(30)) == 0);
}

TEST_CASE("watch: a listener that reads nothing costs no memory, and is told that it has missed something") {
  // The rounds may take longer than a listener is waited for by default.
  CacheSetting setting({}, {"--cache-self-check=0s", "--write-timeout=10m"});
  setting.check_caches();
  Listener quick(setting.service());
  quick.expect(setting);
  Listener slow(setting.service(), kClaims, kEvents, 1 << 12);
  while (slow.view().lists() == 0) REQUIRE(slow.read());
  const long before = setting.service().process().resident_kib();
  // More than the sockets and the ring hold.
  const std::string much(200U << 10, 'x');
  for (int i = 0; i < 100; ++i) {
    setting.server().put(R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"namespace": "demo",
        "name": "large", "labels": {"round": ")" +
                         std::to_string(i) + R"("}}, "spec": {"volumeName": ")" + much +
                         R"("}, "status": {"phase": "Bound"}})");
    while (!quick.view().items().contains("large") ||
           quick.view().items().at("large").find("\"round\":\"" + std::to_string(i) + "\"") == std::string::npos)
      REQUIRE(quick.read());
  }
  constexpr long kRing = 4096, kSlack = 8192;  // KiB
  CHECK(setting.service().process().resident_kib() < before + kRing + kSlack);
  while (slow.view().lists() < 2) REQUIRE(slow.read());
  CHECK(slow.view().resets() == 1);
  CHECK(slow.view().items() == quick.view().items());
}

TEST_CASE("watch: nobody listens on whose rights cannot be asked for any more") {
  CacheSetting setting({}, {"--auth-mode", "delegated", "--auth-audiences", "quartermaster"});
  setting.server().set_token("token-of-ann", {.name = "ann"});
  setting.server().set_rules("ann", {apisim::Rule{}});
  const HeaderList headers = {{"Accept", "text/event-stream"}, {"Authorization", "Bearer token-of-ann"}};
  Listener listener(setting.service(), kClaims, headers);
  while (listener.view().lists() == 0) REQUIRE(listener.read());
  setting.network().mode(FaultProxy::Mode::refuse);
  while (listener.read()) {
  }
  REQUIRE(listener.view().closed());
  CHECK(listener.view().closed()->find("ServiceUnavailable") != std::string::npos);
}

}  // namespace quartermaster::test
