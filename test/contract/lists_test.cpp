// What all lists have in common: order, selectors, pages.
#include <algorithm>

#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

/// One of the lists, filled with objects of these names and labels.
struct ListFixture {
  struct Entry {
    std::string name;
    json::object labels;
  };
  // Names that sort otherwise by creation, and as numbers.
  static inline const std::vector<Entry> entries = {
      {"b", {{"app", "web"}, {"tier", "front"}}},
      {"a10", {{"app", "web"}, {"tier", "back"}}},
      {"c", {{"app", "db"}}},
      {"a2", {{"app", "db"}, {"empty", ""}}},
      {"a-1", json::object{}},
  };
  static inline const std::vector<std::string> sorted = {"a-1", "a10", "a2", "b", "c"};
};

struct Selection {
  const char* selector;
  std::vector<std::string> names;
};

const std::vector<Selection>& selections() {
  static const std::vector<Selection> all = {
      {"", {"a-1", "a10", "a2", "b", "c"}},
      {"app=web", {"a10", "b"}},
      {"app==db", {"a2", "c"}},
      {"app!=web", {"a-1", "a2", "c"}},
      {"app in (web, db)", {"a10", "a2", "b", "c"}},
      {"app in (web),tier in (front,side)", {"b"}},
      {"app notin (web)", {"a-1", "a2", "c"}},
      {"tier", {"a10", "b"}},
      {"!tier", {"a-1", "a2", "c"}},
      {"empty=", {"a2"}},
      {" app = web , tier != front ", {"a10"}},
      {"app=web,app=db", {}},
  };
  return all;
}

std::string encoded(const std::string& text) {
  static const char* digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += digits[byte / 16];
    result += digits[byte % 16];
  }
  return result;
}

void check_list(const std::string& path) {
  CHECK(item_names(service().get(path)) == ListFixture::sorted);
  for (const Selection& selection : selections()) {
    INFO(selection.selector);
    for (const std::string spelling : {"labelselector", "labelSelector"}) {
      const HttpAnswer answer = service().get(path + "?" + spelling + "=" + encoded(selection.selector));
      CHECK(item_names(answer) == selection.names);
      CHECK(at(answer.json(), "/num") == json::value(selection.names.size()));
    }
  }
}

/// Reads a list in pages of `limit`; the names in order, and how many pages there were.
std::pair<std::vector<std::string>, std::size_t> read_pages(const std::string& target, int limit) {
  std::vector<std::string> names;
  std::size_t pages = 0;
  std::string next;
  do {
    const HttpAnswer answer =
        service().get(target + (target.find('?') == std::string::npos ? "?" : "&") + "limit=" + std::to_string(limit) +
                      (next.empty() ? "" : "&continue=" + encoded(next)));
    REQUIRE(answer.status == 200);
    const auto page = item_names(answer);
    CHECK(page.size() <= static_cast<std::size_t>(limit));
    names.insert(names.end(), page.begin(), page.end());
    const json::value body = answer.json();
    const json::value* more = find(body, "/continue");
    next = more == nullptr ? "" : std::string(more->as_string());
    ++pages;
  } while (!next.empty() && pages < 20);
  return {names, pages};
}

void check_pages(const std::string& path) {
  CHECK(read_pages(path, 2) == std::pair{ListFixture::sorted, std::size_t{3}});
  CHECK(read_pages(path, 5) == std::pair{ListFixture::sorted, std::size_t{1}});
  CHECK(read_pages(path, 100) == std::pair{ListFixture::sorted, std::size_t{1}});
  CHECK(read_pages(path + "?labelselector=app", 3).first == std::vector<std::string>{"a10", "a2", "b", "c"});
  CHECK(outcome(service().get(path + "?limit=2&continue=nonsense")) == "400 BadRequest");
  const std::string next = encoded(text_at(service().get(path + "?limit=2").json(), "/continue"));
  const HttpAnswer both = service().get(path + "?limit=2&continue=" + next + "&resourceVersion=1");
  CHECK(outcome(both) == "400 BadRequest");
  CHECK_THAT(text_at(both.json(), "/errMessage"), Catch::Contains("resourceVersion"));
}

void fill(const Namespace& ns, const std::string& plural, json::object (*make)(const std::string&)) {
  for (const auto& entry : ListFixture::entries) {
    ns.create(plural, merged(make(entry.name), {{"metadata", {{"labels", entry.labels}}}}));
  }
}

json::object make_pod(const std::string& name) { return pod(name); }
json::object make_claim(const std::string& name) { return claim(name); }
json::object make_secret(const std::string& name) { return {{"metadata", {{"name", name}}}}; }

}  // namespace

TEST_CASE("pods are listed in order, by selectors and in pages") {
  const Namespace ns(cluster());
  fill(ns, "pods", &make_pod);
  check_list("/api/v1/pod/" + ns.name());
  check_pages("/api/v1/pod/" + ns.name());
}

TEST_CASE("claims are listed in order, by selectors and in pages") {
  const Namespace ns(cluster());
  fill(ns, "persistentvolumeclaims", &make_claim);
  check_list("/api/v1/pvc/" + ns.name());
  check_pages("/api/v1/pvc/" + ns.name());
}

TEST_CASE("secrets are listed in order, by selectors and in pages") {
  const Namespace ns(cluster());
  fill(ns, "secrets", &make_secret);
  check_list("/api/v1/secret/" + ns.name());
  check_pages("/api/v1/secret/" + ns.name());
}

TEST_CASE("storage classes and tenants are listed in order, by selectors and in pages") {
  // Cluster-wide: a label of our own narrows the lists to what we have made.
  const std::string suite = unique_name("list");
  std::vector<std::string> expected;
  for (const auto& entry : ListFixture::entries) {
    expected.push_back(suite + "-" + entry.name);
    json::object labels = entry.labels;
    labels["suite"] = suite;
    const json::object metadata = {{"metadata", {{"name", expected.back()}, {"labels", labels}}}};
    cluster().create("/apis/storage.k8s.io/v1/storageclasses", storage_class(expected.back(), metadata));
    cluster().create("/api/v1/namespaces", merged({{"apiVersion", "v1"}, {"kind", "Namespace"}}, metadata));
  }
  std::sort(expected.begin(), expected.end());
  const std::string own = "?labelselector=suite%3D" + suite;
  CHECK(item_names(service().get("/api/v1/storageclass" + own)) == expected);
  CHECK(item_names(service().get("/api/v1/storageclass" + own + "%2Capp%3Dweb")) ==
        std::vector<std::string>{suite + "-a10", suite + "-b"});
  CHECK(read_pages("/api/v1/storageclass" + own, 2).first == expected);

  const auto tenants = [](const HttpAnswer& answer) {
    std::vector<std::string> names;
    const json::value body = answer.json();
    for (const json::value& item : at(body, "/items").as_array()) names.push_back(text_at(item, "/tenantName"));
    CHECK(at(body, "/num") == json::value(names.size()));
    return names;
  };
  CHECK(tenants(service().get("/api/v1/tenant" + own)) == expected);
  CHECK(tenants(service().get("/api/v1/tenant" + own + "%2Ctier")) ==
        std::vector<std::string>{suite + "-a10", suite + "-b"});
  const HttpAnswer page = service().get("/api/v1/tenant" + own + "&limit=3");
  CHECK(tenants(page).size() == 3);
  const HttpAnswer rest =
      service().get("/api/v1/tenant" + own + "&limit=3&continue=" + encoded(text_at(page.json(), "/continue")));
  CHECK(tenants(rest) == std::vector<std::string>(expected.begin() + 3, expected.end()));

  for (const std::string& name : expected) {
    cluster().remove("/apis/storage.k8s.io/v1/storageclasses/" + name);
    cluster().raw("DELETE", namespace_path(name));
  }
}

TEST_CASE("an empty list is a list") {
  const Namespace ns(cluster());
  for (const std::string kind : {"pod", "pvc"}) {
    const json::value body = service().get("/api/v1/" + kind + "/" + ns.name()).json();
    CHECK(at(body, "/items") == json::value(json::array{}));
    CHECK(at(body, "/num") == json::value(0));
  }
  CHECK(item_names(service().get("/api/v1/pvc/no-such-namespace")).empty());
}

TEST_CASE("a selector that is wrong is refused with the place") {
  const HttpAnswer answer = service().get("/api/v1/pvc/demo?labelselector=app%20in%20(a,b");
  CHECK(outcome(answer) == "400 BadRequest");
  CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains("labelselector", Catch::CaseSensitive::No));
}

TEST_CASE("every object has a state") {
  const Namespace ns(cluster());
  const std::string class_name = unique_name("class");
  ns.create("pods", pod("p"));
  ns.create("persistentvolumeclaims", claim("c"));
  ns.create("secrets", make_secret("s"));
  cluster().create("/apis/storage.k8s.io/v1/storageclasses", storage_class(class_name));
  for (const std::string& list : {"/api/v1/pod/" + ns.name(), "/api/v1/pvc/" + ns.name(), "/api/v1/secret/" + ns.name(),
                                  std::string("/api/v1/storageclass"), std::string("/api/v1/tenant")}) {
    INFO(list);
    const json::value body = service().get(list).json();
    CHECK_FALSE(at(body, "/items").as_array().empty());
    for (const json::value& item : at(body, "/items").as_array()) {
      CHECK_FALSE(text_at(item, "/state/status").empty());
      for (const std::string field : {"/state/reason", "/state/message"}) CHECK_NOTHROW(text_at(item, field));
    }
  }
  cluster().remove("/apis/storage.k8s.io/v1/storageclasses/" + class_name);
}

}  // namespace quartermaster::test
