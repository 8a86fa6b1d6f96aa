// Checks that have to wait for a body or a list.
#include "server/api/require.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <stdexcept>

#include "server/auth/gate.hpp"
#include "server/auth/refusals.hpp"

namespace quartermaster::api {
namespace {

constexpr std::size_t kAtOnce = 64;
static_assert(kAtOnce <= auth::kMaxNames, "a refusal must name all that are denied");

/// What a route requires at a moment, of all kinds or of one, and of all verbs or of one, for each name.
std::vector<model::AccessAttributes> actions_at(const Context& context, Moment moment,
                                                const std::vector<std::string>& names,
                                                std::optional<model::Kind> kind = {}, std::string_view verb = {}) {
  std::vector<model::AccessAttributes> actions;
  bool declared = false;
  for (const auto& requirement : context.route.access.requirements()) {
    if (requirement.moment != moment || (kind && requirement.kind != *kind)) continue;
    if (!verb.empty() && requirement.verb != verb) continue;
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

/// The actions may be views of the names of whoever waits for this.
Task<Result<void>> check_all(Context& context, std::vector<model::AccessAttributes> actions) {
  if (context.services.gate == nullptr) co_return Result<void>();
  auto refusal = co_await context.services.gate->check(context.trail.caller, actions, context.call);
  if (!refusal) {
    context.trail.decision = Decision::allowed;
    co_return Result<void>();
  }
  context.trail.decision = refusal->code == ErrorCode::forbidden ? Decision::denied : Decision::undecided;
  co_return std::move(*refusal);
}

}  // namespace

Task<Result<void>> require(Context& context, Moment moment, std::vector<std::string> names) {
  co_return co_await check_all(context, actions_at(context, moment, names));
}

Task<Result<void>> require(Context& context, Moment moment, std::string_view verb, model::Kind kind,
                           std::vector<std::string> names) {
  co_return co_await check_all(context, actions_at(context, moment, names, kind, verb));
}

Task<Result<std::vector<std::string>>> not_allowed(Context& context, Moment moment, std::vector<std::string> names) {
  const auto actions = actions_at(context, moment, names);
  std::vector<std::string> denied;
  if (context.services.gate == nullptr || names.empty()) co_return denied;
  for (std::size_t at = 0; at < actions.size(); at += kAtOnce) {
    const auto some = std::span(actions).subspan(at, std::min(kAtOnce, actions.size() - at));
    const auto refusal = co_await context.services.gate->check(context.trail.caller, some, context.call);
    if (!refusal) continue;
    if (refusal->code != ErrorCode::forbidden) co_return *refusal;
    for (const auto& cause : refusal->causes) denied.push_back(cause.field);
  }
  co_return denied;
}

Task<Result<void>> may(Context& context, Moment moment, model::Kind kind, std::string name) {
  std::vector<std::string> names;
  if (!name.empty()) names.push_back(std::move(name));
  const auto actions = actions_at(context, moment, names, kind);
  if (context.services.gate == nullptr) co_return Result<void>();
  auto refusal = co_await context.services.gate->check(context.trail.caller, actions, context.call);
  if (!refusal) co_return Result<void>();
  co_return std::move(*refusal);
}

}  // namespace quartermaster::api
