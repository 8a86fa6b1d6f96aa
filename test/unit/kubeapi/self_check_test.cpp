// The comparison of a cache with the API server.
#include <catch2/catch.hpp>

#include "kubeapi/self_check.hpp"
#include "test/unit/kubeapi/client_fixture.hpp"

namespace quartermaster::test {
namespace {

using kubeapi::Store;
using Names = std::vector<std::string>;

std::string claim(const std::string& ns, const std::string& name, const std::string& size = "1Gi") {
  return R"({"metadata":{"namespace":")" + ns + R"(","name":")" + name +
         R"("},"spec":{"resources":{"requests":{"storage":")" + size + R"("}}}})";
}

void fill(Store& store, const std::vector<std::string>& objects) {
  store.begin_list();
  for (const auto& text : objects) {
    const auto document = json::parse(text);
    store.list_item(document.value().root());
  }
  store.end_list("10");
}

std::string page(const std::string& items, const std::string& token = "") {
  return http_answer(200, R"({"kind":"PersistentVolumeClaimList","metadata":{"resourceVersion":"10","continue":")" +
                              token + R"("},"items":[)" + items + "]}");
}

struct SelfCheckFixture : ClientFixture {
  Store store{model::Kind::pvc};
  Names reports;

  bool check() {
    kubeapi::Api api(client());
    kubeapi::SelfCheck self_check(api, {model::Kind::pvc}, store, [this](const auto& id, std::string_view what) {
      CHECK(id.kind == model::Kind::pvc);
      reports.emplace_back(what);
    });
    const bool same = run(loop, self_check.check({}));
    counters = self_check.counters();
    return same;
  }
  kubeapi::SelfCheck::Counters counters;
};

TEST_CASE("what is missing, too much or different is found", "[self_check]") {
  const std::string a = claim("x", "a"), b = claim("x", "b"), other_b = claim("x", "b", "2Gi"), c = claim("y", "c");
  struct Case {
    std::vector<std::string> left, right;
    Names names;
  };
  const auto [left, right, names] = GENERATE_COPY(values<Case>({
      {{}, {}, {}},
      {{a, b, c}, {c, b, a}, {}},
      {{a, b}, {a}, {"x/b"}},
      {{a}, {a, c}, {"y/c"}},
      {{a, b}, {a, other_b}, {"x/b"}},
      {{a, b}, {c}, {"x/a", "x/b", "y/c"}},
  }));
  Store one(model::Kind::pvc), two(model::Kind::pvc);
  fill(one, left);
  fill(two, right);
  CHECK(kubeapi::differences(one.content(), two.content()) == names);
}

TEST_CASE_METHOD(SelfCheckFixture, "the list is that of the cache's version", "[self_check]") {
  fill(store, {claim("x", "a"), claim("x", "b")});
  server().script({answer(page(claim("x", "a"), "more")), answer(page(claim("x", "b"))), hang()});
  CHECK(check());
  CHECK(counters.compared == 1);
  CHECK(reports.empty());
  const auto path = [this](std::size_t i) {
    return server().requests().at(i).substr(0, server().requests().at(i).find(" HTTP"));
  };
  CHECK(path(0) == "GET /api/v1/persistentvolumeclaims?resourceVersion=10&resourceVersionMatch=Exact&limit=100");
  CHECK(path(1) == "GET /api/v1/persistentvolumeclaims?continue=more&limit=100");
}

TEST_CASE_METHOD(SelfCheckFixture, "a cache that lacks something is reported", "[self_check]") {
  fill(store, {claim("x", "a")});
  server().script({answer(page(claim("x", "a") + "," + claim("x", "b"))), hang()});
  CHECK_FALSE(check());
  CHECK(counters.different == 1);
  CHECK(reports == Names{"the cache differs from the API server's content at version 10: x/b"});
}

TEST_CASE_METHOD(SelfCheckFixture, "what changes meanwhile does not count", "[self_check]") {
  fill(store, {claim("x", "a")});
  server().script({reply([this](const std::string&) {
                     const auto document = json::parse(claim("x", "b"));
                     store.put(document.value().root(), "11");
                     return page(claim("x", "a"));
                   }),
                   hang()});
  CHECK(check());
}

TEST_CASE_METHOD(SelfCheckFixture, "without an answer nothing is compared", "[self_check]") {
  SECTION("the version is forgotten") {
    fill(store, {claim("x", "a")});
    server().script({answer(http_answer(410, "{}")), hang()});
  }
  SECTION("the cache has no content yet") { server().script({hang()}); }
  CHECK_FALSE(check());
  CHECK(counters.skipped == 1);
  CHECK(reports.empty());
}

}  // namespace
}  // namespace quartermaster::test
