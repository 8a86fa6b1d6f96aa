// The kinds of objects that the simulated API server has.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quartermaster::apisim {

struct ResourceType {
  std::string_view group = {};    // "" is the core group
  std::string_view version = {};  // "v1"
  std::string_view plural = {};   // "pods"
  std::string_view kind = {};     // "Pod"
  std::vector<std::string_view> short_names = {};
  bool namespaced = true;
  bool has_status = false;          // has a subresource "status"
  bool has_generation = false;      // counts changes of its spec
  bool returns_deleted = false;     // a delete answers the object, not a Status
  bool review = false;              // is only created, and not stored: the answer is in its status
  std::string_view stored_as = {};  // apiVersion of the type whose objects these are, in another form

  std::string api_version() const;
  /// "statefulsets.apps", "pods".
  std::string resource_name() const;
  /// "StatefulSet.apps", "Pod".
  std::string kind_name() const;
  std::string singular() const;
  /// "/apis/apps/v1", "/api/v1".
  std::string root_path() const;
};

std::span<const ResourceType> resource_types();
const ResourceType* find_resource(std::string_view group, std::string_view version, std::string_view plural);
const ResourceType* find_kind(std::string_view api_version, std::string_view kind);
/// The first one of this kind, whatever its group.
const ResourceType* find_kind(std::string_view kind);
/// The type by which its objects are kept: itself, mostly.
const ResourceType& storage_of(const ResourceType& type);

}  // namespace quartermaster::apisim
