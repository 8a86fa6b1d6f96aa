// From what a route declares to what the API server is asked.
#include "server/api/access.hpp"

namespace quartermaster::api {

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

Actions actions_at_head(const Access& access, std::string_view pattern, const PathParameters& path,
                        const Query& query) {
  Actions actions;
  if (access.who() == Access::Who::path) actions.push_back({.verb = "get", .path = pattern});
  for (const auto& requirement : access.requirements()) {
    const bool now = requirement.moment == Moment::head ||
                     (requirement.moment == Moment::prune && query.boolean("prune")) ||
                     (requirement.moment == Moment::restart && query.boolean("restartConsumers"));
    if (now) actions.push_back(attributes_of(requirement, path));
  }
  return actions;
}

}  // namespace quartermaster::api
