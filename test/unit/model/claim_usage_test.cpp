// Which claims are a stateful set's, and who uses a claim.
#include "model/claim_usage.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

StatefulSet stateful_set(std::string name, std::vector<std::string> templates) {
  StatefulSet set;
  set.meta.name = std::move(name);
  set.claim_templates = std::move(templates);
  return set;
}

Pod pod(std::string name, std::string phase, std::vector<std::string> claims) {
  Pod p;
  p.meta.name = std::move(name);
  p.phase = std::move(phase);
  for (auto& claim : claims) p.claims.push_back({std::move(claim), "v"});
  return p;
}

TEST_CASE("A stateful set is read") {
  const StatefulSet set = from_json(R"({"metadata": {"name": "web", "namespace": "demo"}, "spec": {
      "volumeClaimTemplates": [{"metadata": {"name": "data"}}, {"metadata": {"name": "logs"}}]}})",
                                    stateful_set_from);
  CHECK(set.meta.name == "web");
  CHECK(set.claim_templates == std::vector<std::string>{"data", "logs"});
  CHECK(from_json(R"({"spec": {"volumeClaimTemplates": null}})", stateful_set_from).claim_templates.empty());
}

TEST_CASE("A stateful set claims <template>-<set>-<ordinal>") {
  const auto [claim, expected] = GENERATE(table<std::string, bool>({
      {"data-web-0", true},
      {"data-web-10", true},
      {"logs-web-7", true},
      {"data-web-00", false},
      {"data-web-01", false},
      {"data-web-", false},
      {"data-web", false},
      {"data-web-1a", false},
      {"data-web--1", false},
      {"data-web-0-0", false},
      {"xdata-web-0", false},
      {"data-webx-0", false},
      {"cache-web-0", false},
      {"web-0", false},
      {"0", false},
      {"", false},
  }));
  INFO(claim);
  CHECK(claims(stateful_set("web", {"data", "logs"}), claim) == expected);
}

TEST_CASE("A claim is used by pods that have not finished and by stateful sets") {
  ClaimUsage usage;
  usage.add(pod("web-1", "Pending", {"data-web-1"}));
  usage.add(pod("web-0", "Running", {"data-web-0", "shared"}));
  usage.add(pod("reader", "Unknown", {"shared"}));
  usage.add(pod("job", "Succeeded", {"shared", "results"}));
  usage.add(pod("crash", "Failed", {"results"}));
  usage.add(stateful_set("web", {"data"}));
  usage.add(stateful_set("b-web", {"a"}));
  usage.add(stateful_set("web", {"a-b"}));  // the same claims as a set in name only

  const auto [claim, expected] = GENERATE(table<std::string, std::string>({
      {"data-web-0", "pod/web-0, statefulset/web"},
      {"data-web-5", "statefulset/web"},
      {"shared", "pod/reader, pod/web-0"},
      {"results", ""},
      {"a-b-web-0", "statefulset/b-web, statefulset/web"},
      {"data-web", ""},
      {"other", ""},
  }));
  INFO(claim);
  CHECK(names_of(usage.users(claim)) == expected);
  CHECK(usage.users(claim).empty() == expected.empty());
}

TEST_CASE("A claim's users say by what they use it") {
  ClaimUsage usage;
  usage.add(from_json(R"({"metadata": {"name": "web-0", "uid": "u"}, "status": {"phase": "Running"},
      "spec": {"nodeName": "n", "volumes": [
        {"name": "a", "persistentVolumeClaim": {"claimName": "data-web-0"}},
        {"name": "b", "persistentVolumeClaim": {"claimName": "data-web-0"}},
        {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}}]}})",
                      pod_from));
  usage.add(stateful_set("web", {"data"}));
  const auto told = [&usage](std::string_view claim) {
    std::string all;
    for (const auto& user : usage.users(claim)) {
      all += written([&user](json::Writer& w) {
        w.begin_object();
        write_members(w, user);
        w.end_object();
      });
      all += user.node + (user.running ? " running" : "") + user.uid + "\n";
    }
    return all;
  };
  CHECK(told("data-web-0") ==
        R"({"kind":"Pod","name":"web-0","how":"volume","through":"a"}n runningu
{"kind":"Pod","name":"web-0","how":"volume","through":"b"}n runningu
{"kind":"StatefulSet","name":"web","how":"claimTemplate","through":"data"}
)");
  CHECK(told("web-0-scratch") ==
        R"({"kind":"Pod","name":"web-0","how":"ephemeralVolume","through":"scratch"}n runningu
)");
  CHECK(names_of(usage.users("data-web-0")) == "pod/web-0, statefulset/web");  // each once
}

}  // namespace
}  // namespace quartermaster::model
