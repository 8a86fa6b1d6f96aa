// The cache of one kind: what its reflector has seen, rendered. Readers take a shard and keep it as long as they like;
// changes then go into a copy.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "kubeapi/call.hpp"
#include "kubeapi/object_sink.hpp"
#include "kubeapi/shard.hpp"
#include "kubeapi/store_observer.hpp"
#include "model/kinds.hpp"

namespace quartermaster::kubeapi {

class Store final : public ObjectSink {
 public:
  /// By namespace. Empty shards are not kept.
  using Content = std::map<std::string, ShardPtr, std::less<>>;

  struct Stats {
    std::size_t objects = 0;
    std::size_t bytes = 0;  // of memory
  };

  /// `kind` must be one that is cached (model/kinds.hpp).
  explicit Store(model::Kind kind);
  ~Store() override;

  // ObjectSink
  void begin_list() override;
  void list_item(json::Value object) override;
  void end_list(std::string_view version) override;
  void understated() override;
  void drop_list() override;
  void put(json::Value object, std::string_view version) override;
  void remove(json::Value object, std::string_view version) override;
  void advance(std::string_view version) override;

  /// There is one at a time; null: none. It must outlive the store, or be taken back.
  void observe(StoreObserver* observer) { observer_ = observer; }
  /// Takes this one back, unless another one has come in its place.
  void stop_observing(const StoreObserver& observer) {
    if (observer_ == &observer) observer_ = nullptr;
  }

  /// A list has been there.
  bool synced() const { return !version_.empty(); }
  /// What the content is not older than; "" before the first list.
  const std::string& version() const { return version_; }
  /// The content is not newer either, so that it is what the API server had just then.
  bool exact() const { return exact_; }
  /// Never null; an empty one where there is nothing.
  ShardPtr shard(std::string_view ns) const;
  const Content& content() const { return content_; }
  Stats stats() const;

  /// Waits until the content is not older than `version`. Error: timeout at the call's deadline, cancelled.
  Task<Result<void>> wait_for(std::string version, Call call);

 private:
  class Listing;
  class Waiting;
  struct Waiter {
    std::string version;
    Timer* timer;
  };
  void set_version(std::string_view version);
  void advance_to(std::string_view version);
  Shard& change(std::string_view ns);
  /// What an observer is to be told of the namespace; null where nobody observes.
  ShardPtr observed(std::string_view ns) const;
  void tell(std::string_view ns, std::string_view name, ShardPtr before);

  const model::KindInfo& info_;
  StoreObserver* observer_ = nullptr;
  Content content_;
  std::string version_;
  bool exact_ = true;
  std::unique_ptr<Listing> listing_;
  std::list<Waiter> waiters_;
};

}  // namespace quartermaster::kubeapi
