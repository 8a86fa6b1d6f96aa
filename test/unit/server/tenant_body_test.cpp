// The bodies of tenants: what is 400, what is 422, and what they mean.
#include "server/api/tenant_body.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "test/support/result.hpp"

namespace quartermaster::api {
namespace {

enum class Use { create, update, both };

Result<TenantBody> parse(const std::string& text, bool update = false) {
  const auto document = json::parse(text, json::kRequestBody);
  if (!document) return document.error();
  return parse_tenant_body(document->root(), "demo", update);
}

TEST_CASE("A tenant's body is read") {
  const auto body = parse(R"({"tenantLabels": {"a": "b"}, "tenantAnnotations": {"c": "d e"}, "tenantQuotas": [
      {"quotaName": "q", "hard": {"limitCpu": "4", "limitMemory": "8Gi", "requestsCpu": "2", "requestsMemory": "4Gi",
                                  "requestsStorage": "100Gi", "pods": "20"}},
      {"quotaName": "r", "hard": {"limitCpu": "", "pods": "2000m"}, "used": {"pods": "5", "limitCpu": ""}},
      {"quotaName": "s"}]})");
  REQUIRE(body);
  CHECK(body->labels == model::MapPatch{{"a", "b"}});
  CHECK(body->annotations == model::MapPatch{{"c", "d e"}});
  REQUIRE(body->quotas.size() == 3);
  CHECK(body->quotas[0].name == "q");
  CHECK(body->quotas[0].hard == StringMap{{"limits.cpu", "4"},
                                          {"limits.memory", "8Gi"},
                                          {"requests.cpu", "2"},
                                          {"requests.memory", "4Gi"},
                                          {"requests.storage", "100Gi"},
                                          {"pods", "20"}});
  CHECK(body->quotas[1].hard == StringMap{{"pods", "2000m"}});  // an empty string is as good as none
  CHECK(body->quotas[2].hard.empty());
}

TEST_CASE("No body is an empty one") {
  const auto nothing = parse_tenant_body(json::Value(), "demo", false);
  REQUIRE(nothing);
  CHECK(nothing->labels.empty());
  CHECK(nothing->quotas.empty());
  CHECK(parse("{}"));
}

TEST_CASE("null removes a label or an annotation, which only an update can") {
  const std::string field = GENERATE("tenantLabels", "tenantAnnotations");
  const auto text = R"({")" + field + R"(": {"a": null}})";
  const auto body = parse(text, true);
  REQUIRE(body);
  CHECK((field == "tenantLabels" ? body->labels : body->annotations) == model::MapPatch{{"a", std::nullopt}});
  const auto refused = parse(text, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::bad_request);
  CHECK(refused.error().message == field + ".a: must be a string, not null");
}

TEST_CASE("A tenant's body of the wrong form is a bad request") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {R"([])", "body: must be an object, not an array"},
      {R"(null)", "body: must be an object, not null"},
      {R"({"labels": {}})", "labels: unknown field; known: tenantLabels, tenantAnnotations, tenantQuotas"},
      {R"({"tenantLabels": {"a": 1}})", "tenantLabels.a: must be a string or null, not a number"},
      {R"({"tenantQuotas": {}})", "tenantQuotas: must be an array, not an object"},
      {R"({"tenantQuotas": [{}]})", "tenantQuotas[0].quotaName: must be given"},
      {R"({"tenantQuotas": [{"quotaName": "q"}, {"quotaName": ""}]})", "tenantQuotas[1].quotaName: must be given"},
      {R"({"tenantQuotas": [{"quotaName": "Q"}]})", "tenantQuotas[0].quotaName: must consist of lower case letters"},
      {R"({"tenantQuotas": [{"quotaName": "q", "hard": []}]})",
       "tenantQuotas[0].hard: must be an object, not an array"},
      {R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": 5}}]})",
       "tenantQuotas[0].hard.pods: must be a string, not a number"},
      {R"({"tenantQuotas": [{"quotaName": "q", "hard": {"cpu": "5"}}]})",
       "tenantQuotas[0].hard.cpu: unknown field; known: limitCpu, limitMemory, requestsCpu, requestsMemory, "
       "requestsStorage, pods"},
      {R"({"tenantQuotas": [{"quotaName": "q", "used": {"cpu": "5"}}]})",
       "tenantQuotas[0].used.cpu: unknown field; known: limitCpu, limitMemory, requestsCpu, requestsMemory, "
       "requestsStorage, pods"},
      // Form first: 400 even if there is something to be said about a value, too.
      {R"({"tenantLabels": {"-": ""}, "tenantQuotas": [{}]})", "tenantQuotas[0].quotaName: must be given"},
  }));
  CAPTURE(text);
  const auto body = parse(text);
  REQUIRE_FALSE(body);
  CHECK(body.error().code == ErrorCode::bad_request);
  CHECK_THAT(body.error().message, Catch::StartsWith(message));
}

TEST_CASE("A tenant's body that is not acceptable is invalid, with all its causes") {
  const auto quota = [](const std::string& hard) {
    return R"({"tenantQuotas": [{"quotaName": "q", "hard": )" + hard + "}]}";
  };
  const auto [text, fields] = GENERATE_COPY(table<std::string, std::vector<std::string>>({
      {quota(R"({"limitCpu": "1e3", "limitMemory": "1Ki", "pods": "0", "requestsCpu": "100m"})"), {}},
      {quota(R"({"limitCpu": "4 cores"})"), {"tenantQuotas[0].hard.limitCpu"}},
      {quota(R"({"limitMemory": "8GB"})"), {"tenantQuotas[0].hard.limitMemory"}},
      {quota(R"({"requestsStorage": "-1"})"), {"tenantQuotas[0].hard.requestsStorage"}},
      {quota(R"({"pods": "1500m"})"), {"tenantQuotas[0].hard.pods"}},
      {quota(R"({"requestsCpu": "x", "requestsMemory": "1.5.5"})"),
       {"tenantQuotas[0].hard.requestsCpu", "tenantQuotas[0].hard.requestsMemory"}},
      {R"({"tenantQuotas": [{"quotaName": "q"}, {"quotaName": "r"}, {"quotaName": "q"}]})",
       {"tenantQuotas[2].quotaName"}},
      {R"({"tenantLabels": {"a b": "c", "d": "e f"}, "tenantAnnotations": {"g h": ""}})",
       {"tenantLabels[a b]", "tenantLabels.d", "tenantAnnotations[g h]"}},
      {R"({"tenantLabels": {"multi-tenant": "tenant-tiller-demo"}})", {}},  // as in an answer that is sent back
      {R"({"tenantLabels": {"multi-tenant": "other"}})", {"tenantLabels.multi-tenant"}},
  }));
  CAPTURE(text);
  const auto body = parse(text);
  REQUIRE(body.has_value() == fields.empty());
  if (body) return;
  CHECK(body.error().code == ErrorCode::invalid);
  std::vector<std::string> told;
  for (const auto& cause : body.error().causes) {
    told.push_back(cause.field);
    CHECK_THAT(body.error().message, Catch::Contains(cause.field + ": " + cause.message));
  }
  CHECK(told == fields);
}

TEST_CASE("An update cannot take the tenant's label away") {
  const auto body = parse(R"({"tenantLabels": {"multi-tenant": null}})", true);
  REQUIRE_FALSE(body);
  CHECK(body.error().code == ErrorCode::invalid);
}

TEST_CASE("A body full of quotas is read in no time") {
  // Not in a time that grows with the square of their number: that would stop the event loop for minutes.
  std::string text = R"({"tenantQuotas": [)";
  for (int i = 0; i < 80'000; ++i) text += (i == 0 ? "" : ",") + (R"({"quotaName":"q)" + std::to_string(i) + "\"}");
  const auto body = parse(text + "]}");
  REQUIRE_FALSE(body);
  CHECK(body.error().code == ErrorCode::invalid);
  CHECK(body.error().message == "tenantQuotas: must be at most 100");
}

}  // namespace
}  // namespace quartermaster::api
