// The objects and the log of their changes, as etcd keeps them: one version counter for all, reads of former versions,
// compaction.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "test/apisim/json.hpp"
#include "test/apisim/resource.hpp"
#include "test/apisim/signal.hpp"

namespace quartermaster::apisim {

/// An object as it was at one version. Without kind and apiVersion: those are its type's.
struct Object {
  json::object value;
  std::uint64_t version = 0;
  const std::string& text() const;  // JSON, made once

 private:
  mutable std::string text_;
};
using ObjectPtr = std::shared_ptr<const Object>;

struct Change {
  std::uint64_t version;
  const ResourceType* type;
  std::string key;
  ObjectPtr before;  // null: was created
  ObjectPtr after;   // null: was deleted
  ObjectPtr last;    // of a deletion: the object as it was, with the deletion's version
};

class Store {
 public:
  explicit Store(std::size_t history = 200'000) : history_(history) {}

  /// etcd's order: by the bytes of "namespace/name".
  static std::string key(std::string_view ns, std::string_view name);

  ObjectPtr find(const ResourceType& type, std::string_view ns, std::string_view name) const;
  /// `ns` "" is all.
  std::vector<ObjectPtr> list(const ResourceType& type, std::string_view ns) const;
  /// As of `version`; nothing if that has been compacted.
  std::optional<std::vector<ObjectPtr>> list_at(const ResourceType& type, std::string_view ns,
                                                std::uint64_t version) const;

  /// Creates or replaces; gives it the next version.
  ObjectPtr write(const ResourceType& type, json::object object);
  /// Returns the object with the deletion's version; null if there is none.
  ObjectPtr erase(const ResourceType& type, std::string_view ns, std::string_view name);

  std::uint64_t version() const { return version_; }
  /// Changes up to and with this version are forgotten.
  std::uint64_t compacted() const { return compacted_; }
  void compact(std::uint64_t version);
  void set_history(std::size_t history) { history_ = history; }
  /// The first change after `version`, null if there is none yet. Only for versions that are not compacted.
  const Change* next(std::uint64_t version) const;

  Signal& changed() { return changed_; }

 private:
  using Objects = std::map<std::string, ObjectPtr, std::less<>>;
  Objects& objects(const ResourceType& type) { return objects_[&type]; }
  void record(Change change);

  std::map<const ResourceType*, Objects> objects_;
  std::deque<Change> changes_;
  std::size_t history_;
  std::uint64_t version_ = 1;
  std::uint64_t compacted_ = 0;
  Signal changed_;
};

}  // namespace quartermaster::apisim
