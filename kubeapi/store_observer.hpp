// Told what becomes of a store's content: for who passes changes on.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "kubeapi/shard.hpp"

namespace quartermaster::kubeapi {

using ShardPtr = Shared<const Shard>;

/// Called in the turn in which it happens, once the store's content and version are the new ones. What it gets is its
/// to keep; it must not change the store.
class StoreObserver {
 public:
  virtual ~StoreObserver() = default;

  /// An object of the namespace is there anew, is another one, or is gone: it is that of `name` in all objects of the
  /// namespace, before and after.
  virtual void changed(std::string_view ns, std::string_view name, ShardPtr before, ShardPtr after) = 0;
  /// A list is the content now. `before`: what was, by namespace.
  virtual void replaced(std::map<std::string, ShardPtr, std::less<>> before) = 0;
  /// Just the version is another one.
  virtual void advanced() = 0;
  /// After replaced(): the content may be newer than its version until the next advanced().
  virtual void understated() = 0;
};

}  // namespace quartermaster::kubeapi
