// Who refers to a secret.
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

json::value usage(const Namespace& ns, const std::string& secret = "s") {
  const HttpAnswer answer = service().get("/api/v1/secret/" + ns.name() + "/name/" + secret + "/usage");
  REQUIRE(answer.status == 200);
  return answer.json();
}

void create_ingress(const Namespace& ns, const std::string& name, const std::string& secret) {
  ns.create("ingresses", {{"metadata", {{"name", name}}},
                          {"spec",
                           {{"defaultBackend", {{"service", {{"name", "web"}, {"port", {{"number", 80}}}}}}},
                            {"tls", {{{"hosts", {"web.example"}}, {"secretName", secret}}}}}}});
}

json::object container(const std::string& name, const json::object& extra) {
  return merged({{"name", name}, {"image", "registry.example/i:1"}}, extra);
}

}  // namespace

TEST_CASE("a secret that nobody refers to has no users") {
  const Namespace ns(cluster());
  ns.create("secrets", {{"metadata", {{"name", "s"}}}, {"data", {{"k", "YzRuNHJ5LXZhbHVl"}}}});
  ns.create("pods", pod("bystander"));
  CHECK(usage(ns) == json::value{{"name", "s"},
                                 {"namespace", ns.name()},
                                 {"exists", true},
                                 {"pods", json::array{}},
                                 {"serviceAccounts", json::array{}},
                                 {"ingresses", json::array{}},
                                 {"unread", json::array{}}});
}

TEST_CASE("pods that refer to a secret are told with each place") {
  const Namespace ns(cluster());
  ns.create("secrets", {{"metadata", {{"name", "s"}}}});
  const json::object key = {{"secretKeyRef", {{"name", "s"}, {"key", "k"}}}};
  const json::object spec = {
      {"initContainers", {container("init", {{"envFrom", {{{"secretRef", {{"name", "s"}}}}}}})}},
      {"containers", {container("main", {{"env", {{{"name", "PASSWORD"}, {"valueFrom", key}}}}})}},
      {"imagePullSecrets", {{{"name", "other"}}, {{"name", "s"}}}},
      {"volumes",
       {{{"name", "plain"}, {"secret", {{"secretName", "s"}}}},
        {{"name", "mixed"}, {"projected", {{"sources", {{{"secret", {{"name", "s"}}}}}}}}},
        {{"name", "csi"}, {"csi", {{"driver", "d.example"}, {"nodePublishSecretRef", {{"name", "s"}}}}}},
        {{"name", "others"}, {"secret", {{"secretName", "other"}}}}}}};
  create_running_pod(cluster(), ns, "a", {"main"}, {{"spec", spec}});
  ns.create("pods", pod("b", {"main"}, {{"spec", {{"imagePullSecrets", {{{"name", "s"}}}}}}}));
  const json::value found = usage(ns);
  REQUIRE(at(found, "/pods").as_array().size() == 2);
  CHECK(text_at(found, "/pods/0/name") == "a");
  CHECK(text_at(found, "/pods/0/state/status") == "Ready");
  CHECK(at(found, "/pods/0/controller") == json::value{{"kind", ""}, {"name", ""}});
  CHECK(at(found, "/pods/0/references") == json::value{"spec.volumes[plain].secret", "spec.volumes[mixed].projected",
                                                       "spec.volumes[csi].csi.nodePublishSecretRef",
                                                       "spec.initContainers[init].envFrom",
                                                       "spec.containers[main].env[PASSWORD]", "spec.imagePullSecrets"});
  CHECK(at(found, "/pods/1/references") == json::value{"spec.imagePullSecrets"});
}

TEST_CASE("service accounts and ingresses that refer to a secret are told, too") {
  const Namespace ns(cluster());
  ns.create("secrets", {{"metadata", {{"name", "s"}}}});
  ns.create("serviceaccounts",
            {{"metadata", {{"name", "bot"}}}, {"secrets", {{{"name", "s"}}}}, {"imagePullSecrets", {{{"name", "s"}}}}});
  ns.create("serviceaccounts", {{"metadata", {{"name", "other"}}}, {"imagePullSecrets", {{{"name", "x"}}}}});
  create_ingress(ns, "web", "s");
  create_ingress(ns, "other", "x");
  const json::value found = usage(ns);
  CHECK(at(found, "/serviceAccounts") ==
        json::value{{{"name", "bot"}, {"references", {"secrets", "imagePullSecrets"}}}});
  CHECK(at(found, "/ingresses") == json::value{{{"name", "web"}, {"references", {"spec.tls[0]"}}}});
}

TEST_CASE("who waits for a secret that is not there is told; without anybody it is 404") {
  const Namespace ns(cluster());
  create_ingress(ns, "web", "s");
  CHECK(at(usage(ns), "/exists") == json::value(false));
  CHECK(at(usage(ns), "/ingresses/0/name") == json::value("web"));
  const HttpAnswer absent = service().get("/api/v1/secret/" + ns.name() + "/name/absent/usage");
  CHECK(outcome(absent) == "404 NotFound");
  CHECK(text_at(absent.json(), "/errMessage") == "secret " + ns.name() + "/absent is not found");
}

}  // namespace quartermaster::test
