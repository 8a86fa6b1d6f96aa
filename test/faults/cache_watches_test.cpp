// All that an API server and a network can do to a watch: afterwards the caches show what the API server has.
#include <atomic>
#include <thread>

#include "test/faults/cache_setting.hpp"

namespace quartermaster::test {
namespace {

using apisim::Afterwards;
using apisim::Fault;

constexpr const char* kExpired =
    R"({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
    R"("message":"too old resource version","reason":"Expired","code":410}})"
    "\n";

/// The watches of what change_all() changes.
constexpr const char* kChanging = "/(pods|persistentvolumeclaims)$";

Fault answer(const char* target, unsigned status, const char* reason, std::size_t count = 12) {
  Fault fault;
  fault.target = target;
  fault.count = count;
  fault.action = Fault::Action::answer;
  fault.status = status;
  fault.reason = reason;
  return fault;
}

}  // namespace

TEST_CASE("whatever is done to watches, the caches come to show what the API server has") {
  struct Case {
    std::string name;
    std::string bytes;  // between two events of all watches
    Afterwards afterwards = Afterwards::go_on;
    std::optional<Fault> fault = {};  // of what is asked for next
    bool compact = false;
  };
  Fault retry = answer("watch=", 429, "TooManyRequests");
  retry.retry_after = 1;
  Fault empty;
  empty.target = "watch=";
  empty.count = 12;
  empty.body = "";
  Fault half;
  half.target = "[?&]resourceVersion=.*limit=500";  // but the caches' own checks
  half.count = 3;
  half.cut_after = 500;
  const auto c = GENERATE_COPY(
      Case{"dropped", "", Afterwards::cut}, Case{"ended in good order", "", Afterwards::end},
      Case{"ended at once, again and again", "", Afterwards::end, empty},
      Case{"410 in mid-stream", kExpired, Afterwards::end},
      Case{"410 as a status", "", Afterwards::cut, answer("watch=", 410, "Expired")},
      Case{"429 with a time to wait", "", Afterwards::cut, retry},
      Case{"500", "", Afterwards::cut, answer("watch=", 500, "InternalError")},
      Case{"half an event", R"({"type":"MODIFIED","object":{"metadata":{"na)", Afterwards::cut},
      Case{"half an event, and a proper end", R"({"type":"MODIFIED","object":{"metadata":{"na)", Afterwards::end},
      Case{"garbage", "\x01\x02 no JSON at all\n"},
      Case{"an event of an unknown type", R"({"type":"STRANGE","object":{"kind":"Pod","metadata":{"name":"x"}}})"
                                          "\n"},
      Case{
          "an event of another kind",
          R"({"type":"ADDED","object":{"kind":"Secret","apiVersion":"v1","metadata":{"name":"x","namespace":"demo","resourceVersion":"5"}}})"
          "\n"},
      Case{"compaction", "", Afterwards::cut, {}, true},
      Case{"410, and lists that are cut", kExpired, Afterwards::end, half});
  const bool streaming = GENERATE(false, true);
  INFO(c.name << (streaming ? ", streaming lists" : ""));
  CacheSetting setting(apisim::Options{.watch_list = streaming});
  setting.check_caches();
  const auto before = setting.stat("pods", "relists") + setting.stat("pods", "watchRestarts") +
                      setting.stat("pods", "failures") + setting.stat("pods", "events");
  if (c.fault) setting.server().inject(*c.fault);
  CHECK(setting.server().disturb_watches(c.bytes, c.afterwards) == 6);
  setting.change_all(1);
  if (c.compact) setting.server().compact();
  setting.check_caches();
  CHECK(setting.stat("pods", "relists") + setting.stat("pods", "watchRestarts") + setting.stat("pods", "failures") +
            setting.stat("pods", "events") >
        before);
  CHECK(setting.service().get("/readyz").status == 200);
  setting.await_watches();
  setting.change_all(2);
  setting.check_caches();
  CHECK(setting.service().get("/api/v1/pvc/demo").header("Age") == "0");
  setting.check_comparisons();
}

TEST_CASE("a bookmark moves the version of a cache") {
  CacheSetting setting;
  const auto version = std::to_string(std::stoull(setting.server().resource_version()) + 1000);
  setting.server().disturb_watches(
      R"({"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":")" + version +
          "\"}}}\n",
      Afterwards::go_on, "/pods$");
  CHECK(poll_until([&] { return setting.service().get("/api/v1/pod/demo").header("X-Resource-Version") == version; }));
}

TEST_CASE("no bookmarks are needed") {
  CacheSetting setting(apisim::Options{.bookmark_interval = std::chrono::milliseconds(20)});
  setting.server().send_bookmarks(false);
  setting.change_all(1);
  setting.check_caches();
}

TEST_CASE("a watch that hangs silently makes no answer older than was asked for") {
  CacheSetting setting;
  setting.server().disturb_watches("", Afterwards::hang);
  setting.change_all(1);
  const auto version = setting.server().resource_version();
  const auto answer = setting.service().get("/api/v1/pod/demo?limit=1&resourceVersion=" + version);
  CHECK(text_at(answer.json(), "/items/0/labels/generation") == "1");
  setting.server().drop_watches();
  setting.check_caches();
}

TEST_CASE("nobody sees two versions of a list while it is replaced") {
  const bool streaming = GENERATE(false, true);
  CacheSetting setting(apisim::Options{.watch_list = streaming});
  std::atomic<bool> done = false;
  std::string mixed;
  std::thread reader([&] {
    while (!done) {
      for (const auto* target : {"/api/v1/pvc/demo", "/api/v1/pod/demo"}) {
        const auto list = exchange(setting.service().endpoint(), {.target = target}).json();
        const auto& items = at(list, "/items").as_array();
        const auto generation = text_at(items.at(0), "/labels/generation");
        for (const auto& item : items) {
          if (text_at(item, "/labels/generation") != generation) mixed = print(list);
        }
        if (items.size() != 20 + std::stoul(generation)) mixed = print(list);
      }
    }
  });
  for (int generation = 1; generation <= 8; ++generation) {
    // Watches hang while everything changes, and find their version expired.
    setting.await_events(generation - 1);
    setting.server().disturb_watches("", Afterwards::hang, kChanging);
    setting.change_all(generation);
    setting.server().compact();
    setting.server().disturb_watches(kExpired, Afterwards::end, kChanging);
    setting.check_caches();
  }
  done = true;
  reader.join();
  CHECK(mixed.empty());
  CHECK(setting.stat("pods", "relists") > 0);
}

TEST_CASE("memory is where it was after many lists") {
  constexpr long kSlackKib = 6144;
  constexpr int kPods = 40;
  CacheSetting setting({}, {"--cache-self-check=0s"});
  // So much that one list that is kept costs more than the slack: all of it is new each time.
  auto change_much = [&, round = 0]() mutable {
    const std::string much(256U << 10, static_cast<char>('a' + round++ % 26));
    for (int i = 0; i < kPods; ++i) {
      setting.server().put(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "much", "name": "p)" +
                           std::to_string(i) + R"(", "annotations": {"much": ")" + much +
                           R"("}}, "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "i"}]},
                           "status": {"phase": "Running"}})");
    }
  };
  const auto relist = [&](double times) {
    for (const auto end = setting.stat("pods", "relists") + times; setting.stat("pods", "relists") < end;) {
      setting.await_events(1);
      setting.server().disturb_watches("", Afterwards::hang, kChanging);
      change_much();
      setting.server().compact();
      setting.server().disturb_watches(kExpired, Afterwards::end, kChanging);
      setting.check_caches();
    }
  };
  relist(4);
  CHECK(setting.stat("pods", "bytes") > 1024.0 * kSlackKib);
  const long before = setting.service().process().resident_kib();
  relist(6);
  CHECK(setting.service().process().resident_kib() < before + kSlackKib);
}

}  // namespace quartermaster::test
