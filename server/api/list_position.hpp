// Where a list that a cache began goes on: `continue` of its answers. The API server's own tokens look otherwise, and
// go back to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quartermaster::api {

struct ListPosition {
  std::string version;         // of the list
  std::string quotas_version;  // of the quotas in it, of tenants only
  std::string after;           // the name of the last item
};

std::string to_token(const ListPosition& position);
/// Nothing if it is no token of ours.
std::optional<ListPosition> position_of(std::string_view token);

}  // namespace quartermaster::api
