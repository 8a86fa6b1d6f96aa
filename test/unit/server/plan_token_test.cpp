// A token stands for just one plan: for all that it says, its request and its caller.
#include "server/api/plan_token.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <set>

namespace quartermaster::test {
namespace {

using Plan = std::vector<model::PlannedDelete>;

struct Case {
  api::PlanRequest request = {.route = "/api/v1/pvc/{namespace}", .ns = "demo", .selection = "app=web", .user = "u"};
  Plan plan = {};

  Case() {
    for (const std::string name : {"a", "b"}) {
      model::Pvc claim;
      claim.meta.name = name;
      claim.meta.ns = "demo";
      claim.meta.uid = "uid-" + name;
      claim.meta.resource_version = "7";
      claim.volume_name = "v-" + name;
      const std::vector<model::ClaimUser> users = {{.kind = "Pod", .name = "p", .through = "data"}};
      model::VolumeLookup volume{model::VolumeLookup::Outcome::found, {}, {}};
      volume.volume.reclaim_policy = "Retain";
      volume.volume.meta.uid = "v-uid";
      volume.volume.claim_ns = "demo";
      volume.volume.claim_name = name;
      plan.push_back(model::plan_delete(claim, users, volume, true));
    }
  }
  std::string token() const { return api::plan_token(request, plan); }
};

const std::string kClaims = "the claims that are selected, or one of them, are not as they were";
const std::string kFacts = "who uses the claims, or what becomes of their volumes, is not as it was";
const std::string kRequest = "the route, the parameters and the caller must be those of the plan";

struct Change {
  std::function<void(Case&)> make;
  std::string told;
};

std::vector<Change> changes() {
  return {
      {[](Case& c) { c.plan.pop_back(); }, kClaims},
      {[](Case& c) { c.plan.push_back(c.plan[0]); }, kClaims},
      {[](Case& c) { std::swap(c.plan[0], c.plan[1]); }, kClaims},
      {[](Case& c) { c.plan.clear(); }, kClaims},
      {[](Case& c) { c.plan[0].claim.meta.name = "c"; }, kClaims},
      {[](Case& c) { c.plan[0].claim.meta.uid += "x"; }, kClaims},
      {[](Case& c) { c.plan[1].claim.meta.resource_version = "8"; }, kClaims},
      {[](Case& c) { c.plan[1].users.clear(); }, kFacts},
      {[](Case& c) { c.plan[1].users.push_back(c.plan[1].users[0]); }, kFacts},
      {[](Case& c) { c.plan[1].users[0].name = "q"; }, kFacts},
      {[](Case& c) { c.plan[1].users[0].kind = "StatefulSet"; }, kFacts},
      {[](Case& c) { c.plan[1].users[0].through = "other"; }, kFacts},
      {[](Case& c) { c.plan[1].users[0].how = model::ClaimUser::How::claim_template; }, kFacts},
      {[](Case& c) { std::swap(c.plan[0].users, c.plan[1].users), c.plan[0].users.clear(); }, kFacts},
      {[](Case& c) { c.plan[0].loss.reclaim_policy = "Delete"; }, kFacts},
      {[](Case& c) { c.plan[0].loss.volume_uid = "another"; }, kFacts},
      {[](Case& c) { c.plan[0].loss.answer = model::DataLoss::Answer::unknown; }, kFacts},
      {[](Case& c) { c.request.route = "/api/v1/pvc/{namespace}/name/{pvcname}"; }, kRequest},
      {[](Case& c) { c.request.ns = "other"; }, kRequest},
      {[](Case& c) { c.request.selection = "app"; }, kRequest},
      {[](Case& c) { c.request.force = true; }, kRequest},
      {[](Case& c) { c.request.ignore_not_found = true; }, kRequest},
      {[](Case& c) { c.request.user = "v"; }, kRequest},
      {[](Case& c) { c.request.uid = "1"; }, kRequest},
      {[](Case& c) { c.request.user = "", c.request.uid = "u"; }, kRequest},
  };
}

TEST_CASE("Whatever changes in a plan changes its token, which tells where") {
  const Case original;
  CHECK(original.token() == Case().token());
  CHECK_FALSE(api::difference(original.token(), Case().token()).has_value());
  std::set<std::string> tokens = {original.token()};
  for (const auto& change : changes()) {
    Case changed;
    change.make(changed);
    INFO(tokens.size());
    CHECK(tokens.insert(changed.token()).second);
    CHECK(api::difference(original.token(), changed.token()) == change.told);
  }
}

TEST_CASE("What a plan says of no consequence is not in its token") {
  Case changed;
  changed.plan[0].users[0].node = "elsewhere";
  changed.plan[0].users[0].uid = "another";
  changed.plan[0].loss.message = "in other words";
  CHECK(changed.token() == Case().token());
}

TEST_CASE("A token fits in a query, and none of another make is taken") {
  const auto token = Case().token();
  CHECK(token.size() == 100);
  CHECK(token.find_first_not_of("0123456789abcdef.") == std::string::npos);
  for (const std::string& other : {"2" + token.substr(1), std::string("x"), std::string(), std::string("...."),
                                   token + "0", token.substr(0, 99), token + "."}) {
    INFO(other);
    CHECK(api::difference(other, token).has_value());
  }
}

}  // namespace
}  // namespace quartermaster::test
