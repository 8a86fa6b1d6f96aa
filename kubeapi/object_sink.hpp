// Where a reflector puts what it sees: raw objects of one kind, as the API server sends them. The store is one.
#pragma once

#include <string_view>

#include "model/json.hpp"

namespace quartermaster::kubeapi {

/// Calls come in this order: begin_list, any number of list_item, then end_list or drop_list; in between lists any
/// number of put, remove and advance. Readers see the old content until end_list, and all of the new one from then on.
class ObjectSink {
 public:
  virtual ~ObjectSink() = default;

  virtual void begin_list() = 0;
  /// In any order: the API server sorts lists from etcd, but not those from its own cache.
  virtual void list_item(json::Value object) = 0;
  /// The items become the content, in one step, as of `version`.
  virtual void end_list(std::string_view version) = 0;
  /// After end_list(), in the same turn: until the next advance() the content may be newer than its version.
  virtual void understated() {}
  /// The list failed: its items are forgotten.
  virtual void drop_list() = 0;

  /// ADDED and MODIFIED, which are the same to whoever has all objects. `version` is the object's.
  virtual void put(json::Value object, std::string_view version) = 0;
  virtual void remove(json::Value object, std::string_view version) = 0;
  /// A bookmark: nothing has happened up to `version`.
  virtual void advance(std::string_view version) = 0;
};

}  // namespace quartermaster::kubeapi
