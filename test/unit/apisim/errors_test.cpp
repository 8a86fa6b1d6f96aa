// The API server's errors: status, reason and words, as a real one of version 1.20 gives them.
#include "test/unit/apisim/fixture.hpp"

namespace quartermaster::apisim {
namespace {

struct Case {
  const char* what;
  const char* method;
  const char* target;
  const char* body;
  unsigned status;
  const char* reason;  // "" is none
  const char* message;
};

constexpr const char* kSecrets = "/api/v1/namespaces/demo/secrets";

TEST_CASE("refused requests get a Status in the API server's words") {
  DemoNamespace sim;
  sim.server.create(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "demo", "name": "taken"}})");
  const auto c =
      GENERATE(Case{"missing object", "GET", "/api/v1/namespaces/demo/secrets/nope", "", 404, "NotFound",
                    "secrets \"nope\" not found"},
               Case{"missing namespace", "POST", "/api/v1/namespaces/nope/secrets", R"({"metadata": {"name": "a"}})",
                    404, "NotFound", "namespaces \"nope\" not found"},
               Case{"name taken", "POST", kSecrets, R"({"metadata": {"name": "taken"}})", 409, "AlreadyExists",
                    "secrets \"taken\" already exists"},
               Case{"no name", "POST", kSecrets, R"({"metadata": {}})", 422, "Invalid",
                    "Secret \"\" is invalid: metadata.name: Required value: name or generateName is required"},
               Case{"bad key", "POST", kSecrets, R"({"metadata": {"name": "a"}, "data": {"..": ""}})", 422, "Invalid",
                    "Secret \"a\" is invalid: data[..]: Invalid value: \"..\": must not be '..'"},
               Case{"bad base64, quoted with its surroundings", "POST", kSecrets,
                    R"({"metadata": {"name": "a"}, "data": {"k": "!"}})", 400, "BadRequest",
                    "Secret in version \"v1\" cannot be handled as a Secret: v1.Secret.Data: decode base64: illegal "
                    "base64 data at input "
                    "byte 0, error found in #10 byte of ...| {\"k\": \"!\"}}|..., bigger context ...|{\"metadata\": "
                    "{\"name\": \"a\"}, "
                    "\"data\": {\"k\": \"!\"}}|..."},
               Case{"other type", "PUT", "/api/v1/namespaces/demo/secrets/taken",
                    R"({"metadata": {"name": "taken"}, "type": "x"})", 422, "Invalid",
                    "Secret \"taken\" is invalid: type: Invalid value: \"x\": field is immutable"},
               Case{"stale", "PUT", "/api/v1/namespaces/demo/secrets/taken",
                    R"({"metadata": {"name": "taken", "resourceVersion": "1"}})", 409, "Conflict",
                    "Operation cannot be fulfilled on secrets \"taken\": the object has been modified; please apply "
                    "your changes to the latest "
                    "version and try again"},
               Case{"other name", "PUT", "/api/v1/namespaces/demo/secrets/taken", R"({"metadata": {"name": "b"}})", 400,
                    "BadRequest", "the name of the object (b) does not match the name on the URL (taken)"},
               Case{"not JSON", "POST", kSecrets, "{", 400, "BadRequest",
                    "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json "
                    "parse error: unexpected end "
                    "of JSON input ({)"},
               Case{"another kind", "POST", kSecrets, R"({"apiVersion": "v1", "kind": "Foo"})", 400, "BadRequest",
                    "Foo in version \"v1\" cannot be handled as a Secret: no kind \"Foo\" is registered for version "
                    "\"v1\" in scheme "
                    "\"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\""},
               Case{"bad dryRun", "POST", "/api/v1/namespaces/demo/secrets?dryRun=yes",
                    R"({"metadata": {"name": "a"}})", 422, "Invalid",
                    "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: []string{\"yes\"}: "
                    "supported values: \"All\""},
               Case{"wrong method", "PUT", kSecrets, "{}", 405, "MethodNotAllowed",
                    "the server does not allow this method on the requested resource"},
               Case{"no such resource", "GET", "/api/v1/nopes", "", 404, "NotFound",
                    "the server could not find the requested resource"},
               Case{"bad field selector", "GET", "/api/v1/namespaces/demo/secrets?fieldSelector=foo%3Dbar", "", 400,
                    "BadRequest", "field label not supported: foo"},
               Case{"bad limit", "GET", "/api/v1/namespaces/demo/secrets?limit=x", "", 400, "BadRequest",
                    "strconv.ParseInt: parsing \"x\": invalid syntax"},
               Case{"bad version", "GET", "/api/v1/namespaces/demo/secrets?resourceVersion=x", "", 500, "",
                    "resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid syntax"},
               Case{"protected namespace", "DELETE", "/api/v1/namespaces/default", "", 403, "Forbidden",
                    "namespaces \"default\" is forbidden: this namespace may not be deleted"});
  INFO(c.what);
  const auto answer = sim.call(c.method, c.target, c.body);
  CHECK(answer.status == c.status);
  const auto status = answer.json();
  CHECK(message_of(answer) == c.message);
  CHECK((test::find(status, "/reason") == nullptr ? "" : test::text_at(status, "/reason")) == c.reason);
  CHECK(test::at(status, "/code") == json::value(c.status));
}

TEST_CASE("each invalid field is a cause") {
  DemoNamespace sim;
  const auto answer = sim.call("POST", "/api/v1/namespaces/demo/persistentvolumeclaims",
                               R"({"metadata": {"name": "c", "labels": {"a b": "c"}}, "spec": {"volumeMode": "X"}})");
  CHECK(answer.status == 422);
  const auto status = answer.json();
  CHECK(test::text_at(status, "/details/causes/0/field") == "metadata.labels");
  CHECK(test::text_at(status, "/details/causes/1/field") == "spec.accessModes");
  CHECK(test::text_at(status, "/details/causes/1/reason") == "FieldValueRequired");
  CHECK(test::text_at(status, "/details/causes/2/field") == "spec.resources[storage]");
  CHECK(test::text_at(status, "/details/causes/3/message") ==
        "Unsupported value: \"X\": supported values: \"Block\", \"Filesystem\"");
}

TEST_CASE("a body of the wrong type or size is refused") {
  DemoNamespace sim;
  CHECK(sim.call("POST", kSecrets, "x", "text/plain").status == 415);
  CHECK(sim.call("PATCH", std::string(kSecrets) + "/a", "{}", "application/json").status == 404);
  const auto large = sim.call("POST", kSecrets, std::string((3U << 20) + 1, 'x'));
  CHECK(large.status == 413);
  CHECK(message_of(large) == "Request entity too large: limit is 3145728");
}

}  // namespace
}  // namespace quartermaster::apisim
