// The cache of one kind.
#include "kubeapi/store.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/smart_ptr/make_local_shared.hpp>
#include <utility>

#include "kubeapi/shard_builder.hpp"
#include "model/resource_version.hpp"

namespace quartermaster::kubeapi {
namespace {

const ShardPtr& no_shard() {
  static const ShardPtr none = boost::make_local_shared<const Shard>();
  return none;
}

}  // namespace

/// The content to come.
class Store::Listing {
 public:
  explicit Listing(const Content& old) : old_(old) {}

  void add(const model::Record& record) {
    auto found = shards_.find(record.ns);
    if (found == shards_.end()) {
      const auto old = old_.find(record.ns);
      found = shards_.try_emplace(record.ns, old == old_.end() ? no_shard() : old->second).first;
    }
    found->second.add(record);
  }

  Content finish() {
    Content content;
    for (auto& [ns, builder] : shards_) content.emplace_hint(content.end(), ns, builder.finish());
    return content;
  }

 private:
  const Content& old_;
  std::map<std::string, ShardBuilder, std::less<>> shards_;
};

/// An entry in the list of waiters, for as long as somebody waits.
class Store::Waiting {
 public:
  Waiting(std::list<Waiter>& all, Waiter waiter) : all_(all), at_(all.insert(all.end(), std::move(waiter))) {}
  ~Waiting() { all_.erase(at_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  std::list<Waiter>& all_;
  std::list<Waiter>::iterator at_;
};

Store::Store(model::Kind kind) : info_(model::info(kind)) {}
Store::~Store() = default;

void Store::begin_list() { listing_ = std::make_unique<Listing>(content_); }

void Store::list_item(json::Value object) { listing_->add(info_.record(object)); }

void Store::end_list(std::string_view version) {
  auto content = listing_->finish();
  listing_.reset();
  std::swap(content_, content);
  exact_ = true;
  set_version(version);
  if (observer_ != nullptr) observer_->replaced(std::move(content));
}

void Store::understated() {
  exact_ = false;
  if (observer_ != nullptr) observer_->understated();
}

void Store::drop_list() { listing_.reset(); }

void Store::put(json::Value object, std::string_view version) {
  const auto record = info_.record(object);
  const auto found = content_.find(record.ns);
  const auto there = found == content_.end() ? std::nullopt : found->second->find(record.name);
  if (there && same(*there, record)) return advance_to(version);
  auto before = observed(record.ns);
  change(record.ns).put(record);
  set_version(version);
  tell(record.ns, record.name, std::move(before));
}

void Store::remove(json::Value object, std::string_view version) {
  const auto meta = object["metadata"];
  const auto ns = meta["namespace"].string(), name = meta["name"].string();
  if (const auto found = content_.find(ns); found == content_.end() || !found->second->find(name)) {
    return advance_to(version);
  }
  auto before = observed(ns);
  auto& shard = change(ns);
  shard.remove(name);
  if (shard.empty()) content_.erase(content_.find(ns));
  set_version(version);
  tell(ns, name, std::move(before));
}

void Store::advance(std::string_view version) {
  exact_ = true;
  advance_to(version);
}

void Store::advance_to(std::string_view version) {
  set_version(version);
  if (observer_ != nullptr) observer_->advanced();
}

/// Pinned, so that the change goes into a copy.
ShardPtr Store::observed(std::string_view ns) const { return observer_ != nullptr ? shard(ns) : ShardPtr(); }

void Store::tell(std::string_view ns, std::string_view name, ShardPtr before) {
  if (observer_ != nullptr) observer_->changed(ns, name, std::move(before), shard(ns));
}

/// The namespace's shard, and no reader's.
Shard& Store::change(std::string_view ns) {
  auto found = content_.find(ns);
  if (found == content_.end()) {
    found = content_.emplace(std::string(ns), boost::make_local_shared<Shard>()).first;
  } else if (found->second.local_use_count() > 1) {
    found->second = boost::make_local_shared<Shard>(*found->second);
  }
  return const_cast<Shard&>(*found->second);  // made here, and nobody else has it
}

ShardPtr Store::shard(std::string_view ns) const {
  const auto found = content_.find(ns);
  return found == content_.end() ? no_shard() : found->second;
}

Store::Stats Store::stats() const {
  Stats stats;
  for (const auto& [ns, shard] : content_) {
    stats.objects += shard->size();
    stats.bytes += shard->footprint() + ns.capacity() + sizeof(Content::value_type);
  }
  return stats;
}

void Store::set_version(std::string_view version) {
  version_ = version;
  for (const auto& waiter : waiters_)
    if (!model::is_older(version_, waiter.version)) waiter.timer->cancel();
}

Task<Result<void>> Store::wait_for(std::string version, Call call) {
  if (!model::is_older(version_, version)) co_return Result<void>{};
  Timer timer(co_await asio::this_coro::executor, call.deadline);
  {
    const std::stop_callback wake(call.stop, [&timer] { timer.cancel(); });
    const Waiting waiting(waiters_, {version, &timer});
    if (!call.stop.stop_requested()) co_await timer.async_wait(asio::as_tuple(use_task));
  }
  if (call.stop.stop_requested()) co_return Error{ErrorCode::cancelled, "cancelled"};
  if (model::is_older(version_, version)) {
    co_return Error{ErrorCode::timeout, "resource version " + version + " has not come; the newest is " + version_};
  }
  co_return Result<void>{};
}

}  // namespace quartermaster::kubeapi
