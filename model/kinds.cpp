// Lookups in the list of kinds, and the REST paths that follow from it.
#include "model/kinds.hpp"

namespace quartermaster::model {
namespace {

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (static_cast<std::size_t>(kKinds[i].kind) != i) return false;
  }
  return true;
}
static_assert(in_enum_order(), "info() looks kinds up by position");

}  // namespace

const KindInfo& info(Kind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }

std::string api_version(Kind kind) {
  const KindInfo& k = info(kind);
  std::string version(k.group);
  if (!version.empty()) version += '/';
  return version.append(k.version);
}

std::string collection_path(Kind kind, std::string_view ns) {
  const KindInfo& k = info(kind);
  std::string path = k.group.empty() ? "/api/" : "/apis/";
  path += api_version(kind);
  if (k.namespaced && !ns.empty()) path.append("/namespaces/").append(ns);
  return path.append("/").append(k.resource);
}

std::string object_path(Kind kind, std::string_view ns, std::string_view name) {
  return collection_path(kind, ns).append("/").append(name);
}

}  // namespace quartermaster::model
