// Lists that are rendered in turns: the same items, digest and end as if they were rendered at once.
#include "server/api/large_list.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/smart_ptr/make_local_shared.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <vector>

#include "model/tenant.hpp"
#include "test/support/result.hpp"
#include "test/support/run.hpp"

namespace quartermaster::test {
namespace {

using api::LargeList;

std::string name_of(int i) {
  const auto number = std::to_string(i);
  return "pod-" + std::string(6 - number.size(), '0') + number;
}

std::string pod_of(int i, const std::string& mark) {
  return R"({"metadata": {"namespace": "demo", "name": ")" + name_of(i) +
         R"(", "creationTimestamp": "2024-05-06T07:08:09Z", "labels": {"third": ")" + (i % 3 == 0 ? "yes" : "no") +
         R"(", "mark": ")" + mark + R"("}}, "status": {"phase": "Running"}})";
}

/// A list as it should be.
struct Expected {
  std::string items;
  std::size_t num = 0;
  kubeapi::Digest digest;
  std::string last;
  bool more = false;

  void add(const std::string& name, const std::string& dto) {
    items += (num++ > 0 ? "," : "") + dto;
    digest += kubeapi::Digest::of(dto);
    last = name;
  }
};

struct LargeListFixture {
  /// The first `first` pods are marked.
  void fill(int count, int first = 0) {
    store.begin_list();
    for (int i = 0; i < count; ++i) store.list_item(json::parse(pod_of(i, i < first ? "first" : "no"))->root());
    store.end_list("1");
    pods = store.shard("demo");
  }
  std::shared_ptr<const LargeList> list(const std::string& selector = {}, std::size_t limit = 0,
                                        std::string after = {}) const {
    const auto quotas = boost::make_local_shared<const kubeapi::Store::Content>();
    return std::make_shared<const LargeList>(api::Resource::pods, pods, quotas, LabelSelector::parse(selector).value(),
                                             limit, std::move(after));
  }
  /// The same list by a plain loop. `label`: what the DTOs of those that are selected hold.
  static Expected expect(const LargeList& what, const std::string& label) {
    Expected expected;
    what.objects->for_each("", [&](const model::RecordView& record) {
      const bool selected = record.name > what.after && record.dto.find(label) != std::string_view::npos;
      if (!selected || expected.more) return true;
      expected.more = what.limit > 0 && expected.num == what.limit;
      std::string dto;
      what.filler.append(dto, record);
      if (!expected.more) expected.add(std::string(record.name), dto);
      return true;
    });
    return expected;
  }
  api::LargeListAnswer render(std::shared_ptr<const LargeList> what) {
    auto rendered = run(loop, render_in_turns(std::move(what), lines, {}));
    REQUIRE(rendered);
    return std::move(*rendered);
  }
  std::string items(api::LargeListAnswer& rendered) {
    if (!rendered.answer.stream) return rendered.answer.items;
    CHECK(rendered.answer.items.empty());
    std::string all;
    for (;;) {
      const auto piece = run(loop, rendered.answer.stream->read());
      REQUIRE(piece);
      if (piece->empty()) return all;
      CHECK(piece->size() < 64U << 10);
      all += *piece;
    }
  }
  void check(std::shared_ptr<const LargeList> what, const Expected& expected, bool streamed) {
    auto rendered = render(std::move(what));
    CHECK(rendered.answer.num == expected.num);
    CHECK(rendered.answer.digest == expected.digest);
    CHECK(rendered.more == expected.more);
    CHECK(rendered.last == expected.last);
    CHECK((rendered.answer.stream != nullptr) == streamed);
    CHECK(items(rendered) == expected.items);
  }

  asio::io_context loop{1};
  api::RenderLines lines;
  kubeapi::Store store{model::Kind::pod};
  kubeapi::ShardPtr pods;
};

TEST_CASE_METHOD(LargeListFixture, "a list in turns is what it is at once", "[large_list]") {
  struct Row {
    int count;
    std::string third;
    std::size_t limit;
    std::string after;
    bool streamed;
    std::size_t num;
  };
  const auto row = GENERATE(values<Row>({{0, "", 0, "", false, 0},
                                         {1, "", 0, "", false, 1},
                                         {700, "", 0, "", false, 700},
                                         {4000, "", 0, "", true, 4000},
                                         {4000, "yes", 0, "", false, 1334},
                                         {12000, "yes", 0, "", true, 4000},
                                         {4000, "maybe", 0, "", false, 0},
                                         {4000, "", 10, "", false, 10},
                                         {4000, "", 3000, "", true, 3000},
                                         {4000, "", 10, name_of(3985), false, 10},
                                         {4000, "", 20, name_of(3985), false, 14},
                                         {4000, "no", 2600, name_of(10), true, 2600}}));
  CAPTURE(row.count, row.third, row.limit, row.after);
  fill(row.count);
  const auto what = list(row.third.empty() ? "" : "third=" + row.third, row.limit, row.after);
  const auto expected = expect(*what, row.third.empty() ? "" : R"("third":")" + row.third + "\"");
  CHECK(expected.num == row.num);
  check(what, expected, row.streamed);
}

TEST_CASE_METHOD(LargeListFixture, "tenants in turns have the quotas that they have", "[large_list]") {
  constexpr int kTenants = 1200;
  kubeapi::Store namespaces(model::Kind::namespace_), quotas(model::Kind::resource_quota);
  Expected expected;
  namespaces.begin_list();
  quotas.begin_list();
  for (int i = 0; i < kTenants; ++i) {
    const auto name = name_of(i);
    const auto raw = json::parse(R"({"metadata": {"name": ")" + name + R"("}, "status": {"phase": "Active"}})");
    namespaces.list_item(raw->root());
    std::vector<model::ResourceQuota> own;
    for (int q = 0; q < i % 3; ++q) {
      const auto quota = json::parse(R"({"metadata": {"namespace": ")" + name + R"(", "name": "q)" + std::to_string(q) +
                                     R"("}, "spec": {"hard": {"pods": ")" + std::to_string(i) + R"("}}})");
      quotas.list_item(quota->root());
      own.push_back(model::resource_quota_from(quota->root()));
    }
    std::string dto;
    json::Writer writer(dto);
    model::write_tenant(writer, model::namespace_from(raw->root()), own);
    expected.add(name, dto);
  }
  namespaces.end_list("1");
  quotas.end_list("1");
  check(std::make_shared<const LargeList>(api::Resource::tenants, namespaces.shard(""),
                                          boost::make_local_shared<const kubeapi::Store::Content>(quotas.content()),
                                          LabelSelector(), 0, ""),
        expected, true);
}

TEST_CASE_METHOD(LargeListFixture, "others have their turns while a large list is rendered and sent", "[large_list]") {
  fill(15000, 3000);
  int turns = 0;
  std::function<void()> count = [&] {
    ++turns;
    asio::post(loop, count);
  };
  asio::post(loop, count);
  auto rendered = render(list("mark=first"));
  CHECK(turns > 3);
  REQUIRE(rendered.answer.stream);
  // The end takes long to find: behind the last item nothing is selected.
  int most = 0;
  for (bool more = true; more;) {
    turns = 0;
    more = !run(loop, rendered.answer.stream->read())->empty();
    most = std::max(most, turns);
  }
  CHECK(most > 3);
}

TEST_CASE_METHOD(LargeListFixture, "changes do not reach a list that is being sent", "[large_list]") {
  fill(4000);
  const auto what = list();
  const auto expected = expect(*what, "");
  auto rendered = render(what);
  REQUIRE(rendered.answer.stream);
  pods.reset();
  store.put(json::parse(pod_of(3999, "changed"))->root(), "2");
  store.put(json::parse(pod_of(4000, "new"))->root(), "3");
  store.remove(json::parse(pod_of(5, ""))->root(), "4");
  CHECK(items(rendered) == expected.items);
  CHECK(store.shard("demo")->find(name_of(3999))->dto.find("changed") != std::string_view::npos);
  CHECK_FALSE(store.shard("demo")->find(name_of(5)));
}

TEST_CASE_METHOD(LargeListFixture, "few large lists are rendered at a time, however many are asked for",
                 "[large_list]") {
  using Rendering = Running<Result<api::LargeListAnswer>>;
  fill(4000);
  std::vector<Rendering> all;
  for (int i = 0; i < 20; ++i) all.emplace_back(loop, render_in_turns(list("third=yes"), lines, {}));
  run_until(loop, [&] { return lines.lists.waiting() == 12; });
  CHECK(std::ranges::none_of(all, &Rendering::done));
  for (auto& each : all) CHECK(each.get()->answer.num == 1334);
}

TEST_CASE_METHOD(LargeListFixture, "nobody renders for a caller who has gone", "[large_list]") {
  fill(12000);
  std::stop_source stop;
  const Call call{.stop = stop.get_token()};
  Running<Result<api::LargeListAnswer>> rendering(loop, render_in_turns(list(), lines, call));
  stop.request_stop();
  CHECK(rendering.get().error().code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace quartermaster::test
