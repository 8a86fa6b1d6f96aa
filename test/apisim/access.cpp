#include "test/apisim/access.hpp"

#include <algorithm>

namespace quartermaster::apisim {
namespace {

constexpr std::string_view kAnonymous = "system:anonymous";

bool contains(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::any_of(list, [&](const auto& entry) { return entry == "*" || entry == item; });
}

bool matches_path(const std::vector<std::string>& patterns, std::string_view path) {
  return std::ranges::any_of(patterns, [&](std::string_view pattern) {
    if (pattern.ends_with('*')) return path.starts_with(pattern.substr(0, pattern.size() - 1));
    return pattern == path;
  });
}

bool matches(const Rule& rule, const Action& action) {
  if (!contains(rule.verbs, action.verb)) return false;
  if (action.resource.empty()) return matches_path(rule.non_resource_urls, action.path);
  return contains(rule.groups, action.group) && contains(rule.resources, action.resource) &&
         contains(rule.namespaces, action.ns) && (rule.names.empty() || contains(rule.names, action.name));
}

/// What the API server's built-in roles let everybody do who has a name.
bool is_for_all(const Action& action) {
  static const std::vector<std::string> kPaths = {"/api",     "/api/*",     "/apis",      "/apis/*",
                                                  "/healthz", "/livez",     "/openapi/*", "/openapi",
                                                  "/readyz",  "/version/*", "/version"};
  if (action.resource.empty()) return action.verb == "get" && matches_path(kPaths, action.path);
  return action.group == "authorization.k8s.io" && action.resource.starts_with("selfsubject");
}

}  // namespace

void Access::reset(const std::map<std::string, User>& tokens, bool anonymous) {
  tokens_ = {tokens.begin(), tokens.end()};
  anonymous_ = anonymous;
  refuse_all_ = false;
}

std::optional<User> Access::authenticate(std::string_view authorization) const {
  if (refuse_all_) return std::nullopt;
  if (authorization.empty()) {
    if (!anonymous_) return std::nullopt;
    return User{std::string(kAnonymous), {"system:unauthenticated"}};
  }
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) return std::nullopt;
  return find_token(authorization.substr(kScheme.size()));
}

std::optional<User> Access::find_token(std::string_view token) const {
  const auto found = tokens_.find(token);
  if (found == tokens_.end() || refuse_all_) return std::nullopt;
  auto user = found->second;
  user.groups.emplace_back("system:authenticated");
  return user;
}

bool Access::allows(std::string_view user, const std::vector<std::string>& groups, const Action& action) const {
  if (std::ranges::find(groups, "system:masters") != groups.end()) return true;
  if (user == kAnonymous && anonymous_) return true;
  if (user != kAnonymous && is_for_all(action)) return true;
  const auto rules = rules_.find(user);
  return rules != rules_.end() && std::ranges::any_of(rules->second, [&](const Rule& r) { return matches(r, action); });
}

}  // namespace quartermaster::apisim
