#include "test/apisim/list.hpp"

#include <algorithm>
#include <charconv>

#include "model/base64.hpp"
#include "test/apisim/decode.hpp"
#include "test/apisim/events.hpp"
#include "test/apisim/selectors.hpp"

namespace quartermaster::apisim {
namespace {

constexpr std::size_t kPiece = 64U << 10;

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

/// What a list shows: everything at one version, from a place on.
struct Source {
  std::vector<ObjectPtr> objects;
  std::uint64_t version;
  std::string after = {};
};

Answer<Source> continued(const Cluster& cluster, const ApiRequest& request, std::string_view token) {
  const auto& store = cluster.store;
  const auto at = decode(token);
  if (!at) return at.error();
  // A token from an expired list has version 0: it goes on with what is there now.
  const auto then = at->version == 0 ? store.version() : at->version;
  if (auto objects = store.list_at(storage_of(*request.type), request.ns, then)) {
    return Source{std::move(*objects), then, at->after};
  }
  auto status = expired(kExpiredContinue);
  status.continue_token = encode({0, at->after});
  return status;
}

Answer<Source> at_version(const Cluster& cluster, const ApiRequest& request, std::uint64_t version) {
  const auto& store = cluster.store;
  if (version > store.version()) return internal_error("etcdserver: mvcc: required revision is a future revision");
  if (auto objects = store.list_at(storage_of(*request.type), request.ns, version)) {
    return Source{std::move(*objects), version};
  }
  return expired("The resourceVersion for the provided list is too old.");
}

/// Only what its version says: a future one is refused at once, which a real one does after 3 seconds.
Answer<Source> from_cache(const Cluster& cluster, const ApiRequest& request, std::uint64_t version) {
  const auto& type = storage_of(*request.type);
  const auto current = cluster.cache_version(type);
  if (version > current) return too_large_version(version, current, true);
  auto objects = cluster.store.list(type, request.ns);
  shuffle(objects);
  return Source{std::move(objects), current};
}

/// https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list: what a version means
/// depends on the match, and on whether there is a limit.
Answer<Source> source_of(const Cluster& cluster, const ApiRequest& request, bool limited) {
  const auto& store = cluster.store;
  const auto version = version_parameter(request);
  if (!version) return version.error();
  if (const auto token = request.query("continue"); !token.empty()) {
    if (*version && **version != 0)
      return bad_request("specifying resource version is not allowed when using continue");
    return continued(cluster, request, token);
  }
  const auto match = request.query("resourceVersionMatch");
  if (!*version) return Source{store.list(storage_of(*request.type), request.ns), store.version()};
  if (match == "Exact") return at_version(cluster, request, **version);
  if (**version == 0 || !limited) return from_cache(cluster, request, **version);
  if (match.empty()) return at_version(cluster, request, **version);
  if (**version > store.version()) return too_large_version(**version, store.version(), false);
  return Source{store.list(storage_of(*request.type), request.ns), store.version()};
}

}  // namespace

FieldErrors check_match(const ApiRequest& request) {
  const auto match = request.query("resourceVersionMatch");
  const auto version = request.query("resourceVersion");
  if (match.empty()) return {};
  FieldErrors errors;
  const auto forbid = [&errors](const char* why) { errors.push_back(forbidden_field("resourceVersionMatch", why)); };
  if (request.verb == "watch") forbid("resourceVersionMatch is forbidden for watch");
  if (version.empty()) forbid("resourceVersionMatch is forbidden unless resourceVersion is provided");
  if (!request.query("continue").empty()) forbid("resourceVersionMatch is forbidden when continue is provided");
  if (match != "Exact" && match != "NotOlderThan") {
    errors.push_back(not_supported("resourceVersionMatch", match, {"Exact", "NotOlderThan", ""}));
  }
  if (match == "Exact" && version == "0") {
    forbid("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
  }
  return errors;
}

void shuffle(std::vector<ObjectPtr>& objects) {
  std::ranges::sort(objects, {}, [](const ObjectPtr& object) { return std::hash<std::string>()(object->key()); });
}

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
  auto source = source_of(cluster, request, *limit_given > 0);
  if (!source) return source.error();

  // At version 0 the answer comes from the API server's watch cache, which knows no pages.
  const bool paged =
      *limit_given > 0 && (request.query("resourceVersion") != "0" || !request.query("continue").empty());
  const auto limit = paged ? static_cast<std::size_t>(*limit_given) : source->objects.size();
  Page page{.objects = {}, .version = source->version, .continue_token = {}};
  const auto first = source->after.empty() ? source->objects.begin()
                                           : std::ranges::upper_bound(source->objects, source->after, {}, &Object::key);
  for (auto i = static_cast<std::size_t>(first - source->objects.begin()); i < source->objects.size(); ++i) {
    auto& object = source->objects[i];
    if (!selectors->matches(*object)) continue;
    if (page.objects.size() == limit) {
      page.continue_token = encode({source->version, page.objects.back()->key()});
      if (selectors->empty()) page.remaining = source->objects.size() - i;
      break;
    }
    page.objects.push_back(std::move(object));
  }
  return page;
}

std::string render(const ResourceType& type, const Object& object) {
  const auto text = type.stored_as.empty() ? object.text() : json::serialize(to_new_event(object.value()));
  std::string result = "{\"kind\":\"" + std::string(type.kind) + "\",\"apiVersion\":\"" + type.api_version() + "\"";
  if (text.size() > 2) result.append(",");
  return result.append(text, 1);
}

std::string PageText::next() {
  std::string piece;
  if (!std::exchange(begun_, true)) {
    json::object metadata = {{"resourceVersion", std::to_string(page_.version)}};
    if (!page_.continue_token.empty()) metadata["continue"] = page_.continue_token;
    if (page_.remaining) metadata["remainingItemCount"] = *page_.remaining;
    piece = "{\"kind\":\"" + std::string(type_.kind) + "List\",\"apiVersion\":\"" + type_.api_version() +
            "\",\"metadata\":" + json::serialize(metadata) + ",\"items\":[";
  }
  for (; sent_ < page_.objects.size() && piece.size() < kPiece; ++sent_) {
    if (sent_ > 0) piece.append(",");
    const auto object = std::move(page_.objects[sent_]);
    piece.append(type_.stored_as.empty() ? object->text() : json::serialize(to_new_event(object->value())));
  }
  if (sent_ == page_.objects.size() && !std::exchange(done_, true)) piece.append("]}\n");
  return piece;
}

}  // namespace quartermaster::apisim
