// A log that is followed, against a server that does what a script says.
#include "kubeapi/log_follower.hpp"

#include <catch2/catch.hpp>

#include "test/unit/kubeapi/client_fixture.hpp"

namespace quartermaster::test {
namespace {

using kubeapi::LogFollower;
using kubeapi::LogMark;
using namespace std::chrono_literals;

const std::string kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kOne = "2024-01-01T00:00:01.000000000Z one\n", kTwo = "2024-01-01T00:00:02.000000000Z two\n",
                  kThree = "2024-01-01T00:00:03.000000000Z three\n";

std::string log_answer(const std::string& text) { return kChunked + chunk(text) + "0\r\n\r\n"; }

std::string pod_answer(int restarts, const std::string& state = "running") {
  return http_answer(200, R"({"kind": "Pod", "metadata": {"name": "p", "uid": "u"},
      "spec": {"containers": [{"name": "c"}]}, "status": {"containerStatuses": [{"name": "c", "restartCount": )" +
                              std::to_string(restarts) + R"(, "state": {")" + state + R"(": {}}}]}})");
}

struct RecordingSink final : kubeapi::LogSink {
  std::string events;  // lines with their line feeds, marks in angle brackets
  std::optional<kubeapi::LogPosition> begun;
  bool wanted = true;

  void fragment(const kubeapi::LogFragment& fragment, const kubeapi::LogPosition&) override {
    events += fragment.text;
    if (fragment.ends) events += fragment.open ? "|" : "\n";
  }
  void interrupted() override { events += "<interrupted>"; }
  void mark(LogMark mark, const kubeapi::LogPosition&) override {
    events += mark == LogMark::gap ? "<gap>" : mark == LogMark::restart ? "<restart>" : "<truncated>";
  }
  void begins(const kubeapi::LogPosition& at) override { begun = at; }
  bool full() const override { return !wanted; }
  Task<bool> room() override { co_return wanted; }
};

struct FollowerFixture : ClientFixture {
  FollowerFixture() {
    options_.first_pause = 1ms;
    options_.longest_pause = 2ms;
    options_.look_back_after = 20ms;
  }

  LogFollower& follower() {
    api_.emplace(client());
    return follower_.emplace(*api_, kubeapi::LogTarget{"ns", "p", "u", "c"}, options_, at_, sink);
  }
  void start(Call call = {}) {
    call.stop = stop_.get_token();
    running_.emplace(loop, follower().run(call));
  }
  void until(const std::string& events) {
    run_until(loop, [&] { return sink.events == events; });
  }
  Result<void> end() { return running_->get(); }
  /// The query of the n-th request.
  std::string query(std::size_t n) {
    const auto& request = server().requests().at(n);
    const auto line = request.substr(0, request.find(" HTTP/1.1"));
    return line.find('?') == std::string::npos ? "" : line.substr(line.find('?') + 1);
  }

  kubeapi::FollowOptions options_;
  kubeapi::LogPosition at_;
  RecordingSink sink;
  std::stop_source stop_;
  std::optional<kubeapi::Api> api_;
  std::optional<LogFollower> follower_;
  std::optional<Running<Result<void>>> running_;
};

TEST_CASE_METHOD(FollowerFixture, "log follower: as a whole it is read once, and its last line may have no end") {
  options_.follow = false;
  options_.tail_lines = 5;
  server().script({answer(log_answer(kOne + "2024-01-01T00:00:02Z tw"))});
  start();
  CHECK(end());
  CHECK(sink.events == "one\ntw|");
  CHECK(query(0) == "container=c&timestamps=true&tailLines=5");
  CHECK(server().requests().size() == 1);
}

TEST_CASE_METHOD(FollowerFixture,
                 "log follower: after a break it is read from a little before, and what came is skipped") {
  server().script({answer(kChunked + chunk(kOne + "2024-01-01T00:00:02.000000000Z tw")), cut()});
  server().script({answer(pod_answer(0)), answer(kChunked + chunk(kOne + kTwo)), hang()});
  start();
  until("one\ntw<interrupted>two\n");
  CHECK(query(0) == "container=c&follow=true&timestamps=true");
  CHECK(query(2) == "container=c&follow=true&timestamps=true&sinceTime=2023-12-31T23%3A59%3A59Z");
  stop_.request_stop();
  CHECK(end());
}

TEST_CASE_METHOD(FollowerFixture, "log follower: silence where the last line should come is worth a look back") {
  server().script({answer(kChunked + chunk(kOne)), cut()});
  server().script({answer(pod_answer(0)), answer(kChunked), hang()});  // the status is late
  server().script({answer(log_answer(kOne + kTwo)), hang()});
  start();
  until("one\ntwo\n<restart>");
  CHECK(query(3) == "container=c&previous=true&timestamps=true&sinceTime=2023-12-31T23%3A59%3A59Z");
  stop_.request_stop();
  CHECK(end());
}

TEST_CASE_METHOD(FollowerFixture, "log follower: where there is no former log, what is missing is a gap") {
  server().script({answer(kChunked + chunk(kOne)), cut()});
  server().script({answer(pod_answer(0)), answer(kChunked + chunk(kThree)), hang()});
  server().script({answer(http_answer(400, R"({"message": "previous terminated container not found"})")), hang()});
  start();
  until("one\n<gap>three\n");
  stop_.request_stop();
  CHECK(end());
}

TEST_CASE_METHOD(FollowerFixture, "log follower: with tail=0 what was last is the place to begin") {
  options_.tail_lines = 0;
  server().script({answer(log_answer(kOne)), answer(kChunked + chunk(kOne + kTwo)), hang()});
  start();
  until("two\n");
  CHECK(query(0) == "container=c&timestamps=true&tailLines=1");
  CHECK(query(1) == "container=c&follow=true&timestamps=true&sinceTime=2023-12-31T23%3A59%3A59Z");
  CHECK(sink.begun ==
        kubeapi::LogPosition{.time = parse_timestamp("2024-01-01T00:00:01Z"), .count = kubeapi::LogPosition::kSome});
  stop_.request_stop();
  CHECK(end());
}

TEST_CASE_METHOD(FollowerFixture, "log follower: with tail=0 an empty log begins with its first line") {
  options_.tail_lines = 0;
  server().script({answer(kChunked + "0\r\n\r\n"), answer(kChunked + chunk(kOne)), hang()});
  start();
  until("one\n");
  CHECK(sink.begun == kubeapi::LogPosition{.time = kubeapi::LogPosition::kBegin});
  stop_.request_stop();
  CHECK(end());
}

TEST_CASE_METHOD(FollowerFixture, "log follower: as a whole it ends when nothing more comes, or the time is over") {
  options_.follow = false;
  options_.check_after = 10ms;
  server().script({answer(kChunked + chunk(kOne)), hang()});
  SECTION("silence") {
    start();
    CHECK(end().error().code == ErrorCode::unavailable);
    CHECK(sink.events == "one\n");
  }
  SECTION("the call's deadline") {
    options_.check_after = 1h;
    options_.keep_deadline = true;
    start(within(50ms));
    CHECK(end().error().code == ErrorCode::timeout);
  }
}

TEST_CASE_METHOD(FollowerFixture, "log follower: a former log that falls silent is read again") {
  options_.check_after = 10ms;
  server().script({answer(kChunked + chunk(kOne)), cut()});
  server().script({answer(pod_answer(1)), answer(kChunked + chunk(kThree)), hang()});
  server().script({answer(kChunked + chunk(kOne)), hang()});
  server().script({answer(pod_answer(1)), answer(kChunked + chunk(kThree)), hang()});
  server().script({answer(log_answer(kOne + kTwo)), hang()});
  start();
  until("one\ntwo\n<restart>three\n");
  stop_.request_stop();
  CHECK(end());
}

TEST_CASE_METHOD(FollowerFixture, "log follower: a container that has ended for good is read once more") {
  server().script({answer(log_answer(kOne)), answer(http_answer(200, R"({"kind": "Pod", "metadata": {"uid": "u"},
      "spec": {"containers": [{"name": "c"}]}, "status": {"phase": "Succeeded"}})")),
                   answer(log_answer(kOne + kTwo))});
  start();
  CHECK(end());
  CHECK(sink.events == "one\ntwo\n");
}

TEST_CASE_METHOD(FollowerFixture,
                 "log follower: while a container waits to be started again, only its pod is looked at") {
  server().script({answer(log_answer(kOne)), answer(pod_answer(0, "terminated")), answer(pod_answer(0, "waiting")),
                   answer(pod_answer(1)), answer(kChunked + chunk(kTwo)), hang()});
  server().script({answer(log_answer(kOne)), hang()});
  start();
  until("one\n<restart>two\n");
  CHECK(server().requests().size() == 6);
  stop_.request_stop();
  CHECK(end());
}

TEST_CASE_METHOD(FollowerFixture, "log follower: another pod of the same name is the end") {
  server().script({answer(log_answer(kOne)), answer(http_answer(200, R"({"kind": "Pod", "metadata": {"uid": "v"}})"))});
  start();
  CHECK(end());
  CHECK(sink.events == "one\n");
}

TEST_CASE_METHOD(FollowerFixture, "log follower: a refusal is the end, and so is no answer for too long") {
  SECTION("refused") {
    server().script({answer(log_answer(kOne)), answer(http_answer(403, R"({"message": "no"})"))});
    start();
    CHECK(end().error().code == ErrorCode::forbidden);
  }
  SECTION("no answer") {
    options_.give_up_after = 5ms;
    server().script({answer(log_answer(kOne)), cut()});
    server().script({reset()});
    start();
    CHECK(end().error().code == ErrorCode::unavailable);
  }
}

TEST_CASE_METHOD(FollowerFixture, "log follower: a stream that has lost track of its log is opened anew") {
  options_.check_after = 10ms;
  server().script({answer(kChunked), hang()});
  server().script({answer(log_answer(kOne)), answer(pod_answer(0)), answer(kChunked + chunk(kOne)), hang()});
  start();
  until("one\n");
  CHECK(query(1) == "container=c&timestamps=true&tailLines=1");
  stop_.request_stop();
  CHECK(end());
}

TEST_CASE_METHOD(FollowerFixture, "log follower: a log that was rotated is opened anew before anything is in it") {
  options_.check_after = 10ms;
  server().script({answer(kChunked + chunk(kOne)), hang()});
  server().script({answer(kChunked + "0\r\n\r\n"), answer(pod_answer(0)), answer(kChunked + chunk(kTwo)), hang()});
  server().script({answer(http_answer(400, R"({"message": "previous terminated container not found"})")),
                   answer(log_answer(kTwo)), answer(log_answer(kTwo)), hang()});
  start();
  until("one\ntwo\n");
  CHECK(query(1) == "container=c&timestamps=true&tailLines=1");
  CHECK(query(3) == "container=c&follow=true&timestamps=true&sinceTime=2023-12-31T23%3A59%3A59Z");
  stop_.request_stop();
  CHECK(end());
}

TEST_CASE_METHOD(FollowerFixture, "log follower: it ends when nobody wants any more") {
  sink.wanted = false;
  server().script({answer(kChunked + chunk(kOne)), hang()});
  start();
  CHECK(end());
  CHECK(sink.events == "one\n");
}

}  // namespace
}  // namespace quartermaster::test
