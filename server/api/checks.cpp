// Checks of values in bodies.
#include "server/api/checks.hpp"

#include <algorithm>

#include "model/names.hpp"

namespace quartermaster::api {
namespace {

// k8s.io/apimachinery/pkg/api/validation: the keys and values of all annotations together.
constexpr std::size_t kMaxAnnotations = 256U << 10;
constexpr std::size_t kMaxCauses = 100;  // in an answer

void check_key(std::string_view field, const std::string& key, const std::string& problem, Causes& causes) {
  if (!problem.empty()) causes.push_back({place(field, key), "FieldValueInvalid", "bad key: " + problem});
}

}  // namespace

std::string place(std::string_view path, std::string_view key) {
  std::string text(path);
  json::append_key(text, key);
  return text;
}

void check_labels(std::string_view field, const model::MapPatch& labels, Causes& causes) {
  for (const auto& [key, value] : labels) {
    check_key(field, key, check_qualified_name(key), causes);
    if (!value) continue;
    if (auto what = check_label_value(*value); !what.empty()) {
      causes.push_back({place(field, key), "FieldValueInvalid", "bad value: " + what});
    }
  }
}

void check_annotations(std::string_view field, const model::MapPatch& annotations, Causes& causes) {
  std::size_t size = 0;
  for (const auto& [key, value] : annotations) {
    check_key(field, key, check_annotation_key(key), causes);
    size += key.size() + value.value_or("").size();
  }
  if (size > kMaxAnnotations) {
    causes.push_back({std::string(field), "FieldValueTooLong",
                      "must be at most " + std::to_string(kMaxAnnotations) + " bytes in all"});
  }
}

Error invalid(Causes causes) {
  const auto more = causes.size() - std::min(causes.size(), kMaxCauses);
  causes.resize(causes.size() - more);
  std::string message;
  for (const auto& cause : causes) {
    message += (message.empty() ? "" : "; ") + cause.field + ": " + cause.message;
  }
  if (more > 0) message += "; and " + std::to_string(more) + " more";
  return Error{ErrorCode::invalid, std::move(message), std::move(causes)};
}

StringMap values_of(const model::MapPatch& patch) {
  StringMap map;
  for (const auto& [key, value] : patch) {
    if (value) map.emplace(key, *value);
  }
  return map;
}

}  // namespace quartermaster::api
