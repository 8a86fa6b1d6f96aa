#include "test/apisim/store.hpp"

#include <algorithm>

namespace quartermaster::apisim {
namespace {

/// The range of keys of a namespace: "ns/" to "ns0", as '0' follows '/'.
template <class Objects>
auto range_of(const Objects& objects, std::string_view ns) {
  if (ns.empty()) return std::pair(objects.begin(), objects.end());
  return std::pair(objects.lower_bound(std::string(ns) + "/"), objects.lower_bound(std::string(ns) + "0"));
}

}  // namespace

const json::object& Object::value() const {
  if (!value_) value_ = parse_object(text_);
  return *value_;
}

const std::string& Object::text() const {
  if (text_.empty()) text_ = json::serialize(*value_);
  return text_;
}

std::string Store::key(std::string_view ns, std::string_view name) {
  return ns.empty() ? std::string(name) : std::string(ns) + "/" + std::string(name);
}

ObjectPtr Store::find(const ResourceType& type, std::string_view ns, std::string_view name) const {
  const auto all = objects_.find(&type);
  if (all == objects_.end()) return nullptr;
  const auto found = all->second.find(key(ns, name));
  return found == all->second.end() ? nullptr : found->second;
}

std::vector<ObjectPtr> Store::list(const ResourceType& type, std::string_view ns) const {
  std::vector<ObjectPtr> result;
  const auto all = objects_.find(&type);
  if (all == objects_.end()) return result;
  const auto [first, last] = range_of(all->second, ns);
  for (auto at = first; at != last; ++at) result.push_back(at->second);
  return result;
}

std::optional<std::vector<ObjectPtr>> Store::list_at(const ResourceType& type, std::string_view ns,
                                                     std::uint64_t version) const {
  if (version < compacted_) return std::nullopt;
  if (version >= version_) return list(type, ns);
  Objects then;
  if (const auto all = objects_.find(&type); all != objects_.end()) {
    const auto [first, last] = range_of(all->second, ns);
    then.insert(first, last);
  }
  const auto prefix = ns.empty() ? std::string() : std::string(ns) + "/";
  for (auto change = changes_.rbegin(); change != changes_.rend() && change->version > version; ++change) {
    if (change->type != &type || !change->key.starts_with(prefix)) continue;
    if (change->before) {
      then[change->key] = change->before;
    } else {
      then.erase(change->key);
    }
  }
  std::vector<ObjectPtr> result;
  for (auto& [key, object] : then) result.push_back(std::move(object));
  return result;
}

ObjectPtr Store::write(const ResourceType& type, json::object object) {
  object.stable_erase("kind");
  object.stable_erase("apiVersion");
  make_object(object, {"metadata"})["resourceVersion"] = std::to_string(version_ + 1);
  auto own_key = key(namespace_of(object), name_of(object));
  return put(type, std::make_shared<Object>(std::move(object), std::move(own_key)));
}

ObjectPtr Store::write_text(const ResourceType& type, std::string_view ns, std::string_view name,
                            const std::function<std::string(std::uint64_t)>& text) {
  return put(type, std::make_shared<Object>(text(version_ + 1), key(ns, name)));
}

ObjectPtr Store::put(const ResourceType& type, ObjectPtr object) {
  auto before = std::exchange(objects_[&type][object->key()], object);
  record({++version_, &type, object->key(), std::move(before), object, {}});
  return object;
}

ObjectPtr Store::erase(const ResourceType& type, std::string_view ns, std::string_view name) {
  auto& all = objects_[&type];
  const auto found = all.find(key(ns, name));
  if (found == all.end()) return nullptr;
  auto before = found->second;
  all.erase(found);
  auto value = before->value();
  make_object(value, {"metadata"})["resourceVersion"] = std::to_string(++version_);
  auto last = std::make_shared<Object>(std::move(value), before->key());
  record({version_, &type, last->key(), std::move(before), nullptr, last});
  return last;
}

void Store::record(Change change) {
  versions_[change.type] = change.version;
  changes_.push_back(std::move(change));
  if (changes_.size() > history_) compact(changes_[changes_.size() - history_ - 1].version);
  changed_.notify();
}

std::uint64_t Store::version_of(const ResourceType& type) const {
  const auto found = versions_.find(&type);
  return found == versions_.end() ? 0 : found->second;
}

void Store::compact(std::uint64_t version) {
  while (!changes_.empty() && changes_.front().version <= version) changes_.pop_front();
  compacted_ = std::max(compacted_, std::min(version, version_));
}

const Change* Store::next(std::uint64_t version) const {
  const auto found = std::ranges::upper_bound(changes_, version, {}, &Change::version);
  return found == changes_.end() ? nullptr : &*found;
}

}  // namespace quartermaster::apisim
