#include "test/apisim/reviews.hpp"

#include <algorithm>

namespace quartermaster::apisim {
namespace {

json::array strings(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

std::vector<std::string> string_list(const json::object& object, Path path) {
  std::vector<std::string> result;
  if (const auto* list = find_array(object, path)) {
    for (const auto& item : *list) {
      if (item.is_string()) result.emplace_back(item.get_string());
    }
  }
  return result;
}

/// ["a" "b"], as Go prints a list.
std::string go_list(const std::vector<std::string>& list) {
  std::string result;
  for (const auto& item : list) result.append(result.empty() ? "" : " ").append(go_quoted(item));
  return "[" + result + "]";
}

Answer<json::object> review_token(const Cluster& cluster, json::object object) {
  const auto token = text(object, {"spec", "token"});
  if (token.empty()) return bad_request("token is required for TokenReview in authentication");
  const auto& own = cluster.options.audiences;
  const auto asked = string_list(object, {"spec", "audiences"});
  auto audiences = asked.empty() ? own : asked;
  std::erase_if(audiences, [&](const auto& a) { return std::ranges::find(own, a) == own.end(); });
  const auto user = cluster.access.find_token(token);

  json::object status;
  if (user && (!audiences.empty() || own.empty())) {
    status["authenticated"] = true;
    json::object who = {{"username", user->name}};
    if (!user->uid.empty()) who["uid"] = user->uid;
    who["groups"] = strings(user->groups);
    status["user"] = std::move(who);
    if (!audiences.empty()) status["audiences"] = strings(audiences);
  } else {
    status["user"] = json::object();
    status["error"] = user ? "[invalid bearer token, token audiences " + go_list(own) +
                                 " is invalid for the target audiences " + go_list(asked) + "]"
                           : "invalid bearer token";
  }
  object["status"] = std::move(status);
  return object;
}

Action action_of(const json::object& spec) {
  Action action;
  if (const auto* resource = find_object(spec, {"resourceAttributes"})) {
    action.verb = text(*resource, {"verb"});
    action.group = text(*resource, {"group"});
    action.resource = text(*resource, {"resource"});
    if (const auto sub = text(*resource, {"subresource"}); !sub.empty()) action.resource.append("/").append(sub);
    action.ns = text(*resource, {"namespace"});
    action.name = text(*resource, {"name"});
  } else {
    action.verb = text(spec, {"nonResourceAttributes", "verb"});
    action.path = text(spec, {"nonResourceAttributes", "path"});
  }
  return action;
}

}  // namespace

Answer<json::object> review(const Cluster& cluster, const ApiRequest& request, json::object object) {
  make_object(object, {"metadata"})["creationTimestamp"] = nullptr;
  if (request.type->kind == "TokenReview") return review_token(cluster, std::move(object));

  const auto& spec = make_object(object, {"spec"});
  const bool self = request.type->kind == "SelfSubjectAccessReview";
  const auto user = self ? request.user.name : std::string(text(spec, {"user"}));
  const auto groups = self ? request.user.groups : string_list(spec, {"groups"});
  const bool about_resource = find_object(spec, {"resourceAttributes"}) != nullptr;
  const bool about_path = find_object(spec, {"nonResourceAttributes"}) != nullptr;
  FieldErrors errors;
  if (about_resource == about_path) {
    errors.push_back(invalid_value("spec.resourceAttributes", "null",
                                   "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
  }
  if (!self && user.empty() && groups.empty()) {
    errors.push_back(invalid_value("spec.user", "", "at least one of user or group must be specified"));
  }
  if (!errors.empty()) return invalid(request.type->group, "", "", errors);
  json::object status;
  status["allowed"] = cluster.access.allows(user, groups, action_of(spec));
  object["status"] = std::move(status);
  return object;
}

}  // namespace quartermaster::apisim
