// What all that reads the API server's answers asks of them, and says of those that are something else.
#pragma once

#include <string>

#include "model/error.hpp"
#include "model/json.hpp"
#include "model/kinds.hpp"

namespace quartermaster::kubeapi {

/// Quotes nothing: the answer may hold secrets.
inline Error senseless() { return {ErrorCode::bad_gateway, "the API server's answer makes no sense"}; }

/// By what it says of itself; its items may be anything.
inline bool is_list_of(model::Kind kind, json::Value root) {
  return root["kind"].string() == std::string(model::info(kind).name) + "List";
}

}  // namespace quartermaster::kubeapi
