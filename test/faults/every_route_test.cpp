// Every route, with each of the faults that any of them can meet.
#include "test/contract/routes.hpp"
#include "test/faults/setting.hpp"

namespace quartermaster::test {

namespace {

std::string send(Setting& setting, const Route& route, const std::string& parameter = {}) {
  const std::string target = route.at("demo", "name");
  HttpRequest request{route.method, parameter.empty() ? target : with_query(target, parameter), {}, route.body};
  if (!route.body.empty()) request.headers.emplace_back("Content-Type", body_type(route.method));
  return outcome(setting.service().call(request));
}

}  // namespace

TEST_CASE("without the API server every route is 503, at once") {
  Setting setting;
  setting.network().mode(FaultProxy::Mode::refuse);
  for (const Route& route : routes()) {
    INFO(route.method + " " + route.path);
    CHECK(send(setting, route) == "503 ServiceUnavailable");
  }
}

TEST_CASE("with an API server that does not answer every route is 504 at the deadline") {
  Setting setting;
  CHECK(setting.read() == "200");
  apisim::Fault hang;
  hang.target = "/apis?/";  // but /version: the API server is not away
  hang.action = apisim::Fault::Action::hang;
  hang.count = apisim::Fault::kAlways;
  setting.server().inject(hang);
  for (const Route& route : routes()) {
    INFO(route.method + " " + route.path);
    CHECK(send(setting, route, "timeout=200ms") == "504 Timeout");
  }
}

TEST_CASE("with an API server that is broken every route is 502") {
  Setting setting;
  apisim::Fault broken;
  broken.action = apisim::Fault::Action::answer;
  broken.status = 500;
  broken.reason = "InternalError";
  broken.message = "broken";
  broken.count = apisim::Fault::kAlways;
  setting.server().inject(broken);
  for (const Route& route : routes()) {
    INFO(route.method + " " + route.path);
    CHECK(send(setting, route) == "502 BadGateway");
  }
}

TEST_CASE("a list that is continued after its version has been compacted is 410 Expired") {
  Setting setting;
  setting.make_namespace();
  for (const std::string name : {"a", "b", "c"}) {
    setting.make_claim(name);
    setting.make_running_pod(name);
    setting.server().create(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "demo", "name": ")" +
                            name + "\"}}");
    setting.server().create(R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ")" + name + "\"}}");
    setting.server().create(R"({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "p",
        "metadata": {"name": ")" +
                            name + "\"}}");
  }
  for (const std::string list :
       {"/api/v1/pod/demo", "/api/v1/pvc/demo", "/api/v1/secret/demo", "/api/v1/storageclass", "/api/v1/tenant"}) {
    INFO(list);
    const json::value first = setting.service().get(list + "?limit=1").json();
    const std::string next = text_at(first, "/continue");
    setting.make_claim(unique_name());  // so that there is something newer
    setting.server().compact();
    CHECK(outcome(setting.service().get(list + "?limit=1&continue=" + next)) == "410 Expired");
  }
}

}  // namespace quartermaster::test
