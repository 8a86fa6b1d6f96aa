// Lists that are rendered in turns: the same items, digest and end as if they were rendered at once.
#include "server/api/large_list.hpp"

#include <boost/asio/post.hpp>
#include <boost/smart_ptr/make_local_shared.hpp>
#include <catch2/catch.hpp>
#include <functional>

#include "server/api/picker.hpp"
#include "test/support/result.hpp"
#include "test/support/run.hpp"

namespace quartermaster::test {
namespace {

using api::LargeList;

std::string name_of(int i) {
  const auto number = std::to_string(i);
  return "pod-" + std::string(6 - number.size(), '0') + number;
}

struct LargeListFixture {
  void fill(int count) {
    const auto made = boost::make_local_shared<kubeapi::Shard>();
    for (int i = 0; i < count; ++i) {
      const auto pod = json::parse(R"({"metadata": {"namespace": "demo", "name": ")" + name_of(i) +
                                   R"(", "creationTimestamp": "2024-05-06T07:08:09Z", "labels": {"third": ")" +
                                   (i % 3 == 0 ? "yes" : "no") + R"("}}, "status": {"phase": "Running"}})");
      made->put(model::pod_record(pod->root()));
    }
    pods = made;
  }
  std::shared_ptr<const LargeList> list(const std::string& selector = {}, std::size_t limit = 0,
                                        std::string after = {}) const {
    const auto quotas = boost::make_local_shared<const kubeapi::Store::Content>();
    return std::make_shared<const LargeList>(api::Resource::pods, pods, quotas, LabelSelector::parse(selector).value(),
                                             limit, std::move(after));
  }
  api::LargeListAnswer render(std::shared_ptr<const LargeList> what) {
    auto rendered = run(loop, render_in_turns(std::move(what), {}));
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

  asio::io_context loop{1};
  kubeapi::ShardPtr pods;
};

TEST_CASE_METHOD(LargeListFixture, "a list in turns is what it is at once", "[large_list]") {
  struct Row {
    int count;
    std::string selector;
    std::size_t limit;
    std::string after;
    bool streamed;
  };
  const auto row = GENERATE(values<Row>({{0, "", 0, "", false},
                                         {1, "", 0, "", false},
                                         {700, "", 0, "", false},
                                         {4000, "", 0, "", true},
                                         {4000, "third=yes", 0, "", false},
                                         {12000, "third=yes", 0, "", true},
                                         {4000, "none=such", 0, "", false},
                                         {4000, "", 10, "", false},
                                         {4000, "", 3000, "", true},
                                         {4000, "", 10, name_of(3985), false},
                                         {4000, "", 20, name_of(3985), false},
                                         {4000, "third=no", 2600, name_of(10), true}}));
  CAPTURE(row.count, row.selector, row.limit, row.after);
  fill(row.count);
  const auto what = list(row.selector, row.limit, row.after);
  std::string expected;
  api::Picker picker(what->filler, *pods, what->selector, row.limit, row.after);
  CHECK(picker.render(expected, [] { return false; }));

  auto rendered = render(what);
  CHECK(rendered.answer.num == picker.num());
  CHECK(rendered.answer.digest == picker.digest());
  CHECK(rendered.more == picker.more());
  CHECK(rendered.last == picker.last());
  CHECK((rendered.answer.stream != nullptr) == row.streamed);
  CHECK(items(rendered) == expected);
}

TEST_CASE_METHOD(LargeListFixture, "others have their turns while a large list is rendered and sent", "[large_list]") {
  fill(12000);
  int turns = 0;
  std::function<void()> count = [&] {
    ++turns;
    asio::post(loop, count);
  };
  asio::post(loop, count);
  auto rendered = render(list());
  CHECK(turns > 3);
  turns = 0;
  items(rendered);
  CHECK(turns > 3);
}

TEST_CASE_METHOD(LargeListFixture, "changes do not reach a list that is being sent", "[large_list]") {
  fill(4000);
  auto rendered = render(list());
  pods.reset();
  CHECK(items(rendered).find(name_of(3999)) != std::string::npos);
}

TEST_CASE_METHOD(LargeListFixture, "nobody renders for a caller who has gone", "[large_list]") {
  fill(12000);
  std::stop_source stop;
  const Call call{.stop = stop.get_token()};
  Running<Result<api::LargeListAnswer>> rendering(loop, render_in_turns(list(), call));
  stop.request_stop();
  CHECK(rendering.get().error().code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace quartermaster::test
