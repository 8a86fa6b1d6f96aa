// The API server is away, forgets, or refuses: the caches go on with what they have, say how old it is, and catch up.
#include "test/faults/cache_setting.hpp"

namespace quartermaster::test {
namespace {

using Mode = FaultProxy::Mode;

constexpr const char* kList = "/api/v1/pvc/demo";

}  // namespace

TEST_CASE("while the API server is away, caches answer and say how old they are") {
  CacheSetting setting;
  setting.check_caches();
  CHECK(setting.service().get(kList).header("Age") == "0");
  const auto before = setting.service().get(kList).body;
  setting.network().mode(Mode::refuse);
  CHECK(poll_until([&] { return std::stoi(setting.service().get(kList).header("Age")) >= 2; }));
  const auto answer = setting.service().get(kList);
  CHECK(answer.status == 200);
  CHECK(answer.body == before);
  for (const std::string probe : {"/livez", "/readyz"}) CHECK(setting.service().get(probe).status == 200);
  CHECK(outcome(setting.service().get(kList, {{"Cache-Control", "no-cache"}})) == "503 ServiceUnavailable");
  CHECK(outcome(setting.service().get("/api/v1/pod/demo/name/p0/events")) == "503 ServiceUnavailable");
  CHECK(setting.stat("pods", "age") >= 2);
  CHECK(setting.stat("pods", "failures") > 0);
  setting.change_all(1);
  setting.network().mode(Mode::pass);
  setting.check_caches();
  setting.await_watches();
  CHECK(poll_until([&] { return setting.service().get(kList).header("Age") == "0"; }));
  setting.check_comparisons();
}

TEST_CASE("the API server starts again, and may have forgotten what was") {
  const bool compacted = GENERATE(false, true);
  const bool tls = GENERATE(false, true);
  CacheSetting setting(apisim::Options{.tls = tls});
  setting.server().stop();
  setting.change_all(1);
  if (compacted) setting.server().compact();
  apisim::Options options;
  options.tls = tls;
  setting.restart(options);
  setting.check_caches();
  CHECK(setting.service().get("/readyz").status == 200);
  setting.check_comparisons();
}

TEST_CASE("connections that swallow everything are noticed when they end") {
  CacheSetting setting;
  setting.network().mode(Mode::black_hole);
  setting.change_all(1);
  CHECK(outcome(setting.service().get(std::string(kList) + "?timeout=1s&resourceVersion=" +
                                      setting.server().resource_version())) == "504 Timeout");
  CHECK(setting.service().get(kList).status == 200);
  setting.network().mode(Mode::reset);
  setting.network().mode(Mode::pass);
  setting.check_caches();
}

TEST_CASE("the service is not ready before its caches are") {
  Setting setting;
  setting.make_namespace();
  setting.network().mode(Mode::refuse);
  Service& service = setting.start_service({"--no-cache=false"});
  CHECK(service.get("/livez").status == 200);
  CHECK(service.get("/readyz").status == 503);
  const auto answer = service.get(kList);
  CHECK(outcome(answer) == "503 ServiceUnavailable");
  CHECK_FALSE(answer.header("Retry-After").empty());
  setting.network().mode(Mode::pass);
  service.wait_until_ready();
  CHECK(service.get(kList).status == 200);
}

TEST_CASE("a new token is used by watches, too") {
  CacheSetting setting;
  setting.server().set_token("second", {"second", {"system:masters"}});
  setting.files().write("token", "second");
  setting.server().remove_token(std::string(apisim::kAdminToken));
  setting.server().drop_watches();
  setting.change_all(1);
  setting.check_caches();
}

TEST_CASE("what we may no longer list is read from the API server by those rules, and cached again when we may") {
  CacheSetting setting;
  setting.server().set_token("limited", {"limited"});
  const std::vector<apisim::Rule> all = {apisim::Rule{}};
  std::vector<apisim::Rule> no_pods = {apisim::Rule{
      .resources = {"namespaces", "resourcequotas", "persistentvolumeclaims", "statefulsets", "storageclasses"}}};
  setting.server().set_rules("limited", all);
  setting.files().write("token", "limited");
  setting.server().remove_token(std::string(apisim::kAdminToken));
  setting.server().drop_watches();
  setting.check_caches();

  setting.server().set_rules("limited", no_pods);
  setting.server().disturb_watches("", apisim::Afterwards::cut, "/pods$");
  CHECK(poll_until([&] { return outcome(setting.service().get("/api/v1/pod/demo")) == "403 Forbidden"; }));
  CHECK(setting.service().get(kList).status == 200);
  CHECK(setting.service().get("/readyz").status == 200);
  setting.server().set_rules("limited", all);
  setting.change_all(1);
  setting.check_caches();
}

TEST_CASE("a page that has expired, and lists that trickle or are cut, are read again as a whole") {
  CacheSetting setting;
  setting.server().fill("pods", 1200);
  apisim::Fault fault;  // of the lists of caches, not of their own checks
  fault.count = 2;
  SECTION("expired") {
    fault.target = "pods.*continue=.*limit=500";
    fault.compact = true;
  }
  SECTION("cut") {
    fault.target = "/pods.*continue=.*limit=500";
    fault.cut_after = 100'000;
  }
  SECTION("slow") {
    fault.target = "/pods.*continue=.*limit=500";
    fault.piece = 20'000;
    fault.piece_delay = std::chrono::milliseconds(2);
  }
  setting.server().inject(fault);
  setting.server().compact();
  setting.server().drop_watches();
  setting.check_caches();
  CHECK(poll_until([&] { return setting.stat("pods", "objects") == 1220; }));
  const auto list = setting.service().get("/api/v1/pod/bench-1?limit=500").json();
  CHECK(at(list, "/items").as_array().size() == 200);
}

}  // namespace quartermaster::test
