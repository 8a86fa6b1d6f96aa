// Objects as tables, which is what kubectl asks for to print them. The columns are those of
// k8s.io/kubernetes/pkg/printers/internalversion.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "test/apisim/json.hpp"
#include "test/apisim/list.hpp"
#include "test/apisim/request.hpp"

namespace quartermaster::apisim {

struct Column {
  std::string_view name;
  std::function<json::value(const json::object&)> cell;
  int priority = 0;  // 1: only with -o wide
  std::string_view type = "string";
};
/// After the name, which is the first column of all kinds but events.
const std::vector<Column>& columns_of(std::string_view kind);

/// Whether the Accept header prefers a table (of version v1).
bool wants_table(const ApiRequest& request);
std::string render_table(const ResourceType& type, const Page& page);
std::string render_table(const ResourceType& type, const json::object& object);

}  // namespace quartermaster::apisim
