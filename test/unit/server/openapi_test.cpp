// The API description and the program must agree in all that the program knows about itself: routes, parameters,
// statuses and the fields of bodies, the other way round, too.
#include "server/api/openapi.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "server/api/route.hpp"
#include "test/support/json_schema.hpp"
#include "test/unit/server/api_fixture.hpp"

namespace quartermaster::test {
namespace {

using api::ParameterType;
using api::Route;
using Names = std::set<std::string>;

const SchemaChecker& description() {
  static const SchemaChecker checker(parse_json(api::openapi_document()));
  return checker;
}

const json::value& document() { return description().document(); }

/// What `pointer` leads to, behind any $ref.
const json::value& resolved(const std::string& pointer) { return at(document(), description().resolve(pointer)); }

std::string name_of(const Route& route) {
  const auto method = boost::beast::http::to_string(route.method);
  return std::string(method.data(), method.size()) + " " + std::string(route.pattern);
}

/// The pointer to a route's operation.
std::string operation_of(const Route& route) {
  const auto method = boost::beast::http::to_string(route.method);
  std::string lower(method.data(), method.size());
  for (char& c : lower) c = static_cast<char>(c - 'A' + 'a');
  return "/paths/" + escape_pointer(route.pattern) + "/" + lower;
}

/// The parameters of an operation, resolved, that are `in` "path" or "query", by name.
std::map<std::string, json::value> parameters_of(const Route& route, std::string_view in) {
  std::map<std::string, json::value> found;
  const auto list = operation_of(route) + "/parameters";
  if (find(document(), list) == nullptr) return found;
  for (std::size_t i = 0; i < at(document(), list).as_array().size(); ++i) {
    const auto& parameter = resolved(list + "/" + std::to_string(i));
    if (text_at(parameter, "/in") != in) continue;
    CHECK(found.emplace(text_at(parameter, "/name"), parameter).second);
  }
  return found;
}

Names keys(const json::value& object) {
  Names names;
  for (const auto& entry : object.as_object()) names.insert(std::string(entry.key()));
  return names;
}

template <class Map>
Names keys_of(const Map& map) {
  Names names;
  for (const auto& [name, value] : map) names.insert(name);
  return names;
}

TEST_CASE("Every route is described, and no other") {
  Names routed, described;
  for (const auto& route : api::routes()) CHECK(routed.insert(name_of(route)).second);
  for (const auto& path : at(document(), "/paths").as_object()) {
    for (const auto& entry : path.value().as_object()) {
      std::string method(entry.key());
      for (char& c : method) c = static_cast<char>(c - 'a' + 'A');
      described.insert(method + " " + std::string(path.key()));
    }
  }
  CHECK(routed == described);
}

TEST_CASE("Path parameters are described") {
  for (const auto& route : api::routes()) {
    CAPTURE(name_of(route));
    Names in_pattern;
    for (auto rest = route.pattern; rest.find('{') != std::string_view::npos;) {
      rest.remove_prefix(rest.find('{') + 1);
      in_pattern.emplace(rest.substr(0, rest.find('}')));
    }
    const auto described = parameters_of(route, "path");
    CHECK(keys_of(described) == in_pattern);
    for (const auto& [name, parameter] : described) {
      CHECK(at(parameter, "/required") == true);
      CHECK(text_at(parameter, "/schema/type") == "string");
    }
  }
}

json::value schema_of(ParameterType type) {
  switch (type) {
    case ParameterType::boolean:
    case ParameterType::flag:
      return {{"type", "boolean"}};
    case ParameterType::count:
      return {{"type", "integer"}, {"minimum", 0}};
    case ParameterType::positive:
      return {{"type", "integer"}, {"minimum", 1}};
    default:
      return {{"type", "string"}};
  }
}

TEST_CASE("Query parameters are described, with their types") {
  for (const auto& route : api::routes()) {
    CAPTURE(name_of(route));
    Names declared;
    const auto described = parameters_of(route, "query");
    for (const auto& [name, type] : route.query) {
      CAPTURE(name);
      CHECK(declared.insert(std::string(name)).second);
      const auto found = described.find(std::string(name));
      if (found == described.end()) continue;  // the comparison below says so
      const auto& parameter = found->second;
      CHECK_FALSE(text_at(parameter, "/description").empty());
      auto schema = at(parameter, "/schema").as_object();
      schema.erase("description");
      CHECK(print(schema) == print(schema_of(type)));
      CHECK((find(parameter, "/allowEmptyValue") != nullptr) == (type == ParameterType::flag));
    }
    CHECK(keys_of(described) == declared);
  }
}

TEST_CASE("A parameter is required where the program requires it") {
  ApiFixture fixture;
  for (const auto& route : api::routes()) {
    if (route.method == http::Verb::get) continue;  // reads take every parameter as it comes
    CAPTURE(name_of(route));
    std::string target;
    for (std::size_t i = 0, depth = 0; i < route.pattern.size(); ++i) {
      if (route.pattern[i] == '{') ++depth, target += 'a';
      if (depth == 0) target += route.pattern[i];
      if (route.pattern[i] == '}') --depth;
    }
    const auto method = boost::beast::http::to_string(route.method);
    for (const auto& [name, parameter] : parameters_of(route, "query")) {
      const auto* required = find(parameter, "/required");
      const auto answer = fixture.ask(std::string(method.data(), method.size()), target);
      const bool missed =
          answer.status == 400 && text_at(answer.json(), "/errMessage").starts_with("parameter " + name);
      CAPTURE(name, answer.body);
      CHECK(missed == (required != nullptr && *required == true));
    }
  }
}

TEST_CASE("Statuses are described") {
  for (const auto& route : api::routes()) {
    CAPTURE(name_of(route));
    Names declared;
    for (const auto status : route.statuses) CHECK(declared.insert(std::to_string(status)).second);
    CHECK(keys(at(document(), operation_of(route) + "/responses")) == declared);
  }
}

std::string_view words_of(api::Moment moment) {
  switch (moment) {
    case api::Moment::head:
      return "";
    case api::Moment::prune:
      return "if prune=true";
    case api::Moment::restart:
      return "if restartConsumers=true";
    case api::Moment::mode_delete:
      return "if mode=delete";
    case api::Moment::mode_evict:
      return "if mode=evict";
    case api::Moment::mode_rollout:
      return "if mode=rollout";
    case api::Moment::wait:
      return "if wait is given";
    case api::Moment::follow:
      return "if follow=true";
    case api::Moment::workload:
      return "on the workload that mode=rollout restarts";
    case api::Moment::stream:
      return "if text/event-stream is accepted";
    case api::Moment::part:
      return "else the answer says that this part is missing";
    case api::Moment::consumer:
      return "on each workload that restartConsumers=true restarts; else the answer says that it was not";
    case api::Moment::default_class:
      return "if a claim names no class and a quota counts by class; else the answer says that it was not looked up";
    case api::Moment::name:
      return "on the secret that is named";
    case api::Moment::kept_data:
      return "on the secret that is named, if the body has no data";
    case api::Moment::each_selected:
      return "on each claim that is selected; on all, if none is";
    case api::Moment::new_quota:
      return "if a quota has to be created";
    case api::Moment::contents:
      return "if the body asks for what needs it";
    case api::Moment::told:
      return "else a refusal does not name the claims";
    case api::Moment::volume:
      return "on each claim's volume, with dryRun or plan; else its reclaim policy is unknown";
    case api::Moment::node_stats:
      return "on the node of a pod that uses it, for how full it is";
    case api::Moment::node_proxy:
      break;
  }
  return "the same, instead of nodes/stats";
}

json::object described(const api::Requirement& requirement) {
  const auto& kind = model::info(requirement.kind);
  std::string resource(kind.resource);
  if (!requirement.subresource.empty()) resource.append("/").append(requirement.subresource);
  json::object all = {
      {"verb", std::string(requirement.verb)}, {"group", std::string(kind.group)}, {"resource", resource}};
  const auto add = [&all](const char* field, std::string value) {
    if (value != "{}" && !value.empty()) all[field] = value;
  };
  add("namespace", "{" + std::string(requirement.ns) + "}");
  add("name", "{" + std::string(requirement.name) + "}");
  using enum api::Moment;
  if (requirement.moment == told || requirement.moment == volume || requirement.moment == node_stats ||
      requirement.moment == node_proxy)
    all["optional"] = true;
  add("when", std::string(words_of(requirement.moment)));
  return all;
}

TEST_CASE("What a caller must be allowed is described") {
  for (const auto& route : api::routes()) {
    CAPTURE(name_of(route));
    const auto& operation = at(document(), operation_of(route));
    const bool open = route.access.who() == api::Access::Who::anyone;
    CHECK(print(at(operation, "/security")) == (open ? "[]" : R"([{"bearer":[]}])"));
    json::array expected;
    if (route.access.who() == api::Access::Who::path)
      expected.push_back({{"verb", "get"}, {"path", std::string(route.pattern)}});
    for (const auto& requirement : route.access.requirements()) expected.push_back(described(requirement));
    CHECK(print(at(operation, "/x-required-access")) == print(expected));
    const auto answers = [&route](unsigned status) {
      return std::ranges::find(route.statuses, status) != route.statuses.end();
    };
    for (const unsigned status : {401U, 403U, 429U, 503U}) CHECK((answers(status) || open));
    CHECK((answers(429) || route.always_answered));
    CHECK_FALSE((route.always_answered && route.pattern.starts_with("/api/")));
  }
  CHECK(text_at(document(), "/components/securitySchemes/bearer/scheme") == "bearer");
}

TEST_CASE("Every error is described as one") {
  for (const auto& route : api::routes()) {
    for (const auto status : route.statuses) {
      CAPTURE(name_of(route), status);
      const auto response = operation_of(route) + "/responses/" + std::to_string(status);
      const auto& described = resolved(response);
      CHECK_FALSE(text_at(described, "/description").empty());
      if (status == 304) CHECK(find(described, "/content") == nullptr);
      if (status < 400) continue;
      const auto& schema = at(described, "/content/application~1json/schema");
      std::string expected = "Error";
      if (status == 503 && route.pattern.starts_with("/read")) expected = "NotReady";  // has the checks, too
      if (status == 409 && route.pattern.starts_with("/api/v1/pvc/")) expected = "ClaimConflict";  // the plan
      CHECK(text_at(schema, "/$ref") == "#/components/schemas/" + expected);
    }
  }
}

// Bodies: the program tells by its messages what it knows.

/// A route that takes a body, and how to send it one.
struct Taker {
  const Route* route;
  std::string schema;  // pointer
  bool body_required;
};

std::vector<Taker> takers() {
  std::vector<Taker> all;
  for (const auto& route : api::routes()) {
    CAPTURE(name_of(route));
    const auto body = operation_of(route) + "/requestBody";
    const auto* described = find(document(), body);
    CHECK((described != nullptr) == route.takes_body);
    if (described == nullptr) continue;
    CHECK(keys(at(*described, "/content")) == Names{std::string(route.body_type())});
    all.push_back({&route, body + "/content/" + escape_pointer(route.body_type()) + "/schema",
                   at(*described, "/required") == true});
  }
  return all;
}

/// Sends bodies to a route; with a query that gives what is needed besides.
class Sender {
 public:
  explicit Sender(const Route& route) {
    const auto text = boost::beast::http::to_string(route.method);
    method_.assign(text.data(), text.size());
    type_ = route.body_type();
    bool inside = false;
    for (const char c : route.pattern) {
      if (c == '{') target_ += "demo";
      inside = c == '{' || (inside && c != '}');
      if (!inside && c != '}') target_ += c;
    }
  }

  unsigned status(const std::string& body) { return send(body).status; }
  /// The message of a 400, else "".
  std::string refusal(const std::string& body) {
    const auto answer = send(body);
    return answer.status == 400 ? text_at(answer.json(), "/errMessage") : "";
  }

 private:
  ApiFixture::Answer send(const std::string& body) {
    HttpRequest request{method_, target_, {}, body};
    if (!body.empty()) request.headers.emplace_back("Content-Type", type_);
    return fixture_.ask(request);
  }

  ApiFixture fixture_;
  std::string method_, target_, type_;
};

/// A place in a body: what is written before and after a value that stands there, and how messages name it.
struct Place {
  std::string before, after, path;

  std::string with(const std::string& value) const { return before + value + after; }
  /// `others`: what must stand beside it.
  Place member(const std::string& name, const std::string& others) const {
    return {before + "{" + others + json::serialize(json::value(name)) + ":", "}" + after,
            path.empty() ? name : path + "." + name};
  }
  Place first_item() const { return {before + "[", "]" + after, path + "[0]"}; }
};

void check_value(Sender& sender, const std::string& schema, const Place& place);

/// An object with named properties: the fields that the program knows are those that are described.
void check_object(Sender& sender, const std::string& schema, const Place& place) {
  const auto& described = at(document(), schema);
  const auto properties = find(described, "/properties") == nullptr ? Names{} : keys(at(described, "/properties"));
  const auto message = sender.refusal(place.with(R"({"zzz":1})"));
  const auto prefix = (place.path.empty() ? "" : place.path + ".") + "zzz: unknown field; known: ";
  CAPTURE(message);
  REQUIRE(message.starts_with(prefix));
  Names known;
  for (auto rest = message.substr(prefix.size()) + ", "; !rest.empty(); rest.erase(0, rest.find(", ") + 2)) {
    known.insert(rest.substr(0, rest.find(", ")));
  }
  CHECK(known == properties);
  CHECK(at(described, "/additionalProperties") == false);
  const auto* required = find(described, "/required");
  const auto must_have = required == nullptr ? std::string() : std::string(required->as_array().at(0).as_string());
  for (const auto& name : properties) {
    const auto others = must_have.empty() || must_have == name ? "" : "\"" + must_have + "\":\"a\",";
    check_value(sender, schema + "/properties/" + escape_pointer(name), place.member(name, others));
  }

  // An empty object lacks just what is required.
  const auto without = sender.refusal(place.with("{}"));
  const auto must = (place.path.empty() ? "" : place.path + ".");
  CAPTURE(without);
  CHECK((without.find(": must be given") != std::string::npos && without.find("as parameter") == std::string::npos) ==
        (required != nullptr));
  if (required == nullptr) return;
  REQUIRE(required->as_array().size() == 1);
  CHECK(without == must + must_have + ": must be given");
}

/// A value is of the type that is described: another one is refused.
void check_value(Sender& sender, const std::string& pointer, const Place& place) {
  const auto schema = description().resolve(pointer);
  const auto& described = at(document(), schema);
  const auto type = text_at(described, "/type");
  CAPTURE(place.path, type);
  const std::string article = type == "object" || type == "array" || type == "integer" ? "an " : "a ";
  const std::string wrong = type == "boolean" ? "\"true\"" : "false";
  const auto message = sender.refusal(place.with(wrong));
  CHECK_THAT(message,
             Catch::StartsWith((place.path.empty() ? "body" : place.path) + ": must be " + article + type + ", not "));

  if (type == "array") check_value(sender, schema + "/items", place.first_item());
  if (type != "object") return;
  const auto& others = at(described, "/additionalProperties");
  if (others == false) return check_object(sender, schema, place);
  // A map of strings, in which null may stand for what is to be removed.
  CHECK(find(described, "/properties") == nullptr);
  const bool nullable = print(at(others, "/type")) == R"(["string","null"])";
  if (!nullable) CHECK(text_at(others, "/type") == "string");
  CHECK_THAT(sender.refusal(place.with(R"({"k": 1})")), Catch::StartsWith(place.path + ".k: must be a string"));
  const auto null = sender.refusal(place.with(R"({"k": null})"));
  CHECK((null.find(place.path + ".k: must be a string") == 0) == !nullable);
}

TEST_CASE("Bodies are described, field by field") {
  for (const auto& taker : takers()) {
    INFO(name_of(*taker.route));
    Sender sender(*taker.route);
    check_value(sender, taker.schema, {});
    const auto without = sender.refusal("");
    CAPTURE(without);
    const bool needed = without.starts_with("this needs a body") || sender.status("") == 411;
    CHECK(needed == taker.body_required);
  }
}

// The document as such

void collect(const json::value& value, const std::string& pointer, Names& references, Names& open_objects) {
  if (value.is_array()) {
    std::size_t i = 0;
    for (const auto& item : value.as_array())
      collect(item, pointer + "/" + std::to_string(i++), references, open_objects);
  }
  if (!value.is_object()) return;
  const auto& object = value.as_object();
  if (const auto* reference = object.if_contains("$ref")) references.insert(std::string(reference->as_string()));
  const auto* type = object.if_contains("type");
  if (type != nullptr && *type == "object" && object.if_contains("additionalProperties") == nullptr) {
    open_objects.insert(pointer);
  }
  for (const auto& entry : object) {
    collect(entry.value(), pointer + "/" + escape_pointer(std::string(entry.key())), references, open_objects);
  }
}

TEST_CASE("References lead somewhere, and every component is used") {
  Names references, open_objects, components;
  collect(document(), "", references, open_objects);
  for (const auto& kind : at(document(), "/components").as_object()) {
    if (kind.key() == "securitySchemes") continue;  // operations name them
    for (const auto& component : kind.value().as_object()) {
      components.insert("#/components/" + std::string(kind.key()) + "/" + std::string(component.key()));
    }
  }
  CHECK(references == components);
  CHECK(open_objects == Names{});  // every object says what else it may hold
}

TEST_CASE("Operations have names of their own, a summary and a tag that is listed") {
  Names ids, tags;
  for (const auto& tag : at(document(), "/tags").as_array()) tags.insert(text_at(tag, "/name"));
  Names used;
  for (const auto& route : api::routes()) {
    const auto& operation = at(document(), operation_of(route));
    CHECK(ids.insert(text_at(operation, "/operationId")).second);
    CHECK_FALSE(text_at(operation, "/summary").empty());
    for (const auto& tag : at(operation, "/tags").as_array()) used.insert(std::string(tag.as_string()));
  }
  CHECK(used == tags);
  CHECK(text_at(document(), "/openapi") == "3.1.0");
}

TEST_CASE("What the service answers by itself is as described") {
  ApiFixture fixture;
  const auto [target, schema] = GENERATE(table<std::string, std::string>({
      {"/livez", "Liveness"},
      {"/readyz", "Readiness"},
      {"/readyz?verbose", "Readiness"},
      {"/stats", "Stats"},
      {"/version", "Version"},
      {"/nothing", "Error"},
  }));
  fixture.ask("GET", "/nothing");
  SchemaChecker checker(document());
  CHECK(checker.check("/components/schemas/" + schema, fixture.ask("GET", target).json()).empty());
  fixture.draining = true;
  CHECK(checker.check("/components/schemas/NotReady", fixture.ask("GET", "/readyz?verbose").json()).empty());
}

}  // namespace
}  // namespace quartermaster::test
