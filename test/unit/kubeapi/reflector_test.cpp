// The reflector against a server that sends what a script says.
#include <algorithm>
#include <catch2/catch.hpp>

#include "kubeapi/reflector.hpp"
#include "test/unit/kubeapi/client_fixture.hpp"

namespace quartermaster::test {
namespace {

using kubeapi::ReflectorId;
using Lines = std::vector<std::string>;

/// Writes down what it is told, and checks the order.
struct RecordingSink final : kubeapi::ObjectSink {
  Lines lines;
  bool listing = false;

  void begin_list() override {
    CHECK_FALSE(std::exchange(listing, true));
    lines.emplace_back("begin");
  }
  void list_item(json::Value object) override {
    CHECK(listing);
    lines.push_back("item " + name(object));
  }
  void end_list(std::string_view version) override {
    CHECK(std::exchange(listing, false));
    lines.push_back("end " + std::string(version));
  }
  void drop_list() override {
    CHECK(std::exchange(listing, false));
    lines.emplace_back("drop");
  }
  void put(json::Value object, std::string_view version) override { change("put ", name(object), version); }
  void remove(json::Value object, std::string_view version) override { change("remove ", name(object), version); }
  void advance(std::string_view version) override { change("advance", "", version); }

  void change(const std::string& what, const std::string& object, std::string_view version) {
    CHECK_FALSE(listing);
    lines.push_back(what + object + " " + std::string(version));
  }
  static std::string name(json::Value object) { return std::string(object["metadata"]["name"].string()); }
};

struct RecordingReflectorObserver final : kubeapi::ReflectorObserver {
  Lines lines;
  void first_sync(const ReflectorId& id, std::size_t items, double seconds) override {
    CHECK(id.kind == model::Kind::pod);
    CHECK(seconds >= 0);
    lines.push_back("first sync " + std::to_string(items));
  }
  void denied(const ReflectorId&, std::string_view message) override { add("denied: ", message); }
  void lost(const ReflectorId&, std::string_view why) override { add("lost: ", why); }
  void regained(const ReflectorId&) override { lines.emplace_back("regained"); }
  void remark(const ReflectorId&, std::string_view what) override { add("remark: ", what); }
  void differs(const ReflectorId&, std::string_view what) override { add("differs: ", what); }
  void add(std::string what, std::string_view text) { lines.push_back(what.append(text)); }
};

std::string pod(const std::string& name, int version) {
  return R"("metadata":{"name":")" + name + R"(","resourceVersion":")" + std::to_string(version) + R"("}})";
}
std::string item(const std::string& name, int version = 1) { return "{" + pod(name, version); }
std::string event(const std::string& type, const std::string& name, int version) {
  return R"({"type":")" + type + R"(","object":{"kind":"Pod",)" + pod(name, version) + "}\n";
}
std::string initial_end(int version) {
  return R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":")" + std::to_string(version) +
         R"(","annotations":{"k8s.io/initial-events-end":"true"}}}})";
}
std::string expired_event() { return R"({"type":"ERROR","object":{"kind":"Status","message":"too old","code":410}})"; }
std::string page(const std::string& items, const std::string& token = "", int version = 10,
                 const std::string& kind = "PodList") {
  return R"({"kind":")" + kind + R"(","metadata":{"resourceVersion":")" + std::to_string(version) +
         R"(","continue":")" + token + R"("},"items":[)" + items + "]}";
}
std::string refusal(unsigned code, const std::string& message) {
  return http_answer(code, R"({"kind":"Status","message":")" + message + R"("})");
}

const std::string kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
/// A whole body in chunks of a byte.
std::string in_bytes(const std::string& body) {
  std::string all = kChunked;
  for (const char c : body) all += chunk(std::string(1, c));
  return all + chunk("");
}

/// Of a watch in which nothing happens.
Step open_watch() { return answer(kChunked); }
Step list_of(const std::string& items, int version = 10) { return answer(http_answer(200, page(items, "", version))); }

struct ReflectorFixture : ClientFixture {
  RecordingSink sink;
  RecordingReflectorObserver told;
  kubeapi::ReflectorOptions numbers = without_pauses();
  std::stop_source stop;
  std::optional<kubeapi::Api> api;
  std::optional<kubeapi::Reflector> reflector;
  std::optional<Running<bool>> running;

  ~ReflectorFixture() {
    if (running && !running->done()) finish();
  }

  static kubeapi::ReflectorOptions without_pauses() {
    kubeapi::ReflectorOptions options;
    options.backoff.first = options.backoff.most = std::chrono::nanoseconds(1);
    options.stream_lists = false;
    return options;
  }
  static Task<bool> run_to_end(kubeapi::Reflector& reflector, Call call) {
    co_await reflector.run(std::move(call));
    co_return true;
  }

  void start_reflector(std::string ns = "") {
    api.emplace(client());
    reflector.emplace(*api, model::Kind::pod, std::move(ns), sink, told, numbers);
    Call call;
    call.stop = stop.get_token();
    running.emplace(loop, run_to_end(*reflector, call));
  }
  void finish() {
    stop.request_stop();
    CHECK(running->get());
    CHECK_FALSE(sink.listing);
    run_until(loop, [this] { return server().open() <= client().pool_stats().idle; });
  }
  void until(const std::function<bool()>& condition) { run_until(loop, condition); }
  void until_line(const std::string& line, std::ptrdiff_t times = 1) {
    until([&] { return std::ranges::count(sink.lines, line) >= times; });
  }
  void until_watching() {
    until([this] { return status().watching; });
  }
  const kubeapi::ReflectorStatus& status() const { return reflector->status(); }

  /// "/api/v1/pods?..." of each request so far, with a watch's random time left out.
  Lines targets() {
    Lines all;
    for (const auto& request : server().requests()) {
      auto target = request.substr(4, request.find(" HTTP/") - 4);
      const auto at = target.find("&timeoutSeconds=");
      if (at != target.npos) target.erase(at, std::string("&timeoutSeconds=300").size());
      all.push_back(std::move(target));
    }
    return all;
  }
};

const std::string kFirstPage = "/api/v1/pods?resourceVersion=0&limit=500";
const std::string kStream =
    "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=0&resourceVersionMatch=NotOlderThan"
    "&sendInitialEvents=true";
std::string watch_from(int version) {
  return "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=" + std::to_string(version);
}

TEST_CASE_METHOD(ReflectorFixture, "a list in pages, then a watch", "[reflector]") {
  const bool byte_by_byte = GENERATE(false, true);
  const auto body = [&](const std::string& text) { return byte_by_byte ? in_bytes(text) : http_answer(200, text); };
  server().script({answer(body(page(item("a") + "," + item("b"), "more"))), answer(body(page(item("c")))),
                   answer(kChunked + chunk(event("ADDED", "d", 11) + event("MODIFIED", "a", 12)) +
                          chunk(event("DELETED", "b", 13))),
                   hang()});
  start_reflector();
  CHECK_FALSE(status().synced);
  until_line("remove b 13");
  CHECK(sink.lines == Lines{"begin", "item a", "item b", "item c", "end 10", "put d 11", "put a 12", "remove b 13"});
  CHECK(targets() == Lines{kFirstPage, "/api/v1/pods?continue=more&limit=500", watch_from(10)});
  CHECK(told.lines == Lines{"first sync 3"});
  CHECK(status().synced);
  CHECK(status().watching);
  CHECK(status().lists == 1);
  CHECK(status().events == 3);
  CHECK(status().last_current > Clock::time_point{});
  finish();
  CHECK_FALSE(status().watching);
}

TEST_CASE_METHOD(ReflectorFixture, "a list may be of one namespace", "[reflector]") {
  server().script({list_of(""), open_watch(), hang()});
  start_reflector("demo");
  until_watching();
  CHECK(targets().front() == "/api/v1/namespaces/demo/pods?resourceVersion=0&limit=500");
  CHECK(reflector->id().ns == "demo");
}

TEST_CASE_METHOD(ReflectorFixture, "a streamed list becomes a watch", "[reflector]") {
  numbers.stream_lists = true;
  server().script({answer(kChunked + chunk(event("ADDED", "a", 5)) + chunk(event("ADDED", "b", 6) + initial_end(9)) +
                          chunk(event("MODIFIED", "a", 11))),
                   hang()});
  start_reflector();
  until_line("put a 11");
  CHECK(sink.lines == Lines{"begin", "item a", "item b", "end 9", "put a 11"});
  CHECK(targets() == Lines{kStream});
  CHECK(told.lines == Lines{"first sync 2"});
  CHECK(status().watching);
}

TEST_CASE_METHOD(ReflectorFixture, "what changes while a list is streamed follows it", "[reflector]") {
  numbers.stream_lists = true;
  server().script({answer(kChunked + chunk(event("ADDED", "a", 5) + event("ADDED", "b", 6) + event("DELETED", "a", 7)) +
                          chunk(event("ADDED", "a", 8) + initial_end(9))),
                   hang()});
  start_reflector();
  until_line("advance 9");
  CHECK(sink.lines == Lines{"begin", "item a", "item b", "end 6", "remove a 7", "put a 8", "advance 9"});
}

TEST_CASE_METHOD(ReflectorFixture, "where too much changes while a list is streamed, it is read in pages",
                 "[reflector]") {
  numbers.stream_lists = true;
  numbers.max_held_bytes = 200;
  std::string changes;
  for (int i = 0; i < 5; ++i) changes += event("MODIFIED", "a", 10 + i);
  server()
      .script({answer(kChunked + chunk(event("ADDED", "a", 5) + changes)), hang()})
      .script({list_of(item("a")), hang()});
  start_reflector();
  until_line("end 10");
  CHECK(sink.lines == Lines{"begin", "item a", "drop", "begin", "item a", "end 10"});
  CHECK(targets().at(1) == kFirstPage);
}

TEST_CASE_METHOD(ReflectorFixture, "an API server that cannot stream lists is asked for pages", "[reflector]") {
  numbers.stream_lists = true;
  numbers.initial_events_silence = std::chrono::milliseconds(20);
  const bool refuses = GENERATE(true, false);
  if (refuses) {
    server().script({answer(refusal(422, "forbidden for watch")), list_of(item("a")), hang()});
  } else {
    server().script({answer(kChunked + chunk(event("ADDED", "a", 5))), hang()});
    server().script({list_of(item("a")), hang()});
  }
  start_reflector();
  until_line("end 10");
  CHECK(targets().at(0) == kStream);
  CHECK(targets().at(1) == kFirstPage);
  CHECK(told.lines.front().starts_with("remark: the API server does not "));
  CHECK(told.lines.back() == "first sync 1");
  CHECK(status().failures == 0);
}

TEST_CASE_METHOD(ReflectorFixture, "a list that is not whole is none", "[reflector]") {
  const std::string whole = page(item("a") + "," + item("b"));
  struct Case {
    std::string bytes, why;
  };
  const auto [bytes, why] = GENERATE_REF(values<Case>({
      {kChunked + chunk(whole), "the API server's answer ends too early"},
      {kChunked + chunk(whole.substr(0, whole.size() - 20)) + chunk(""), "the API server's answer ends within a list"},
      {http_answer(200, whole + "x"), "the API server's answer is no list: byte 79: text after the value"},
      {http_answer(200, page(item("a"), "", 10, "SecretList")), "the API server sent a list of another kind"},
      {http_answer(200, page(item("a") + R"(,{"metadata":{}})")),
       "the API server sent a list that cannot be read: an item without a name"},
      {http_answer(200, page(item("a") + R"(,{"metadata":})")),
       "the API server sent a list that cannot be read: byte 12: invalid value"},
      {http_answer(200, "<html>"), "the API server's answer is no list: byte 0: invalid value"},
      {http_answer(500, "no"), "the API server answered 500: no"},
  }));
  server().script({answer(bytes)}).script({list_of(item("a")), open_watch(), hang()});
  start_reflector();
  until_watching();
  REQUIRE(told.lines.size() > 1);
  CHECK(told.lines.front() == "lost: " + why);
  CHECK(told.lines.back() == "regained");
  CHECK(std::ranges::count(sink.lines, "drop") == 1);
  CHECK(std::ranges::count(sink.lines, "end 10") == 1);
  CHECK(sink.lines.back() == "end 10");
  CHECK(status().failures == 1);
}

TEST_CASE_METHOD(ReflectorFixture, "what cannot be read in a watch leads to another list", "[reflector]") {
  const std::string garbage = GENERATE(as<std::string>{}, "garbage", "{]}\n", R"({"type":"ADDED","object":{}})",
                                       R"({"type":"ADDED","object":{"kind":"Pod"}})", "{}");
  server()
      .script({list_of(item("a")), answer(kChunked + chunk(event("ADDED", "b", 11) + garbage)), hang()})
      .script({list_of(item("c"), 12), open_watch(), hang()});
  start_reflector();
  until_line("end 12");
  CHECK(sink.lines == Lines{"begin", "item a", "end 10", "put b 11", "begin", "item c", "end 12"});
  CHECK(targets().at(2) == "/api/v1/pods?resourceVersion=11&resourceVersionMatch=NotOlderThan&limit=500");
  until_watching();
  CHECK(told.lines.back() == "regained");
}

TEST_CASE_METHOD(ReflectorFixture, "the content's version never goes back in a watch", "[reflector]") {
  server().script(
      {list_of(item("a")),
       answer(kChunked + chunk(event("MODIFIED", "a", 12) + event("ADDED", "b", 9) + event("DELETED", "c", 8))),
       hang()});
  start_reflector();
  until_line("remove c 12");
  CHECK(sink.lines == Lines{"begin", "item a", "end 10", "put a 12", "put b 12", "remove c 12"});
}

TEST_CASE_METHOD(ReflectorFixture, "half an event is had again from the next watch", "[reflector]") {
  const bool proper_end = GENERATE(true, false);
  const auto half = event("ADDED", "c", 12).substr(0, 30);
  server()
      .script({list_of(item("a")),
               answer(kChunked + chunk(event("ADDED", "b", 11) + half) + (proper_end ? chunk("") : "")), cut()})
      .script({answer(kChunked + chunk(event("ADDED", "c", 12))), hang()});
  start_reflector();
  until_line("put c 12");
  CHECK(sink.lines == Lines{"begin", "item a", "end 10", "put b 11", "put c 12"});
  CHECK(targets().back() == watch_from(11));
  CHECK(status().watch_restarts == 1);
  CHECK(status().failures == 1);
}

TEST_CASE_METHOD(ReflectorFixture, "a watch that ends is opened again, on the same connection", "[reflector]") {
  server().script({list_of(item("a")), answer(kChunked + chunk(event("ADDED", "b", 11)) + chunk("")),
                   answer(kChunked + chunk(event("ADDED", "c", 12))), hang()});
  start_reflector();
  until_line("put c 12");
  CHECK(targets().back() == watch_from(11));
  CHECK(server().accepted() == 1);
  CHECK(status().watch_restarts == 1);
  CHECK(status().failures == 0);
}

TEST_CASE_METHOD(ReflectorFixture, "a version that has expired leads to another list at once", "[reflector]") {
  server()
      .script({list_of(item("a")), answer(kChunked + chunk(event("ADDED", "b", 11) + expired_event())), hang()})
      .script({answer(refusal(410, "too old")), list_of(item("c"), 12), hang()});
  start_reflector();
  until_line("end 12");
  CHECK(targets().at(3) == "/api/v1/pods?limit=500");
  CHECK(sink.lines == Lines{"begin", "item a", "end 10", "put b 11", "begin", "drop", "begin", "item c", "end 12"});
  CHECK(told.lines == Lines{"first sync 1"});
}

TEST_CASE_METHOD(ReflectorFixture, "what may not be listed is denied until it may", "[reflector]") {
  server().script(
      {answer(refusal(403, "may not")), answer(refusal(403, "may not")), list_of(item("a")), open_watch(), hang()});
  start_reflector();
  until([this] { return status().denied; });
  CHECK(status().denied_message == "may not");
  until_watching();
  CHECK_FALSE(status().denied);
  CHECK(told.lines == Lines{"denied: may not", "first sync 1", "regained"});
}

TEST_CASE_METHOD(ReflectorFixture, "an API server that is not there is tried again", "[reflector]") {
  server().script({list_of(item("a")), open_watch(), hang()});
  server().stop();
  start_reflector();
  until([this] { return status().failures > 0; });
  CHECK(told.lines.size() == 1);
  CHECK(told.lines.front().starts_with("lost: the API server "));
  server().start();
  until_watching();
  CHECK(told.lines.back() == "regained");
}

TEST_CASE_METHOD(ReflectorFixture, "an API server that falls silent is given up", "[reflector]") {
  numbers.silence = std::chrono::milliseconds(300);
  numbers.stream_lists = GENERATE(false, true);
  const std::string before = GENERATE(as<std::string>{}, "", kChunked, kChunked + chunk(R"({"items":[)" + item("a")));
  if (numbers.stream_lists && !before.empty()) return;  // another limit, and another test
  server().script({answer(before), hang()}).script({list_of(item("a")), open_watch(), hang()});
  start_reflector();
  until_watching();
  CHECK(told.lines == Lines{"lost: the API server does not answer", "first sync 1", "regained"});
}

TEST_CASE_METHOD(ReflectorFixture, "a watch that does not end in time is given up", "[reflector]") {
  numbers.watch_at_least = numbers.watch_at_most = std::chrono::seconds(0);
  numbers.watch_grace = std::chrono::milliseconds(20);
  server().script({list_of(item("a")), open_watch(), hang()});
  server().script({answer(kChunked + chunk(event("ADDED", "b", 11))), hang()});
  start_reflector();
  until_line("put b 11");
  CHECK(status().lists == 1);
  CHECK(targets().back() == watch_from(10));
}

TEST_CASE_METHOD(ReflectorFixture, "stopping ends it, whatever it does", "[reflector]") {
  struct Case {
    std::string what;
    Script script;
    std::size_t lines;  // of the sink
  };
  const auto [what, script, lines] = GENERATE(values<Case>({
      {"waiting for a list", {answer(""), hang()}, 1},
      {"in a list", {answer(kChunked + chunk(R"({"items":[)" + item("a"))), hang()}, 2},
      {"in a watch", {list_of(item("a")), open_watch(), hang()}, 3},
      {"between two tries", {answer(refusal(500, ""))}, 2},
  }));
  CAPTURE(what);
  numbers.backoff.first = numbers.backoff.most = std::chrono::hours(2);
  server().script(script);
  start_reflector();
  const std::size_t count = lines;
  until([&] { return sink.lines.size() >= count; });
  finish();
  CHECK((sink.lines.back() == "drop" || sink.lines.back() == "end 10"));
}

TEST_CASE_METHOD(ReflectorFixture, "stopping while a list is streamed drops it", "[reflector]") {
  numbers.stream_lists = true;
  server().script({answer(kChunked + chunk(event("ADDED", "a", 5))), hang()});
  start_reflector();
  until_line("item a");
  finish();
  CHECK(sink.lines == Lines{"begin", "item a", "drop"});
}

TEST_CASE_METHOD(ReflectorFixture, "a large list keeps others from their turn only for short", "[reflector]") {
  // All of it is there at once, so that nothing but the reflector itself makes room for others.
  std::string items = item("a");
  for (int i = 0; i < 5'000; ++i) items += "," + item("p" + std::to_string(i));
  server().script({list_of(items), open_watch(), hang()});
  start_reflector();
  until_line("begin");
  std::size_t most = 0, before = 0;
  run_until(loop, [&] {
    // One handler of the loop has run since: that many items were read in it.
    most = std::max(most, sink.lines.size() - std::exchange(before, sink.lines.size()));
    return status().watching;
  });
  CHECK(sink.lines.size() == 5'003);
  CHECK(most < 1'000);
}

}  // namespace
}  // namespace quartermaster::test
