// A timeline that is followed, and what comes between.
#include "test/faults/setting.hpp"

namespace quartermaster::test {

namespace {

struct TimelineSetting : Setting {
  TimelineSetting() {
    make_namespace();
    make_running_pod("p");
    uid = text_at(json::value(*server().find("Pod", "demo", "p")), "/metadata/uid");
    tell("first");
    reader = std::make_unique<AnswerReader>(service().open({.target = "/api/v1/pod/demo/name/p/timeline?follow=true"}));
  }

  void tell(const std::string& message) {
    server().create(R"({"apiVersion": "v1", "kind": "Event", "metadata": {"namespace": "demo", "name": ")" +
                    unique_name() +
                    R"("}, "involvedObject": {"kind": "Pod", "namespace": "demo", "name": "p", "uid": ")" + uid +
                    R"("}, "type": "Normal", "reason": "Tested", "message": ")" + message + "\"}");
  }
  /// Of the next line.
  std::string message() {
    while (text.find('\n') == std::string::npos) {
      const std::string more = reader->more();
      if (more.empty()) return "the end";
      text += more;
    }
    const std::string line = text.substr(0, text.find('\n'));
    text.erase(0, line.size() + 1);
    return text_at(parse_json(line), "/message");
  }

  std::string uid, text;
  std::unique_ptr<AnswerReader> reader;
};

}  // namespace

TEST_CASE("a timeline that is followed goes on, and repeats nothing") {
  TimelineSetting setting;
  CHECK(setting.message() == "first");
  REQUIRE(poll_until([&] { return setting.server().watches() > 0; }));
  SECTION("when its watch is cut") {
    setting.server().drop_watches();
    setting.tell("second");
  }
  SECTION("when the API server has forgotten the version") {
    setting.tell("second");
    CHECK(setting.message() == "second");
    apisim::Fault gone;
    gone.target = "watch=true";
    gone.compact = true;
    setting.server().inject(gone);
    setting.make_claim("a");  // so that there is something newer
    setting.server().drop_watches();
    setting.tell("third");
    CHECK(setting.message() == "third");
    setting.tell("second");
  }
  SECTION("when the API server was away") {
    setting.server().stop();
    setting.restart({});
    setting.tell("second");
  }
  CHECK(setting.message() == "second");
}

TEST_CASE("a timeline that is followed finds out on which node its pod is when it gets one") {
  Setting setting;
  setting.make_namespace();
  setting.make_running_pod("p");
  json::object pod = setting.server().find("Pod", "demo", "p").value();
  pod["spec"].as_object().erase("nodeName");
  pod["status"] = {{"phase", "Pending"}};
  setting.server().put(pod);
  const auto tell = [&](const std::string& node) {
    setting.server().create(R"({"apiVersion": "v1", "kind": "Event", "metadata": {"namespace": "default", "name": ")" +
                            unique_name() + R"("}, "involvedObject": {"kind": "Node", "name": ")" + node +
                            R"("}, "type": "Normal", "reason": "Tested", "message": "of )" + node + "\"}");
  };
  tell("node-1");
  tell("node-2");
  AnswerReader reader = setting.service().open({.target = "/api/v1/pod/demo/name/p/timeline?follow=true"});
  REQUIRE(poll_until([&] { return setting.server().watches() > 0; }));
  pod["spec"].as_object()["nodeName"] = "node-2";
  setting.server().put(pod);
  setting.server().drop_watches();  // else it would take some seconds
  CHECK_THAT(reader.more(), Catch::Contains("of node-2") && !Catch::Contains("of node-1"));
}

TEST_CASE("a timeline that the service may no longer read ends without its last chunk") {
  TimelineSetting setting;
  CHECK(setting.message() == "first");
  REQUIRE(poll_until([&] { return setting.server().watches() > 0; }));
  apisim::Fault denied;
  denied.target = "/events";
  denied.action = apisim::Fault::Action::answer;
  denied.status = 403;
  denied.reason = "Forbidden";
  denied.message = "no";
  denied.count = apisim::Fault::kAlways;
  setting.server().inject(denied);
  setting.server().drop_watches();
  CHECK(setting.message() == "the end");
  CHECK_FALSE(setting.reader->complete());
}

}  // namespace quartermaster::test
