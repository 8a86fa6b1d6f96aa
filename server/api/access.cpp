// From what a route declares to what the API server is asked.
#include "server/api/access.hpp"

namespace quartermaster::api {
namespace {

/// Whether a requirement of this moment holds for a request from its head on.
bool holds_at_head(Moment moment, const Query& query, bool stream) {
  switch (moment) {
    case Moment::head:
      return true;
    case Moment::prune:
      return query.boolean("prune");
    case Moment::restart:
      return query.boolean("restartConsumers");
    case Moment::stream:
      return stream;
    case Moment::mode_delete:
      return !query.has("mode") || query.text("mode") == "delete";
    case Moment::mode_evict:
      return query.text("mode") == "evict";
    case Moment::mode_rollout:
      return query.text("mode") == "rollout";
    case Moment::wait:
      return query.has("wait");
    case Moment::follow:
      return query.boolean("follow");
    default:
      return false;
  }
}

}  // namespace

model::AccessAttributes attributes_of(const Requirement& requirement, const PathParameters& path) {
  const auto at = [&path](std::string_view parameter) {
    return parameter.empty() ? std::string_view() : std::string_view(path.find(parameter)->second);
  };
  const auto& kind = model::info(requirement.kind);
  return {.verb = requirement.verb,
          .group = kind.group,
          .resource = kind.resource,
          .subresource = requirement.subresource,
          .ns = at(requirement.ns),
          .name = at(requirement.name)};
}

Actions actions_at_head(const Access& access, std::string_view pattern, const PathParameters& path, const Query& query,
                        bool stream) {
  Actions actions;
  if (access.who() == Access::Who::path) actions.push_back({.verb = "get", .path = pattern});
  for (const auto& requirement : access.requirements()) {
    if (holds_at_head(requirement.moment, query, stream)) actions.push_back(attributes_of(requirement, path));
  }
  return actions;
}

}  // namespace quartermaster::api
