// Credentials for registries: what the kubelet could not use, and that none of it is told.
#include "server/api/docker_config.hpp"

#include <catch2/catch.hpp>

namespace quartermaster::api {
namespace {

TEST_CASE("Docker's config holds credentials by registry, under auths") {
  const auto [text, problem] = GENERATE(table<std::string, std::string>({
      {R"({"auths": {}})", ""},
      {R"({"auths": {"r": {}}, "HttpHeaders": {"a": "b"}, "credsStore": "x"})", ""},
      {R"({"auths": {"r": {"auth": "dTpw"}}})", ""},      // u:p
      {R"({"auths": {"r": {"auth": "dTpwdw=="}}})", ""},  // u:pw
      {R"({"auths": {"r": {"auth": "dTpwdw"}}})", ""},    // not padded
      {R"({"auths": {"r": {"auth": "", "identitytoken": "t", "email": null}}})", ""},
      {R"({"auths": {"r": {"username": "u", "password": "p", "other": 1}}})", ""},
      {R"({"auths": {"r": {"auth": "dXA="}}})",
       "entry 1 of auths has a field auth that is not base64 of user:password"},
      {R"({"auths": {"r": {"auth": "s3cr3t!"}}})",
       "entry 1 of auths has a field auth that is not base64 of user:password"},
      {R"({"auths": {"a": {}, "r": {"password": 5}}})", "entry 2 of auths has a field password that is no string"},
      {R"({"auths": {"r": "s3cr3t"}})", "entry 1 of auths must be an object"},
      {R"({"auths": ["s3cr3t"]})", "must be a JSON object with an object auths"},
      {R"({"s3cr3t": {"auth": "dTpw"}})", "must be a JSON object with an object auths"},
      {R"("s3cr3t")", "must be a JSON object"},
      {"", "is not JSON: byte 0: "},
      {"s3cr3t", "is not JSON: byte 0: "},
      {R"({"s3cr3t": "\ud800"})", "is not JSON: byte "},
  }));
  CAPTURE(text);
  const auto what = docker_config_problem(text, DockerConfigForm::config_json);
  CHECK_THAT(what, Catch::StartsWith(problem));
  CHECK(what.empty() == problem.empty());
  CHECK_THAT(what, !Catch::Contains("s3cr3t"));
}

TEST_CASE("The older form has the registries at its top") {
  const auto form = DockerConfigForm::cfg;
  CHECK(docker_config_problem("{}", form).empty());
  CHECK(docker_config_problem(R"({"r": {"auth": "dTpw"}})", form).empty());
  CHECK(docker_config_problem(R"({"r": {"auth": ["dTpw"]}})", form) == "entry 1 has a field auth that is no string");
  CHECK(docker_config_problem("[]", form) == "must be a JSON object");
}

}  // namespace
}  // namespace quartermaster::api
