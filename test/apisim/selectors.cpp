#include "test/apisim/selectors.hpp"

#include <algorithm>

namespace quartermaster::apisim {
namespace {

struct KindFields {
  std::string_view kind;
  std::vector<std::string_view> fields;
};

/// k8s.io/kubernetes/pkg/apis/core/v1/conversion.go, apart from metadata.name and metadata.namespace, which all have.
const std::vector<KindFields> kFields = {
    {"Event",
     {"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
      "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
      "reportingComponent", "source", "type"}},
    {"Namespace", {"status.phase"}},
    {"Node", {"spec.unschedulable"}},
    {"Pod",
     {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase",
      "status.podIP", "status.nominatedNodeName"}},
    {"Secret", {"type"}},
    {"ReplicaSet", {"status.replicas"}},
};

bool is_supported(std::string_view kind, std::string_view field) {
  if (field == "metadata.name" || field == "metadata.namespace") return true;
  const auto found = std::ranges::find(kFields, kind, &KindFields::kind);
  return found != kFields.end() && std::ranges::find(found->fields, field) != found->fields.end();
}

std::string field_value(const json::object& object, std::string_view field) {
  if (field == "source") return std::string(text(object, {"source", "component"}));
  const json::value* at = nullptr;
  const auto* inside = &object;
  for (std::size_t start = 0; start <= field.size() && inside != nullptr;) {
    const auto dot = std::min(field.find('.', start), field.size());
    at = inside->if_contains(field.substr(start, dot - start));
    inside = at == nullptr ? nullptr : at->if_object();
    start = dot + 1;
    if (start <= field.size() && inside == nullptr) return {};
  }
  if (at == nullptr || at->is_null()) return field == "spec.unschedulable" ? "false" : "";
  return at->is_string() ? std::string(at->get_string()) : json::serialize(*at);
}

}  // namespace

Answer<Selectors> Selectors::parse(const ResourceType& type, std::string_view labels, std::string_view fields) {
  Selectors result;
  auto parsed = LabelSelector::parse(labels);
  if (!parsed) return bad_request("unable to parse requirement: " + parsed.error().message);
  result.labels_ = std::move(*parsed);

  for (std::size_t start = 0; start < fields.size();) {
    const auto comma = std::min(fields.find(',', start), fields.size());
    const auto term = fields.substr(start, comma - start);
    start = comma + 1;
    if (term.empty()) continue;
    const auto equals = term.find('=');
    if (equals == std::string_view::npos) {
      return bad_request("invalid selector: '" + std::string(fields) + "'; can't understand '" + std::string(term) +
                         "'");
    }
    const bool unequal = equals > 0 && term[equals - 1] == '!';
    const auto name = term.substr(0, equals - (unequal ? 1 : 0));
    const auto value = term.substr(equals + (term.substr(equals).starts_with("==") ? 2 : 1));
    if (!is_supported(type.kind, name)) return bad_request("field label not supported: " + std::string(name));
    result.fields_.push_back({std::string(name), std::string(value), !unequal});
  }
  return result;
}

bool Selectors::matches(const Object& object) const {
  const auto look = [this](const json::object& value) {
    if (!labels_.empty() && !labels_.matches(labels_of(value))) return false;
    return std::ranges::all_of(
        fields_, [&](const FieldTerm& term) { return (field_value(value, term.field) == term.value) == term.equal; });
  };
  return empty() || object.look_at(look);
}

}  // namespace quartermaster::apisim
