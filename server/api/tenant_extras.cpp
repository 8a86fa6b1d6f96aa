// What a tenant's body may ask for beside quotas.
#include "server/api/tenant_extras.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/names.hpp"
#include "server/api/amounts.hpp"

namespace quartermaster::api {
namespace {

constexpr std::size_t kMostMembers = 100;     // each is a request to the API server
constexpr std::size_t kMostSubjects = 1000;   // of a binding
constexpr std::size_t kMostNamespaces = 100;  // of an isolation
constexpr std::size_t kLongestName = 253;     // of a role, a user, a group

void must_be_given(const ObjectReader& item, std::string_view field, FirstError& error) {
  if (!error) error = Error{ErrorCode::bad_request, item.place(field) + ": must be given"};
}

model::LimitRangeItem parse_limit(ObjectReader& item, FirstError& error, Causes& causes) {
  constexpr std::array<std::string_view, 3> kTypes = {"Container", "Pod", "PersistentVolumeClaim"};
  model::LimitRangeItem limit{.type = item.string("type").value_or("")};
  limit.default_limit = amounts_of(item, "default", causes);
  limit.default_request = amounts_of(item, "defaultRequest", causes);
  limit.min = amounts_of(item, "min", causes);
  limit.max = amounts_of(item, "max", causes);
  limit.max_ratio = amounts_of(item, "maxLimitRequestRatio", causes);
  item.finish();
  if (limit.type.empty()) {
    must_be_given(item, "type", error);
  } else if (std::ranges::find(kTypes, limit.type) == kTypes.end()) {
    add_cause(causes, item.place("type"), "FieldValueNotSupported", "must be Container, Pod or PersistentVolumeClaim");
  }
  return limit;
}

/// As in the URL of an RBAC object.
std::string role_problem(const std::string& name) {
  if (name == "." || name == ".." || name.find_first_of("/%") != name.npos)
    return "must not be . or .., nor hold / or %";
  return name.size() > kLongestName ? "must be at most " + std::to_string(kLongestName) + " characters" : "";
}

void add_named(std::vector<model::Subject>& subjects, std::string_view kind, ObjectReader& item, std::string_view field,
               Causes& causes) {
  std::size_t count = 0;
  for (auto& name : item.strings(field)) {
    const auto where = item.place(field) + "[" + std::to_string(count++) + "]";
    if (name.empty() || name.size() > kLongestName) {
      add_cause(causes, where, "FieldValueInvalid", "must be 1 to " + std::to_string(kLongestName) + " characters");
    }
    subjects.push_back({.kind = std::string(kind), .ns = {}, .name = std::move(name)});
  }
}

void add_accounts(std::vector<model::Subject>& subjects, ObjectReader& item, Causes& causes) {
  std::size_t count = 0;
  for (const auto& text : item.strings("serviceAccounts")) {
    const auto colon = std::min(text.find(':'), text.size());
    model::Subject account{
        .kind = "ServiceAccount", .ns = text.substr(0, colon), .name = text.substr(std::min(colon + 1, text.size()))};
    const auto where = item.place("serviceAccounts") + "[" + std::to_string(count++) + "]";
    if (!check_dns1123_label(account.ns).empty() || !check_dns1123_subdomain(account.name).empty()) {
      add_cause(causes, where, "FieldValueInvalid", "must be a namespace, a colon and a name");
    }
    subjects.push_back(std::move(account));
  }
}

model::RoleBindingSpec parse_member(ObjectReader& item, FirstError& error, Causes& causes) {
  model::RoleBindingSpec member;
  member.cluster_role = item.string("clusterRole").value_or("");
  member.name = item.string("bindingName").value_or("");
  if (member.name.empty()) member.name = member.cluster_role;
  add_named(member.subjects, "User", item, "users", causes);
  add_named(member.subjects, "Group", item, "groups", causes);
  add_accounts(member.subjects, item, causes);
  item.finish();
  if (member.cluster_role.empty()) {
    must_be_given(item, "clusterRole", error);
    return member;
  }
  if (auto what = role_problem(member.cluster_role); !what.empty()) {
    add_cause(causes, item.place("clusterRole"), "FieldValueInvalid", std::move(what));
  }
  if (auto what = check_dns1123_subdomain(member.name); !what.empty() && !error) {
    error = Error{ErrorCode::bad_request, item.place("bindingName") + ": " + what};
  }
  check_count(member.subjects.size(), kMostSubjects, item.place("users"), causes);
  return member;
}

}  // namespace

std::optional<model::LimitRangeSpec> parse_tenant_limits(ObjectReader& body, FirstError& error, Causes& causes) {
  const bool is_there = body.has("tenantLimits");
  auto items = body.objects("tenantLimits");
  if (!is_there) return std::nullopt;
  model::LimitRangeSpec spec;
  if (!check_count(items.size(), 3, "tenantLimits", causes)) return spec;
  for (auto& item : items) {
    auto limit = parse_limit(item, error, causes);
    if (std::ranges::find(spec.limits, limit.type, &model::LimitRangeItem::type) != spec.limits.end()) {
      add_cause(causes, item.place("type"), "FieldValueDuplicate", "there is one of this type already");
    }
    spec.limits.push_back(std::move(limit));
  }
  return spec;
}

std::optional<Isolation> parse_tenant_isolation(ObjectReader& body, FirstError& error, Causes& causes) {
  auto reader = body.object("tenantIsolation");
  if (!reader) return std::nullopt;
  Isolation isolation{.enabled = reader->boolean("enabled").value_or(true)};
  auto items = reader->objects("allowNamespaces");
  reader->finish();
  if (!check_count(items.size(), kMostNamespaces, reader->place("allowNamespaces"), causes)) return isolation;
  for (auto& item : items) {
    const bool is_there = item.has("labels");
    auto labels = item.string_map("labels").value_or(StringMap());
    item.finish();
    if (!is_there) {
      must_be_given(item, "labels", error);
    } else if (labels.empty()) {
      add_cause(causes, item.place("labels"), "FieldValueInvalid", "must not be empty: that would be all namespaces");
    }
    check_labels(item.place("labels"), model::MapPatch(labels.begin(), labels.end()), causes);
    isolation.spec.allowed.push_back(std::move(labels));
  }
  return isolation;
}

std::optional<std::vector<model::RoleBindingSpec>> parse_tenant_members(ObjectReader& body, FirstError& error,
                                                                        Causes& causes) {
  const bool is_there = body.has("tenantMembers");
  auto items = body.objects("tenantMembers");
  if (!is_there) return std::nullopt;
  std::vector<model::RoleBindingSpec> members;
  if (!check_count(items.size(), kMostMembers, "tenantMembers", causes)) return members;
  for (auto& item : items) {
    auto member = parse_member(item, error, causes);
    if (std::ranges::find(members, member.name, &model::RoleBindingSpec::name) != members.end()) {
      add_cause(causes, item.place("bindingName"), "FieldValueDuplicate", "another binding has the same name");
    }
    members.push_back(std::move(member));
  }
  return members;
}

}  // namespace quartermaster::api
