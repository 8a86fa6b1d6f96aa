#include "test/apisim/list.hpp"

#include <algorithm>
#include <charconv>

#include "model/base64.hpp"
#include "test/apisim/decode.hpp"
#include "test/apisim/events.hpp"
#include "test/apisim/selectors.hpp"

namespace quartermaster::apisim {
namespace {

constexpr const char* kExpiredContinue =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list.";

/// Where the next page starts.
struct Continue {
  std::uint64_t version = 0;
  std::string after;  // key of the last object that was sent
};

std::string encode(const Continue& at) {
  json::object token = {{"v", "meta.k8s.io/v1"}, {"rv", at.version}, {"start", at.after}};
  auto text = encode_base64(json::serialize(token));
  for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (text.ends_with('=')) text.pop_back();
  return text;
}

Answer<Continue> decode(std::string_view token) {
  std::string text(token);
  for (auto& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text.push_back('=');
  const auto bytes = decode_base64(text);
  if (!bytes)
    return bad_request("invalid continue token: continue key is not valid: illegal base64 data at input byte 0");
  const auto parsed = parse_json(*bytes);
  if (!parsed || !parsed->is_object()) {
    return bad_request("invalid continue token: continue key is not valid: invalid character '" + bytes->substr(0, 1) +
                       "' looking for beginning of value");
  }
  const auto& object = parsed->get_object();
  return Continue{static_cast<std::uint64_t>(integer(object, {"rv"})), std::string(apisim::text(object, {"start"}))};
}

FieldErrors check_match(const ApiRequest& request) {
  const auto match = request.query("resourceVersionMatch");
  const auto version = request.query("resourceVersion");
  if (match.empty()) return {};
  if (version.empty()) {
    return {forbidden_field("resourceVersionMatch",
                            "resourceVersionMatch is forbidden unless resourceVersion is provided")};
  }
  if (!request.query("continue").empty()) {
    return {forbidden_field("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided")};
  }
  if (match != "Exact" && match != "NotOlderThan") {
    return {not_supported("resourceVersionMatch", match, {"Exact", "NotOlderThan", ""})};
  }
  if (match == "Exact" && version == "0") {
    return {forbidden_field("resourceVersionMatch",
                            "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")};
  }
  return {};
}

/// What a list shows: everything at one version, from a place on.
struct Source {
  std::vector<ObjectPtr> objects;
  std::uint64_t version;
  std::string after = {};
};

Answer<Source> source_of(const Cluster& cluster, const ApiRequest& request) {
  const auto& store = cluster.store;
  const auto& type = storage_of(*request.type);
  const auto version = version_parameter(request);
  if (!version) return version.error();
  if (const auto token = request.query("continue"); !token.empty()) {
    if (*version && **version != 0)
      return bad_request("specifying resource version is not allowed when using continue");
    const auto at = decode(token);
    if (!at) return at.error();
    // A token from an expired list has version 0: it goes on with what is there now.
    const auto then = at->version == 0 ? store.version() : at->version;
    if (auto objects = store.list_at(type, request.ns, then)) return Source{std::move(*objects), then, at->after};
    auto status = expired(kExpiredContinue);
    status.continue_token = encode({0, at->after});
    return status;
  }
  if (*version && **version > store.version()) return too_large_version(**version, store.version());
  if (request.query("resourceVersionMatch") == "Exact") {
    if (auto objects = store.list_at(type, request.ns, **version)) return Source{std::move(*objects), **version};
    return expired("The resourceVersion for the provided list is too old.");
  }
  return Source{store.list(type, request.ns), store.version()};
}

}  // namespace

Answer<std::int64_t> number_parameter(const ApiRequest& request, std::string_view name) {
  const auto value = request.query(name);
  if (value.empty()) return std::int64_t{0};
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (ec != std::errc() || end != value.data() + value.size()) {
    return bad_request("strconv.ParseInt: parsing " + go_quoted(value) + ": invalid syntax");
  }
  return number;
}

Answer<std::optional<std::uint64_t>> version_parameter(const ApiRequest& request) {
  using Optional = std::optional<std::uint64_t>;
  const auto value = request.query("resourceVersion");
  if (value.empty()) return Optional();
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (ec != std::errc() || end != value.data() + value.size()) {
    return internal_error("resourceVersion: Invalid value: " + go_quoted(value) + ": strconv.ParseUint: parsing " +
                          go_quoted(value) + ": invalid syntax");
  }
  return Optional(number);
}

Answer<Page> list_objects(const Cluster& cluster, const ApiRequest& request) {
  const auto limit_given = number_parameter(request, "limit");
  if (!limit_given) return limit_given.error();
  if (const auto errors = check_match(request); !errors.empty()) {
    return invalid("meta.k8s.io", "ListOptions", "", errors);
  }
  const auto selectors =
      Selectors::parse(storage_of(*request.type), request.query("labelSelector"), request.query("fieldSelector"));
  if (!selectors) return selectors.error();
  auto source = source_of(cluster, request);
  if (!source) return source.error();

  // At version 0 the answer comes from the API server's watch cache, which knows no pages.
  const bool paged =
      *limit_given > 0 && (request.query("resourceVersion") != "0" || !request.query("continue").empty());
  const auto limit = paged ? static_cast<std::size_t>(*limit_given) : source->objects.size();
  Page page{.objects = {}, .version = source->version, .continue_token = {}};
  const auto key_of = [](const ObjectPtr& object) {
    return Store::key(namespace_of(object->value), name_of(object->value));
  };
  const auto first = source->after.empty() ? source->objects.begin()
                                           : std::ranges::upper_bound(source->objects, source->after, {}, key_of);
  for (auto i = static_cast<std::size_t>(first - source->objects.begin()); i < source->objects.size(); ++i) {
    auto& object = source->objects[i];
    if (!selectors->matches(object->value)) continue;
    if (page.objects.size() == limit) {
      page.continue_token = encode({source->version, key_of(page.objects.back())});
      if (selectors->empty()) page.remaining = source->objects.size() - i;
      break;
    }
    page.objects.push_back(std::move(object));
  }
  return page;
}

std::string render(const ResourceType& type, const Object& object) {
  const auto text = type.stored_as.empty() ? object.text() : json::serialize(to_new_event(object.value));
  std::string result = "{\"kind\":\"" + std::string(type.kind) + "\",\"apiVersion\":\"" + type.api_version() + "\"";
  if (text.size() > 2) result.append(",");
  return result.append(text, 1);
}

std::string render(const ResourceType& type, const Page& page) {
  json::object metadata = {{"resourceVersion", std::to_string(page.version)}};
  if (!page.continue_token.empty()) metadata["continue"] = page.continue_token;
  if (page.remaining) metadata["remainingItemCount"] = *page.remaining;
  std::string result = "{\"kind\":\"" + std::string(type.kind) + "List\",\"apiVersion\":\"" + type.api_version() +
                       "\",\"metadata\":" + json::serialize(metadata) + ",\"items\":[";
  for (const auto& object : page.objects) {
    if (&object != &page.objects.front()) result.append(",");
    result.append(type.stored_as.empty() ? object->text() : json::serialize(to_new_event(object->value)));
  }
  return result.append("]}\n");
}

}  // namespace quartermaster::apisim
