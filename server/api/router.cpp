// Finds the route of a path.
#include "server/api/router.hpp"

#include "model/names.hpp"
#include "server/http/target.hpp"

namespace quartermaster::api {
namespace {

bool is_parameter(const std::string& part) { return part.starts_with('{'); }
std::string parameter_name(const std::string& part) { return part.substr(1, part.size() - 2); }

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!is_parameter(pattern[i]) && pattern[i] != segments[i]) return false;
  }
  return true;
}

/// The Kubernetes rule for what the parameter names.
std::string check(std::string_view parameter, std::string_view value) {
  const bool is_namespace = parameter == "namespace" || parameter == "tenantName";
  return is_namespace ? check_dns1123_label(value) : check_dns1123_subdomain(value);
}

}  // namespace

Router::Router(std::span<const Route> routes) {
  for (const auto& route : routes) {
    Entry entry{&route, {}};
    auto rest = route.pattern.substr(1);
    for (auto slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
      entry.pattern.emplace_back(rest.substr(0, slash));
      rest.remove_prefix(slash + 1);
    }
    entry.pattern.emplace_back(rest);
    entries_.push_back(std::move(entry));
  }
}

Result<Match> Router::find(http::Verb method, const std::vector<std::string>& segments) const {
  const auto wanted = method == http::Verb::head ? http::Verb::get : method;
  Error wrong_method{ErrorCode::method_not_allowed, "this path does not take this method"};
  for (const auto& [route, pattern] : entries_) {
    if (!matches(pattern, segments)) continue;
    if (route->method != wanted) {
      wrong_method.causes.push_back({std::string(boost::beast::http::to_string(route->method)), "", ""});
      continue;
    }
    Match match{route, {}};
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (!is_parameter(pattern[i])) continue;
      auto parameter = parameter_name(pattern[i]);
      if (const auto what = check(parameter, segments[i]); !what.empty()) {
        return Error{ErrorCode::bad_request, "path parameter " + parameter + ": " + what};
      }
      match.path.emplace(std::move(parameter), segments[i]);
    }
    return match;
  }
  if (!wrong_method.causes.empty()) return wrong_method;
  return Error{ErrorCode::not_found, "there is nothing at this path; /openapi.json lists what there is"};
}

}  // namespace quartermaster::api
