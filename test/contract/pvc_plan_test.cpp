// Plans of deletes: a dry run tells what a delete would do, and its token has just that done or nothing.
#include "server/api/permissions.hpp"
#include "test/contract/accounts.hpp"
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

std::string base(const Namespace& ns) { return "/api/v1/pvc/" + ns.name(); }
std::string one(const Namespace& ns, const std::string& name) { return base(ns) + "/name/" + name; }

bool exists(const Namespace& ns, const std::string& name) {
  return cluster().exists(ns.path("persistentvolumeclaims", name));
}

std::string token_of(const HttpAnswer& answer) { return text_at(answer.json(), "/plan/token"); }

json::object using_claim(const std::string& claim_name) {
  return {{"spec", {{"volumes", {{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", claim_name}}}}}}}}};
}

/// Claims with a label, and a volume of its own for each that wants one; all gone at the end.
class Claims {
 public:
  ~Claims() {
    for (const auto& path : volumes_) {
      cluster().raw("DELETE", path);
      cluster().raw("PATCH", path, R"({"metadata": {"finalizers": null}})", "application/merge-patch+json");
    }
  }

  /// A claim with app=a that is bound to a volume; without a policy to none.
  json::value create(const std::string& name, const std::string& policy = {}, const json::object& extra = {}) {
    const std::string volume = policy.empty() ? "" : unique_name("volume");
    json::object object = claim(name, {{"metadata", {{"labels", {{"app", "a"}}}}}});
    if (!volume.empty()) object = merged(object, {{"spec", {{"volumeName", volume}}}});
    const json::value stored = ns.create("persistentvolumeclaims", merged(object, extra));
    if (!volume.empty()) {
      cluster().create("/api/v1/persistentvolumes", persistent_volume(volume, policy, stored));
      volumes_.push_back("/api/v1/persistentvolumes/" + volume);
    }
    return cluster().get(ns.path("persistentvolumeclaims", name));
  }
  const std::string& last_volume() const { return volumes_.back(); }

  const Namespace ns{cluster()};

 private:
  std::vector<std::string> volumes_;
};

json::value planned(const HttpAnswer& answer, std::size_t i = 0) {
  return at(answer.json(), "/plan/claims/" + std::to_string(i));
}

}  // namespace

TEST_CASE("a dry run tells all about a claim that would be deleted, and deletes nothing") {
  Claims claims;
  const json::value stored = claims.create("c", "Delete");
  const HttpAnswer answer = service().del(one(claims.ns, "c") + "?dryRun=true");
  CHECK(answer.status == 200);
  CHECK(text_at(answer.json(), "/name") == "c");
  CHECK(text_at(answer.json(), "/result") == "deleted");
  CHECK_FALSE(token_of(answer).empty());
  const std::string volume = text_at(stored, "/spec/volumeName");
  CHECK(planned(answer) == json::value{{"name", "c"},
                                       {"uid", text_at(stored, "/metadata/uid")},
                                       {"resourceVersion", text_at(stored, "/metadata/resourceVersion")},
                                       {"action", "delete"},
                                       {"reason", ""},
                                       {"message", ""},
                                       {"users", json::array()},
                                       {"volume", volume},
                                       {"reclaimPolicy", "Delete"},
                                       {"dataLost", "yes"},
                                       {"dataLostMessage", "the volume " + volume + " is deleted, too"},
                                       {"finalizers", json::array()}});
  CHECK(exists(claims.ns, "c"));
  CHECK(token_of(service().del(one(claims.ns, "c") + "?dryRun=true")) == token_of(answer));
}

TEST_CASE("whether data would be lost follows from the volume") {
  Claims claims;
  const auto lost = [&](const std::string& name) {
    const HttpAnswer answer = service().del(one(claims.ns, name) + "?dryRun=true");
    return text_at(planned(answer), "/dataLost") + " " + text_at(planned(answer), "/reclaimPolicy");
  };
  claims.create("kept", "Retain");
  CHECK(lost("kept") == "no Retain");
  claims.create("unbound");
  CHECK(lost("unbound") == "no ");
  claims.create("dangling", "", {{"spec", {{"volumeName", "there-is-no-such-volume"}}}});
  CHECK(lost("dangling") == "no ");
  // A volume that is somebody else's.
  claims.create("other", "Delete");
  const std::string volume = claims.last_volume().substr(claims.last_volume().rfind('/') + 1);
  claims.create("greedy", "", {{"spec", {{"volumeName", volume}}}});
  CHECK(lost("greedy") == "no Delete");
}

TEST_CASE("a volume's name that is none is never asked for") {
  Claims claims;
  json::object odd = claim("odd", {{"spec", {{"volumeName", "../namespaces/" + claims.ns.name() + "?x="}}}});
  odd["apiVersion"] = "v1";
  odd["kind"] = "PersistentVolumeClaim";
  if (cluster().raw("POST", claims.ns.path("persistentvolumeclaims") + "?dryRun=All", print(odd)).status == 422) {
    return leave_out("this API server checks the names of volumes");
  }
  claims.ns.create("persistentvolumeclaims", odd);
  const HttpAnswer answer = service().del(one(claims.ns, "odd") + "?dryRun=true");
  CHECK(answer.status == 200);
  CHECK(text_at(planned(answer), "/dataLost") == "no");
}

TEST_CASE("a plan's token has the plan carried out, once, and by any replica") {
  Claims claims;
  claims.create("c", "Retain");
  const std::string target = one(claims.ns, "c");
  const std::string token = token_of(service().del(target + "?dryRun=true"));
  CHECK(service().del(target + "?dryRun=true&plan=" + token).status == 200);
  CHECK(exists(claims.ns, "c"));
  Service other(cluster().kubeconfig());
  other.wait_until_ready();
  CHECK(other.del(target + "?plan=" + token).status == 200);
  CHECK_FALSE(exists(claims.ns, "c"));
  const HttpAnswer again = service().del(target + "?plan=" + token);
  CHECK(outcome(again) == "409 Conflict");
  CHECK_THAT(text_at(again.json(), "/errMessage"), Catch::Contains("the claims that are selected"));
}

TEST_CASE("a dry run of a claim in use is refused with the plan, and one with force has a token") {
  Claims claims;
  claims.create("data-web-0", "Delete");
  claims.ns.create("pods", pod("user", {"main"}, using_claim("data-web-0")));
  claims.ns.create("statefulsets", stateful_set("web", {"data"}, 0));
  const std::string target = one(claims.ns, "data-web-0");
  const HttpAnswer refused = service().del(target + "?dryRun=true");
  CHECK(outcome(refused) == "409 InUse");
  CHECK(token_of(refused).empty());
  CHECK(text_at(planned(refused), "/action") == "refuse");
  CHECK(text_at(planned(refused), "/reason") == "InUse");
  CHECK(text_at(planned(refused), "/dataLost") == "yes");
  CHECK(at(planned(refused), "/users") ==
        parse_json(R"([{"kind": "Pod", "name": "user", "how": "volume", "through": "data"},
                       {"kind": "StatefulSet", "name": "web", "how": "claimTemplate", "through": "data"}])"));

  const HttpAnswer forced = service().del(target + "?dryRun=true&force=true");
  CHECK(forced.status == 200);
  CHECK(text_at(planned(forced), "/action") == "delete");
  CHECK(at(planned(forced), "/users").as_array().size() == 2);
  const std::string token = token_of(forced);
  CHECK(outcome(service().del(target + "?plan=" + token)) == "409 Conflict");
  CHECK(exists(claims.ns, "data-web-0"));
  CHECK(service().del(target + "?force=true&plan=" + token).status == 200);
  CHECK_FALSE(exists(claims.ns, "data-web-0"));
}

TEST_CASE("a claim that waits for its finalizers, and one that is on its way already, say so") {
  Claims claims;
  claims.create("c");
  cluster().patch(claims.ns.path("persistentvolumeclaims", "c"),
                  {{"metadata", {{"finalizers", json::array{"example.com/hold"}}}}});
  const std::string target = one(claims.ns, "c");
  const HttpAnswer answer = service().del(target + "?dryRun=true");
  CHECK(answer.status == 202);
  CHECK(text_at(planned(answer), "/action") == "terminate");
  CHECK(at(planned(answer), "/finalizers") == parse_json(R"(["example.com/hold"])"));
  CHECK_THAT(text_at(planned(answer), "/message"), Catch::Contains("example.com/hold"));
  CHECK(service().del(target + "?plan=" + token_of(answer)).status == 202);

  const HttpAnswer going = service().del(target + "?dryRun=true");
  CHECK(going.status == 202);
  CHECK(text_at(planned(going), "/action") == "none");
  CHECK(text_at(planned(going), "/reason") == "Terminating");
  CHECK(service().del(target + "?plan=" + token_of(going)).status == 202);
  cluster().patch(claims.ns.path("persistentvolumeclaims", "c"), {{"metadata", {{"finalizers", nullptr}}}});
}

TEST_CASE("what has changed since the plan keeps anything from being deleted, and is told") {
  Claims claims;
  claims.create("a", "Retain");
  claims.create("b");
  const auto path = [&](const std::string& name) { return claims.ns.path("persistentvolumeclaims", name); };
  const std::string all = base(claims.ns) + "?labelselector=app%3Da";
  const HttpAnswer dry = service().del(all + "&dryRun=true");
  CHECK(dry.status == 200);
  CHECK(text_at(planned(dry, 1), "/name") == "b");
  const std::string kClaims = "the claims that are selected", kFacts = "who uses the claims";
  std::string what = kClaims;
  SECTION("another claim is selected") { claims.create("c"); }
  SECTION("one is selected no longer") { cluster().patch(path("b"), {{"metadata", {{"labels", {{"app", "x"}}}}}}); }
  SECTION("one has changed") { cluster().patch(path("a"), {{"metadata", {{"annotations", {{"x", "y"}}}}}}); }
  SECTION("one has got a finalizer") {
    cluster().patch(path("a"), {{"metadata", {{"finalizers", json::array{"example.com/hold"}}}}});
  }
  SECTION("one has gone") { cluster().remove(path("b")); }
  SECTION("one is a new one of the name") {
    cluster().remove(path("b"));
    claims.create("b");
  }
  SECTION("a pod uses one") {
    claims.ns.create("pods", pod("user", {"main"}, using_claim("b")));
    what = kFacts;
  }
  SECTION("a stateful set claims one") {
    // Its name is not that of a set's claim: so one that is, in a plan of its own.
    claims.create("data-web-0");
    const std::string token = token_of(service().del(all + "&dryRun=true"));
    claims.ns.create("statefulsets", stateful_set("web", {"data"}, 0));
    const HttpAnswer answer = service().del(all + "&plan=" + token);
    CHECK(outcome(answer) == "409 Conflict");
    CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains(kFacts));
    return;
  }
  SECTION("the volume would not be kept any longer") {
    cluster().patch(claims.last_volume(), {{"spec", {{"persistentVolumeReclaimPolicy", "Delete"}}}});
    what = kFacts;
  }
  const HttpAnswer answer = service().del(all + "&plan=" + token_of(dry));
  CHECK(outcome(answer) == "409 Conflict");
  CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains(what) && Catch::Contains("nothing was deleted"));
  CHECK(token_of(answer).empty());
  CHECK_FALSE(at(answer.json(), "/plan/claims").as_array().empty());  // as it is now
  CHECK(exists(claims.ns, "a"));
  if (exists(claims.ns, "b")) CHECK(find(cluster().get(path("b")), "/metadata/deletionTimestamp") == nullptr);
  cluster().patch(path("a"), {{"metadata", {{"finalizers", nullptr}}}});
}

TEST_CASE("what is of no consequence for a plan may change") {
  Claims claims;
  claims.create("c", "Retain");
  const std::string target = one(claims.ns, "c");
  const std::string token = token_of(service().del(target + "?dryRun=true"));
  cluster().patch(claims.last_volume(), {{"metadata", {{"annotations", {{"x", "y"}}}}}});
  claims.ns.create("persistentvolumeclaims", claim("other"));
  claims.ns.create("pods", pod("p", {"main"}, using_claim("other")));
  CHECK(service().del(target + "?plan=" + token).status == 200);
  CHECK_FALSE(exists(claims.ns, "c"));
}

TEST_CASE("a token is for one request only") {
  Claims claims;
  claims.create("c");
  const std::string all = base(claims.ns) + "?labelselector=app%3Da";
  const std::string token = token_of(service().del(one(claims.ns, "c") + "?dryRun=true"));
  const std::string of_all = token_of(service().del(all + "&dryRun=true"));
  for (const std::string& target :
       {all + "&plan=" + token, one(claims.ns, "c") + "?plan=" + of_all,
        one(claims.ns, "c") + "?force=true&plan=" + token, one(claims.ns, "c") + "?ignoreNotFound=true&plan=" + token,
        base(claims.ns) + "?labelselector=app&plan=" + of_all}) {
    INFO(target);
    const HttpAnswer answer = service().del(target);
    CHECK(outcome(answer) == "409 Conflict");
    CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains("the route, the parameters and the caller"));
  }
  CHECK(exists(claims.ns, "c"));
  CHECK(service().del(all + "&plan=" + of_all).status == 200);
  CHECK_FALSE(exists(claims.ns, "c"));
}

TEST_CASE("what cannot be a token is 400, at once") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims", claim("c"));
  check_stays_local([&] {
    for (const std::string& token : {std::string(), std::string("a%20b"), std::string(300, 'a')}) {
      CHECK(outcome(service().del(one(ns, "c") + "?plan=" + token)) == "400 BadRequest");
      CHECK(outcome(service().del(base(ns) + "?labelselector=a&plan=" + token)) == "400 BadRequest");
    }
  });
  CHECK(outcome(service().del(one(ns, "c") + "?plan=1.2.3")) == "409 Conflict");
  CHECK(exists(ns, "c"));
}

TEST_CASE("a plan may be that there is nothing to delete") {
  const Namespace ns(cluster());
  const std::string none = one(ns, "c") + "?ignoreNotFound=true", all = base(ns) + "?labelselector=app%3Da";
  CHECK(outcome(service().del(one(ns, "c") + "?dryRun=true")) == "404 NotFound");
  const HttpAnswer nothing = service().del(none + "&dryRun=true"), no_one = service().del(all + "&dryRun=true");
  CHECK(at(nothing.json(), "/plan/claims") == json::value(json::array()));
  CHECK(at(no_one.json(), "/plan/claims") == json::value(json::array()));
  CHECK(service().del(none + "&plan=" + token_of(nothing)).status == 200);
  CHECK(service().del(all + "&plan=" + token_of(no_one)).status == 200);
  ns.create("persistentvolumeclaims", claim("c", {{"metadata", {{"labels", {{"app", "a"}}}}}}));
  CHECK(outcome(service().del(none + "&plan=" + token_of(nothing))) == "409 Conflict");
  CHECK(outcome(service().del(all + "&plan=" + token_of(no_one))) == "409 Conflict");
  CHECK(exists(ns, "c"));
}

TEST_CASE("a bulk plan tells of each claim, and refuses all if one is in use") {
  Claims claims;
  for (const std::string name : {"b", "a"}) claims.create(name);
  const std::string all = base(claims.ns) + "?labelselector=app%3Da";
  const HttpAnswer dry = service().del(all + "&dryRun=true");
  CHECK(dry.status == 200);
  CHECK(at(dry.json(), "/items") == parse_json(R"([{"name": "a", "result": "deleted", "message": ""},
                                                   {"name": "b", "result": "deleted", "message": ""}])"));
  claims.ns.create("pods", pod("user", {"main"}, using_claim("b")));
  const HttpAnswer refused = service().del(all + "&dryRun=true");
  CHECK(outcome(refused) == "409 InUse");
  CHECK(text_at(planned(refused, 0), "/action") == "delete");
  CHECK(text_at(planned(refused, 1), "/action") == "refuse");
  const HttpAnswer forced = service().del(all + "&dryRun=true&force=true");
  CHECK(service().del(all + "&force=true&plan=" + token_of(forced)).status == 200);
  for (const std::string name : {"a", "b"}) CHECK_FALSE(exists(claims.ns, name));
}

TEST_CASE("a service that may not read volumes does not know whether data would be lost") {
  Claims claims;
  claims.create("c", "Retain");
  claims.create("d");
  auto& accounts = dynamic_cast<Accounts&>(cluster());
  const Account account{"default", unique_name("narrow")};
  accounts.make_account(account);
  for (const auto& feature : api::features()) {
    if (feature.name != "claimDeletion") continue;
    for (const auto& [kind, subresource, verbs] : feature.permissions) {
      const auto& info = model::info(kind);
      for (const auto verb : verbs)
        accounts.grant(
            account,
            {.verb = std::string(verb), .group = std::string(info.group), .resource = std::string(info.resource)});
    }
  }
  Service narrow(accounts.kubeconfig_for(account), {"--no-cache"});
  const std::string all = base(claims.ns) + "?labelselector=app%3Da";
  const HttpAnswer answer = narrow.del(all + "&dryRun=true");
  CHECK(answer.status == 200);
  CHECK(text_at(planned(answer, 0), "/dataLost") == "unknown");
  CHECK(text_at(planned(answer, 0), "/reclaimPolicy").empty());
  CHECK_THAT(text_at(planned(answer, 0), "/dataLostMessage"), Catch::StartsWith("this service may not get"));
  CHECK(text_at(planned(answer, 1), "/dataLost") == "no");  // it has no volume
  // Another service knows more: to it that is another plan.
  CHECK(outcome(service().del(all + "&plan=" + token_of(answer))) == "409 Conflict");
  CHECK(narrow.del(all + "&plan=" + token_of(answer)).status == 200);
  CHECK_FALSE(exists(claims.ns, "c"));
}

}  // namespace quartermaster::test
