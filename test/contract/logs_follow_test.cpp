// Logs that go on: through restarts, in JSON lines and events, from a cursor, of many pods.
#include <algorithm>
#include <thread>

#include "test/contract/logging_pod.hpp"
#include "test/support/event_stream.hpp"

namespace quartermaster::test {

namespace {

const HeaderList kLines = {{"Accept", "application/x-ndjson"}};
const HeaderList kEvents = {{"Accept", "text/event-stream"}};

/// The JSON texts of an answer that goes on, one by one.
class Lines {
 public:
  explicit Lines(AnswerReader reader) : reader_(std::move(reader)) {}
  explicit Lines(const std::string& target, HeaderList headers = kLines)
      : Lines(service().open({.target = target, .headers = std::move(headers)})) {}

  /// The next one; null at the end.
  json::value next() {
    for (auto end = text_.find('\n'); end == std::string::npos; end = text_.find('\n')) {
      const auto piece = reader_.more();
      if (piece.empty()) return nullptr;
      text_ += piece;
    }
    const auto end = text_.find('\n');
    auto value = parse_json(text_.substr(0, end));
    text_.erase(0, end + 1);
    return value;
  }
  /// The line, or "<marker>", of the next one; "" at the end.
  std::string next_text() {
    const auto value = next();
    if (value.is_null()) return "";
    cursor_ = text_at(value, "/cursor");
    return find(value, "/marker") == nullptr ? text_at(value, "/line") : "<" + text_at(value, "/marker") + ">";
  }
  const std::string& cursor() const { return cursor_; }
  bool complete() const { return reader_.complete(); }

 private:
  AnswerReader reader_;
  std::string text_, cursor_;
};

std::vector<std::string> texts(const HttpAnswer& answer) {
  std::vector<std::string> all;
  std::size_t begin = 0;
  for (auto end = answer.body.find('\n'); end != std::string::npos; end = answer.body.find('\n', begin)) {
    const auto value = parse_json(answer.body.substr(begin, end - begin));
    all.push_back(find(value, "/marker") == nullptr ? text_at(value, "/line") : "<" + text_at(value, "/marker") + ">");
    begin = end + 1;
  }
  return all;
}

using Texts = std::vector<std::string>;

/// Follows until a line comes of a pod that says "again" all the time.
std::string cursor_of_a_line(const std::string& target, const LoggingPod& pod) {
  const std::jthread writer([&pod](const std::stop_token& stop) {
    for (; !stop.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(20))) pod.write("again");
  });
  Lines lines(target);
  CHECK(lines.next_text() == "again");
  return lines.cursor();
}

}  // namespace

TEST_CASE("a log in JSON lines has pod, container, time, line and cursor") {
  const LoggingPod p;
  cluster().logs().append(p.id(), {parse_timestamp("2024-01-02T00:00:00.123456789Z").value(), "say \"hi\" \xff\n"});
  p.write("two");
  const auto answer = service().get(p.target(), kLines);
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "application/x-ndjson");
  CHECK(answer.header("X-Container") == "main");
  CHECK(texts(answer) == Texts{"say \"hi\" \xef\xbf\xbd", "two"});
  const auto first = parse_json(answer.body.substr(0, answer.body.find('\n')));
  CHECK(text_at(first, "/pod") == "p");
  CHECK(text_at(first, "/container") == "main");
  CHECK(text_at(first, "/time") == "2024-01-02T00:00:00.123456789Z");
  CHECK_FALSE(text_at(first, "/cursor").empty());
}

TEST_CASE("a log as events has its cursors as ids") {
  LoggingPod p;
  p.write("one");
  const auto answer = service().get(p.target(), kEvents);
  CHECK(answer.header("Content-Type") == "text/event-stream");
  CHECK(answer.header("Cache-Control") == "no-store");
  CHECK(answer.body.starts_with("id: "));
  CHECK(answer.body.find("\ndata: {\"pod\":\"p\",\"container\":\"main\",\"time\":\"") != std::string::npos);
  const auto id = answer.body.substr(4, answer.body.find('\n') - 4);
  CHECK(answer.body.ends_with("\"line\":\"one\"}\n\nid: " + id + "\nevent: end\ndata: {}\n\n"));
  p.write("two");
  HeaderList again = kEvents;
  again.emplace_back("Last-Event-ID", id);
  const auto rest = service().get(p.target(), again);
  CHECK(rest.body.find("\"line\":\"one\"") == std::string::npos);
  CHECK(rest.body.find("\"line\":\"two\"") != std::string::npos);
}

TEST_CASE("who comes back to events of a log that has ended for good gets what is left, and then 204") {
  LoggingPod p;
  p.write("one");
  AnswerReader reader = service().open({.target = p.target("follow=true"), .headers = kEvents});
  EventParser events;
  const auto next = [&] {
    for (;;) {
      if (auto event = events.next()) return *event;
      const auto more = reader.more();
      if (more.empty()) return StreamEvent{.name = "closed"};
      events.feed(more);
    }
  };
  const auto first = next();
  CHECK_THAT(first.data, Catch::Contains("one"));
  p.write("two");
  CHECK_THAT(next().data, Catch::Contains("two"));
  p.finish();
  const auto last = next();
  CHECK(last.name == "end");
  CHECK(next().name == "closed");
  CHECK(reader.complete());
  const auto come_back = [&](const std::string& id, const std::string& query = "follow=true") {
    HeaderList headers = kEvents;
    headers.emplace_back("Last-Event-ID", id);
    return service().get(p.target(query), headers);
  };
  const auto rest = come_back(first.id);
  CHECK(rest.status == 200);
  CHECK_THAT(rest.body, Catch::Contains("two") && !Catch::Contains("one") && Catch::EndsWith("data: {}\n\n"));
  CHECK(come_back(last.id).status == 204);
  CHECK(come_back(last.id, "").status == 204);
  CHECK(come_back(first.id, "follow=true&contains=none").status == 204);
  CHECK(service().get(p.target("follow=true&cursor=" + last.id), kLines).status == 200);
  CHECK(service().get(p.target("follow=true&contains=none"), kEvents).status == 200);
}

TEST_CASE("a cursor goes on with logs that had said nothing, too, and with nothing of before") {
  const Namespace ns(cluster());
  LoggingPod a(ns, "a"), b(ns, "b"), empty(ns, "empty");
  cluster().logs().append(b.id(), {parse_timestamp("2024-01-02T00:00:00Z").value(), "b before\n"});
  const std::string target = "/api/v1/pod/" + ns.name() + "/logs?";
  const std::string query = GENERATE(as<std::string>(), "tail=0", "sinceTime=2024-01-03T00:00:00Z");
  INFO(query);
  const auto cursor = cursor_of_a_line(target + "follow=true&" + query, a);
  b.write("b one");
  empty.write("empty one");
  empty.restart();
  empty.write("empty two");
  auto rest = texts(service().get(target + "cursor=" + cursor, kLines));
  std::erase(rest, "again");
  CHECK(rest == Texts{"b one", "empty one", "<restart>", "empty two"});
}

TEST_CASE("follow goes on when the container is started again, and says so in JSON lines") {
  LoggingPod p;
  p.write("one");
  Lines lines(p.target("follow=true"));
  AnswerReader text = service().open({.target = p.target("follow=true")});
  CHECK(lines.next_text() == "one");
  CHECK(read_until(text, "one\n") == "one\n");
  p.write("two");
  p.restart();
  p.write("three");
  CHECK(lines.next_text() == "two");
  CHECK(lines.next_text() == "<restart>");
  CHECK(lines.next_text() == "three");
  CHECK(read_until(text, "three\n") == "two\nthree\n");
  p.restart();
  p.write("four");
  CHECK(lines.next_text() == "<restart>");
  CHECK(lines.next_text() == "four");
  p.finish();
  CHECK(lines.next_text().empty());
  CHECK(lines.complete());
  CHECK(read_until(text, "four\n") == "four\n");
  CHECK(text.more().empty());
  CHECK(text.complete());
}

TEST_CASE("follow goes on when the log is rotated") {
  LoggingPod p;
  p.write("one");
  Lines lines(p.target("follow=true"));
  CHECK(lines.next_text() == "one");
  cluster().logs().rotate(p.id());
  p.write("two");
  CHECK(lines.next_text() == "two");
  p.restart();
  p.write("three");
  CHECK(lines.next_text() == "<restart>");
  CHECK(lines.next_text() == "three");
}

TEST_CASE("a cursor goes on behind its line, through restarts, and a gap is told") {
  LoggingPod p;
  const Timestamp time = parse_timestamp("2024-01-02T00:00:00.5Z").value();
  for (const char* line : {"one\n", "two\n", "three\n"}) cluster().logs().append(p.id(), {time, line});
  std::string cursor;
  {
    Lines lines(p.target("follow=true"));
    CHECK(lines.next_text() == "one");
    CHECK(lines.next_text() == "two");
    cursor = lines.cursor();
  }
  const auto rest = [&] { return texts(service().get(p.target("cursor=" + cursor), kLines)); };
  CHECK(rest() == Texts{"three"});
  CHECK(service().get(p.target("cursor=" + cursor)).body == "three\n");
  CHECK(service().get(p.target("tail=1&sinceSeconds=1&cursor=" + cursor)).body == "three\n");
  cluster().logs().append(p.id(), {time, "four\n"});
  CHECK(rest() == Texts{"three", "four"});
  p.restart();
  p.write("five");
  CHECK(rest() == Texts{"three", "four", "<restart>", "five"});
  p.restart();
  p.write("six");
  CHECK(rest() == Texts{"<gap>", "five", "<restart>", "six"});
  CHECK(service().get(p.target("cursor=" + cursor)).body == "five\nsix\n");
}

TEST_CASE("a cursor of what was rotated away is a gap") {
  LoggingPod p;
  p.write("one");
  Lines lines(p.target("follow=true"));
  CHECK(lines.next_text() == "one");
  cluster().logs().rotate(p.id());
  p.write("two");
  CHECK(texts(service().get(p.target("cursor=" + lines.cursor()), kLines)) == Texts{"<gap>", "two"});
}

TEST_CASE("a cursor of another pod of that name is a gap, and one that is none is refused") {
  LoggingPod p;
  p.write("one");
  const LoggingPod other;
  other.write("other");
  Lines lines(other.target("follow=true"));
  CHECK(lines.next_text() == "other");
  CHECK(texts(service().get(p.target("cursor=" + lines.cursor()), kLines)) == Texts{"<gap>", "one"});
  CHECK(outcome(service().get(p.target("cursor=x"))) == "400 BadRequest");
  CHECK(outcome(service().get(p.target(), {{"Last-Event-ID", "x"}})) == "400 BadRequest");
  CHECK(outcome(service().get(p.target("previous=true&cursor=" + lines.cursor()))) == "400 BadRequest");
}

TEST_CASE("contains leaves only the lines that have a text") {
  LoggingPod p;
  for (const char* line : {"GET /a", "POST /b", "GET /c"}) p.write(line);
  CHECK(p.read("contains=GET").body == "GET /a\nGET /c\n");
  CHECK(p.read("contains=GET%20/c").body == "GET /c\n");
  CHECK(p.read("contains=").body == "GET /a\nPOST /b\nGET /c\n");
  CHECK(p.read("contains=none").body.empty());
  CHECK(texts(service().get(p.target("contains=POST"), kLines)) == Texts{"POST /b"});
  CHECK(service().get(p.target("contains=POST"), {{"Accept", "application/json"}}).json() == json::value("POST /b\n"));
  Lines lines(p.target("follow=true&contains=POST"));
  CHECK(lines.next_text() == "POST /b");
  p.write("GET /d");
  p.write("POST /e");
  CHECK(lines.next_text() == "POST /e");
}

TEST_CASE("a line that the runtime has cut is one, and one that is very long is cut in JSON lines alone") {
  LoggingPod p;
  const Timestamp time = parse_timestamp("2024-01-02T00:00:00.5Z").value();
  const std::string part(16384, 'x');
  std::string whole;
  for (int i = 0; i < 20; ++i, whole += part) cluster().logs().append(p.id(), {time + std::chrono::seconds(i), part});
  cluster().logs().append(p.id(), {time + std::chrono::seconds(20), "end\n"});
  whole += "end";
  const auto all = texts(service().get(p.target(), kLines));
  REQUIRE(all.size() == 2);
  CHECK(all[0] == whole.substr(0, 256 << 10));
  CHECK(all[1] == "<truncated>");
  CHECK(p.read("contains=x").body == whole + "\n");
  p.finish();
  CHECK(p.read("follow=true").body == whole + "\n");
}

TEST_CASE("a follow takes timestamps, limitBytes, tail and since as a read does") {
  LoggingPod p;
  const Timestamp time = parse_timestamp("2024-01-02T00:00:00.123456789Z").value();
  cluster().logs().append(p.id(), {time, "one\n"});
  cluster().logs().append(p.id(), {time + std::chrono::hours(1), "two\n"});
  cluster().logs().append(p.id(), {time + std::chrono::hours(2), "unfinished"});
  p.finish();
  for (const std::string query : {"", "timestamps=true", "limitBytes=6", "timestamps=true&limitBytes=40", "tail=2",
                                  "tail=1", "sinceTime=2024-01-02T00:30:00Z", "sinceSeconds=60"}) {
    INFO(query);
    CHECK(p.read(query + "&follow=true").body == p.read(query).body);
  }
}

TEST_CASE("HEAD of a log in lines or events says what it would be") {
  const LoggingPod p;
  const std::vector<std::pair<HeaderList, std::string>> forms = {{kLines, "application/x-ndjson"},
                                                                 {kEvents, "text/event-stream"}};
  for (const auto& [headers, type] : forms) {
    for (const std::string& target : {p.target("follow=true"), "/api/v1/pod/" + p.ns().name() + "/logs"}) {
      const auto answer = service().call({.method = "HEAD", .target = target, .headers = headers});
      CHECK(answer.status == 200);
      CHECK(answer.header("Content-Type") == type);
    }
  }
}

TEST_CASE("the logs of many pods come pod by pod, or followed as they come") {
  const Namespace ns(cluster());
  const json::object web = {{"metadata", {{"labels", {{"app", "web"}}}}}};
  LoggingPod a(ns, "a", web), b(ns, "b", web), other(ns, "other");
  for (const auto* pod : {&a, &b, &other}) {
    pod->write(pod->name() + " one");
    pod->write(pod->name() + " two");
  }
  const std::string target = "/api/v1/pod/" + ns.name() + "/logs", selected = target + "?labelselector=app=web";
  CHECK(service().get(selected).body == "a one\na two\nb one\nb two\n");
  CHECK(service().get(selected + "&tail=1").body == "a two\nb two\n");
  CHECK(service().get(selected + "&contains=one&timestamps=false&timeout=20s").body == "a one\nb one\n");
  CHECK(service().get(selected + "&sinceSeconds=3600").body == "a one\na two\nb one\nb two\n");
  CHECK(service().get(selected + "&sinceTime=2100-01-01T00:00:00Z").body.empty());
  CHECK(service().get(target).body == "a one\na two\nb one\nb two\nother one\nother two\n");
  CHECK(service().get(target + "?container=none").body.empty());
  CHECK(service().get(target + "?labelselector=app=none").body.empty());
  CHECK(outcome(service().get(target + "?sinceSeconds=1&sinceTime=2100-01-01T00:00:00Z")) == "400 BadRequest");
  CHECK(outcome(service().get(target + "?cursor=x")) == "400 BadRequest");

  Lines lines(selected + "&follow=true&tail=1");
  Texts first = {lines.next_text(), lines.next_text()};
  std::sort(first.begin(), first.end());
  CHECK(first == Texts{"a two", "b two"});
  b.write("b three");
  CHECK(lines.next_text() == "b three");
  other.write("other three");
  a.restart();
  a.write("a three");
  CHECK(lines.next_text() == "<restart>");
  CHECK(lines.next_text() == "a three");

  // One that comes later is followed from its beginning.
  LoggingPod later(ns, "later", web);
  later.write("later one");
  CHECK(lines.next_text() == "later one");
  const auto cursor = lines.cursor();
  later.write("later two");
  CHECK(lines.next_text() == "later two");
  CHECK(texts(service().get(selected + "&cursor=" + cursor, kLines)) == Texts{"later two"});
  HeaderList by_header = kLines;
  by_header.emplace_back("Last-Event-ID", cursor);
  Lines again(selected + "&follow=true&tail=1", by_header);
  CHECK(again.next_text() == "later two");
  a.write("a four");
  CHECK(again.next_text() == "a four");
  CHECK(lines.next_text() == "a four");
}

}  // namespace quartermaster::test
