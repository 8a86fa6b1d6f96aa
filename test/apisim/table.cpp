#include "test/apisim/table.hpp"

namespace quartermaster::apisim {
namespace {

json::array definitions(const std::vector<Column>& columns) {
  json::array result;
  for (const auto& column : columns) {
    result.push_back(json::object{{"name", column.name},
                                  {"type", column.type},
                                  {"format", column.name == "Name" ? "name" : ""},
                                  {"description", ""},
                                  {"priority", column.priority}});
  }
  return result;
}

json::object row(const std::vector<Column>& columns, const json::object& object) {
  json::array cells;
  for (const auto& column : columns) cells.push_back(column.cell(object));
  json::object partial = {{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/v1"}};
  partial["metadata"] = object.at("metadata");
  json::object result;
  result["cells"] = std::move(cells);
  result["object"] = std::move(partial);
  return result;
}

std::string table(const std::vector<Column>& columns, json::object metadata, json::array rows) {
  json::object result = {{"kind", "Table"}, {"apiVersion", "meta.k8s.io/v1"}};
  result["metadata"] = std::move(metadata);
  result["columnDefinitions"] = definitions(columns);
  result["rows"] = std::move(rows);
  return json::serialize(result);
}

}  // namespace

bool wants_table(const ApiRequest& request) {
  const auto first = request.accept.substr(0, request.accept.find(','));
  return first.find("as=Table") != std::string::npos && first.find("v=v1;") != std::string::npos &&
         request.type != nullptr && !request.type->review;
}

std::string render_table(const ResourceType& type, const Page& page) {
  const auto& columns = columns_of(type.kind);
  json::array rows;
  for (const auto& object : page.objects) rows.push_back(row(columns, object->value()));
  json::object metadata = {{"resourceVersion", std::to_string(page.version)}};
  if (!page.continue_token.empty()) metadata["continue"] = page.continue_token;
  return table(columns, std::move(metadata), std::move(rows));
}

std::string render_table(const ResourceType& type, const json::object& object) {
  const auto& columns = columns_of(type.kind);
  json::object metadata = {{"resourceVersion", text(object, {"metadata", "resourceVersion"})}};
  json::array rows;
  rows.push_back(row(columns, object));
  return table(columns, std::move(metadata), std::move(rows));
}

}  // namespace quartermaster::apisim
