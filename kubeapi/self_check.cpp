// The list is read into a store of its own, so that what is compared is what a reader would get.
#include "kubeapi/self_check.hpp"

#include <algorithm>
#include <utility>

namespace quartermaster::kubeapi {
namespace {

constexpr std::size_t kPage = 100;  // parsed in one go
constexpr std::size_t kMaxNames = 10;

bool same(const model::RecordView& a, const model::RecordView& b) {
  return a.dto == b.dto && a.labels == b.labels && a.facts == b.facts && std::ranges::equal(a.holes, b.holes);
}

const Shard* shard_of(const Store::Content& content, std::string_view ns) {
  const auto found = content.find(ns);
  return found == content.end() ? nullptr : &*found->second;
}

/// The names of `shard` that `other` does not have or, if `differing`, has otherwise.
void append_lacking(const std::string& ns, const Shard& shard, const Shard* other, bool differing,
                    std::vector<std::string>& names) {
  shard.for_each("", [&](const model::RecordView& record) {
    const auto there = other != nullptr ? other->find(record.name) : std::nullopt;
    if (!there || (differing && !same(*there, record))) {
      names.push_back(std::string(ns).append("/").append(record.name));
    }
    return true;
  });
}

std::string describe(const std::vector<std::string>& names, const std::string& version) {
  std::string text = "the cache differs from the API server's content at version " + version + ":";
  for (std::size_t i = 0; i < names.size() && i < kMaxNames; ++i) text += " " + names[i];
  return names.size() > kMaxNames ? text + " and " + std::to_string(names.size() - kMaxNames) + " more" : text;
}

}  // namespace

std::vector<std::string> differences(const Store::Content& a, const Store::Content& b) {
  std::vector<std::string> names;
  for (const auto& [ns, shard] : a) {
    append_lacking(ns, *shard, shard_of(b, ns), true, names);
  }
  for (const auto& [ns, shard] : b) append_lacking(ns, *shard, shard_of(a, ns), false, names);
  return names;
}

Task<void> SelfCheck::run(Clock::duration interval, Call call) {
  while (!call.stop.stop_requested()) {
    co_await sleep_for(interval, call);
    if (!call.stop.stop_requested()) co_await check(call);
  }
}

Task<bool> SelfCheck::check(Call call) {
  const std::string version = store_.version();
  const Store::Content content = store_.content();  // which later changes leave alone
  Store fresh(id_.kind);
  Result<void> read = Error{ErrorCode::unavailable, "there is no content that the API server knows"};
  if (store_.synced() && store_.exact()) read = co_await this->read(version, fresh, call);
  if (!read) {
    ++counters_.skipped;
    co_return false;
  }
  ++counters_.compared;
  const auto names = differences(content, fresh.content());
  if (names.empty()) co_return true;
  ++counters_.different;
  report_(id_, describe(names, version));
  co_return false;
}

Task<Result<void>> SelfCheck::read(std::string version, Store& into, Call call) {
  ListOptions options;
  options.limit = kPage;
  options.resource_version = version;
  options.resource_version_match = "Exact";
  into.begin_list();
  for (;;) {
    const auto page = co_await api_.list(id_.kind, id_.ns, options, call);
    if (!page) co_return page.error();
    for (const auto item : page->root()["items"].items()) into.list_item(item);
    options.continue_token = page->root()["metadata"]["continue"].string();
    if (options.continue_token.empty()) break;
    options.resource_version.clear();  // the token holds it
    options.resource_version_match.clear();
  }
  into.end_list(version);
  co_return Result<void>{};
}

}  // namespace quartermaster::kubeapi
