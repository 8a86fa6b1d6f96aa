// Delegated authorization while the kube-apiserver that decides is dead.
#include <catch2/catch.hpp>
#include <csignal>

#include "test/faults_real/stage.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::test {
namespace {

const std::string kUnavailable = "503 ServiceUnavailable";
constexpr const char* kAudience = "quartermaster";
/// A service that lets in whom the control plane lets in, and callers with tokens of it.
class Guarded {
 public:
  Guarded(const std::string& ns, const std::vector<std::string>& flags)
      : reader{ns, "reader"},
        stranger{ns, "stranger"},
        newcomer{ns, "newcomer"},
        claims("/api/v1/pvc/" + ns),
        secrets("/api/v1/secret/" + ns) {
    auto& cluster = real_cluster();
    cluster.create("/api/v1/namespaces", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", ns}}}});
    for (const Account& account : {reader, stranger, newcomer}) {
      cluster.make_account(account);
      tokens_[account.name] = cluster.token_of(account, kAudience);
    }
    for (const std::string resource : {"persistentvolumeclaims", "secrets"}) {
      for (const Account& account : {reader, newcomer})
        cluster.grant(account, {.ns = ns, .verb = "list", .resource = resource});
    }
    std::vector<std::string> all = {"--auth-mode", "delegated", "--auth-audiences", kAudience};
    all.insert(all.end(), flags.begin(), flags.end());
    service_ = std::make_unique<Service>(cluster.kubeconfig(), all);
    service_->wait_until_ready();
  }

  HttpAnswer call(const Account& account, const std::string& target, const std::string& method = "GET") {
    return service_->call(
        {.method = method, .target = target, .headers = {{"Authorization", "Bearer " + tokens_.at(account.name)}}});
  }
  std::string ask(const Account& account, const std::string& target) { return outcome(call(account, target)); }

  /// The stranger may do nothing; the newcomer may what the reader may, and has asked for nothing yet.
  const Account reader, stranger, newcomer;
  const std::string claims, secrets;

 private:
  std::unique_ptr<Service> service_;
  std::map<std::string, std::string> tokens_;
};

}  // namespace

TEST_CASE("delegated: while kube-apiserver is dead nobody is let in anew, and soon nobody at all") {
  Guarded guarded("refused", {});
  CHECK(guarded.ask(guarded.reader, guarded.claims) == "200");
  CHECK(guarded.ask(guarded.reader, guarded.secrets) == "200");
  CHECK(guarded.ask(guarded.stranger, guarded.claims) == "403 Forbidden");

  real_cluster().process("kube-apiserver").signal(SIGKILL);
  CHECK(guarded.ask(guarded.newcomer, guarded.claims) == kUnavailable);
  CHECK(guarded.ask(guarded.reader, guarded.secrets) == kUnavailable);
  CHECK(poll_until([&] { return guarded.ask(guarded.reader, guarded.claims) == kUnavailable; }));
  CHECK(poll_until([&] { return guarded.ask(guarded.stranger, guarded.claims) == kUnavailable; }));
  CHECK(guarded.ask(guarded.reader, "/livez") == "200");

  real_cluster().restart("kube-apiserver");
  CHECK(poll_until([&] { return guarded.ask(guarded.reader, guarded.claims) == "200"; }));
  CHECK(poll_until([&] { return guarded.ask(guarded.newcomer, guarded.secrets) == "200"; }));
  CHECK(poll_until([&] { return guarded.ask(guarded.stranger, guarded.claims) == "403 Forbidden"; }));
}

TEST_CASE("delegated: while kube-apiserver is dead --auth-stale-max lets an earlier yes serve cached reads alone") {
  Guarded guarded("excused", {"--auth-stale-max", "10m"});
  CHECK(guarded.ask(guarded.reader, guarded.claims) == "200");
  CHECK(guarded.ask(guarded.reader, guarded.secrets) == "200");
  CHECK(guarded.ask(guarded.stranger, guarded.claims) == "403 Forbidden");

  real_cluster().process("kube-apiserver").signal(SIGKILL);
  // Until the decision is older than what counts anyway.
  HttpAnswer old;
  CHECK(poll_until([&] {
    old = guarded.call(guarded.reader, guarded.claims);
    return old.has_header("X-Authorization-Age");
  }));
  CHECK(old.status == 200);
  CHECK(guarded.ask(guarded.reader, guarded.secrets) == kUnavailable);
  CHECK(outcome(guarded.call(guarded.reader, guarded.claims + "/name/none", "DELETE")) == kUnavailable);
  CHECK(guarded.ask(guarded.newcomer, guarded.claims) == kUnavailable);
  CHECK(poll_until([&] { return guarded.ask(guarded.stranger, guarded.claims) == kUnavailable; }));  // was a no

  // Who was deleted meanwhile is refused as soon as there is somebody to ask.
  real_cluster().restart("kube-apiserver");
  real_cluster().delete_account(guarded.reader);
  CHECK(poll_until([&] { return guarded.ask(guarded.reader, guarded.claims) == "401 Unauthorized"; }));
  CHECK(poll_until([&] { return guarded.ask(guarded.newcomer, guarded.claims) == "200"; }));
}

}  // namespace quartermaster::test
