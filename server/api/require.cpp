// Checks that have to wait for a body or a list.
#include "server/api/require.hpp"

#include <stdexcept>

#include "server/auth/gate.hpp"

namespace quartermaster::api {
namespace {

/// What a route requires at a moment, for each name.
std::vector<model::AccessAttributes> actions_at(const Context& context, Moment moment,
                                                const std::vector<std::string>& names) {
  std::vector<model::AccessAttributes> actions;
  bool declared = false;
  for (const auto& requirement : context.route.access.requirements()) {
    if (requirement.moment != moment) continue;
    declared = true;
    auto action = attributes_of(requirement, context.path);
    if (names.empty()) actions.push_back(action);
    for (const auto& name : names) {
      action.name = name;
      actions.push_back(action);
    }
  }
  if (!declared) throw std::logic_error("a route checks what it does not declare");
  return actions;
}

}  // namespace

Task<Result<void>> require(Context& context, Moment moment, std::vector<std::string> names) {
  const auto actions = actions_at(context, moment, names);
  if (context.services.gate == nullptr) co_return Result<void>();
  auto refusal = co_await context.services.gate->check(context.trail.caller, actions, context.call);
  if (!refusal) {
    context.trail.decision = Decision::allowed;
    co_return Result<void>();
  }
  context.trail.decision = refusal->code == ErrorCode::forbidden ? Decision::denied : Decision::undecided;
  co_return std::move(*refusal);
}

}  // namespace quartermaster::api
