// The objects and the log of their changes, as etcd keeps them: one version counter for all, reads of former versions,
// compaction.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
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

/// An object as it was at one version. Without kind and apiVersion: those are its type's. It holds a tree, a text or
/// both: one is made of the other when it is first asked for, so that many objects can be kept as text alone.
class Object {
 public:
  explicit Object(json::object value, std::string key = {}) : key_(std::move(key)), value_(std::move(value)) {}
  explicit Object(std::string text, std::string key = {}) : key_(std::move(key)), text_(std::move(text)) {}

  const std::string& key() const { return key_; }  // Store::key; "" for one that is not stored
  const json::object& value() const;
  const std::string& text() const;
  /// What `look` says of the tree. One that is only made for this is not kept.
  template <class Look>
  auto look_at(Look look) const {
    return value_ ? look(*value_) : look(parse_object(text_));
  }

 private:
  std::string key_;
  mutable std::optional<json::object> value_;
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
  /// The same with the JSON text of an object that is valid and complete; `text` makes it from its version.
  ObjectPtr write_text(const ResourceType& type, std::string_view ns, std::string_view name,
                       const std::function<std::string(std::uint64_t)>& text);
  /// Returns the object with the deletion's version; null if there is none.
  ObjectPtr erase(const ResourceType& type, std::string_view ns, std::string_view name);

  std::uint64_t version() const { return version_; }
  /// The last change of this kind; 0 if there was none.
  std::uint64_t version_of(const ResourceType& type) const;
  /// Changes up to and with this version are forgotten.
  std::uint64_t compacted() const { return compacted_; }
  void compact(std::uint64_t version);
  void set_history(std::size_t history) { history_ = history; }
  /// The first change after `version`, null if there is none yet. Only for versions that are not compacted.
  const Change* next(std::uint64_t version) const;

  Signal& changed() { return changed_; }

 private:
  using Objects = std::map<std::string, ObjectPtr, std::less<>>;
  ObjectPtr put(const ResourceType& type, ObjectPtr object);
  void record(Change change);

  std::map<const ResourceType*, Objects> objects_;
  std::map<const ResourceType*, std::uint64_t> versions_;
  std::deque<Change> changes_;
  std::size_t history_;
  std::uint64_t version_ = 1;
  std::uint64_t compacted_ = 0;
  Signal changed_;
};

}  // namespace quartermaster::apisim
