#include "test/faults_real/stage.hpp"

#include <catch2/catch.hpp>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "test/support/json.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::test {

namespace {

using namespace std::chrono_literals;

constexpr int kClaims = 60;
constexpr int kPods = 700;  // more than a page of a list
constexpr const char* kNamespace = "faults";
constexpr const char* kList = "/api/v1/pvc/faults";
constexpr long kSlackKib = 12 << 10;  // of memory: what an allocator keeps

const std::string kClaimsPath = "/api/v1/namespaces/faults/persistentvolumeclaims";

/// Of the writer, complete ones; the control plane outlives the stage.
std::atomic<int> round{0};

std::string numbered(const std::string& begin, int number) {
  const auto digits = std::to_string(number);
  return begin + std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits;
}

/// Whatever the network does is no answer.
HttpAnswer ask(const Endpoint& endpoint, const HttpRequest& request) {
  try {
    return exchange(endpoint, request);
  } catch (const std::exception&) {
    return {};
  }
}

std::vector<std::string> marks_of(const json::value& list) {
  std::vector<std::string> marks;
  for (const auto& item : at(list, "/items").as_array()) marks.push_back(text_at(item, "/labels/round"));
  return marks;
}

/// The service's kubeconfig, through the network.
std::string through(const std::string& kubeconfig, std::uint16_t server, std::uint16_t network) {
  const auto address = [](std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); };
  std::string text = kubeconfig;
  const auto found = text.find(address(server));
  if (found == std::string::npos) throw std::runtime_error("the kubeconfig does not name the API server");
  return text.replace(found, address(server).size(), address(network));
}

}  // namespace

Stage::Stage(RealCluster& cluster) : cluster_(cluster), network_(std::make_unique<FaultProxy>(cluster.api().port)) {
  if (!cluster_.exists(std::string("/api/v1/namespaces/") + kNamespace)) {
    cluster_.create("/api/v1/namespaces",
                    {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", kNamespace}}}});
    for (int i = 0; i < kClaims; ++i) {
      cluster_.create(
          kClaimsPath,
          {{"apiVersion", "v1"},
           {"kind", "PersistentVolumeClaim"},
           {"metadata", {{"name", numbered("c-", i)}, {"labels", {{"round", "0"}}}}},
           {"spec",
            {{"accessModes", json::array{"ReadWriteOnce"}}, {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}});
    }
    for (int i = 0; i < kPods; ++i) {
      cluster_.create("/api/v1/namespaces/faults/pods",
                      {{"apiVersion", "v1"},
                       {"kind", "Pod"},
                       {"metadata", {{"name", numbered("p-", i)}}},
                       {"spec", {{"containers", json::array{{{"name", "main"}, {"image", "i"}}}}}}});
    }
  }
  service_ = std::make_unique<Service>(through(cluster_.kubeconfig(), cluster_.api().port, network_->port()),
                                       std::vector<std::string>{"--cache-self-check", "300ms"});
  service_->wait_until_ready();
  begin();
  until_written(1);
  rest();
  resident_kib_ = service_->process().resident_kib();
}

Stage::~Stage() {
  working_ = false;
  for (auto& thread : threads_) thread.join();
}

void Stage::repeat(void (Stage::*step)()) {
  threads_.emplace_back([this, step] {
    try {
      while (working_) (this->*step)();
    } catch (const std::exception& problem) {
      complain(problem.what());
    }
  });
}

void Stage::begin() {
  working_ = true;
  repeat(&Stage::write_claims);
  repeat(&Stage::write_secret);
  repeat(&Stage::read_whole);
  repeat(&Stage::read_in_parts);
}

void Stage::rest() {
  working_ = false;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  for (const auto& what : complaints_) FAIL_CHECK(what);
  complaints_.clear();
  CHECK(whole_reads_.exchange(0) > 0);
  CHECK(part_reads_.exchange(0) > 0);
}

void Stage::until_written(int rounds) {
  const int before = round;
  REQUIRE(poll_until([&] { return round >= before + rounds; }));
}

/// One round, straight to the API server. A write whose outcome is unknown is written again.
void Stage::write_claims() {
  const auto mark = std::to_string(round + 1);
  const HttpRequest request{.method = "PATCH",
                            .headers = {{"Authorization", "Bearer contract-suite-administrator"},
                                        {"Content-Type", "application/merge-patch+json"}},
                            .body = R"({"metadata": {"labels": {"round": ")" + mark + R"("}}})"};
  for (int i = 0; i < kClaims; ++i) {
    auto one = request;
    one.target = kClaimsPath + "/" + numbered("c-", i);
    while (ask(cluster_.api(), one).status != 200) {
      if (!working_) return;
      std::this_thread::sleep_for(5ms);
    }
  }
  ++round;
}

/// Through the service: what it acknowledges must stay.
void Stage::write_secret() {
  const int number = ++secret_sent_;
  const HttpRequest request{.method = number == 1 ? "POST" : "PUT",
                            .target = "/api/v1/secret/faults?timeout=2s",
                            .headers = {{"Content-Type", "application/json"}},
                            .body = R"({"name": "s", "stringData": {"number": ")" + std::to_string(number) + R"("}})"};
  const auto answer = ask(service_->endpoint(), request);
  if (answer.status / 100 == 2) secret_acknowledged_ = number;
  const bool expected = answer.status / 100 == 2 || answer.status == 409 || answer.status == 502 ||
                        answer.status == 503 || answer.status == 504;
  if (!expected) complain("a write is answered " + std::to_string(answer.status) + " " + answer.body);
  std::this_thread::sleep_for(10ms);
}

void Stage::read_whole() {
  const auto answer = ask(service_->endpoint(), {.target = kList});
  if (answer.status != 200) return complain("a cached list is answered " + std::to_string(answer.status));
  judge(answer, marks_of(answer.json()), "list");
  ++whole_reads_;
}

/// Page by page: all parts together are of one version, too. The version may be forgotten on the way.
void Stage::read_in_parts() {
  std::vector<std::string> marks;
  std::string token;
  for (;;) {
    const auto answer = ask(service_->endpoint(), {.target = std::string(kList) + "?limit=7&timeout=2s" + token});
    if (answer.status != 200) return;
    const auto list = answer.json();
    const auto part = marks_of(list);
    marks.insert(marks.end(), part.begin(), part.end());
    if (find(list, "/continue") == nullptr) {
      judge(answer, marks, "list in parts");
      ++part_reads_;
      return;
    }
    token = "&continue=" + text_at(list, "/continue");
  }
}

void Stage::judge(const HttpAnswer& answer, const std::vector<std::string>& marks, const char* reader) {
  const std::string version = "the " + std::string(reader) + " of version " + answer.header("X-Resource-Version");
  if (marks.size() != kClaims) return complain(version + " has " + std::to_string(marks.size()) + " claims");
  int steps = 0;
  for (std::size_t i = 1; i < marks.size(); ++i) {
    if (marks[i] == marks[i - 1]) continue;
    ++steps;
    if (std::stoi(marks[i]) + 1 != std::stoi(marks[i - 1])) steps = 99;
  }
  if (steps > 1) complain(version + " mixes versions");
}

void Stage::complain(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (complaints_.size() < 10) complaints_.push_back(what);
}

std::vector<std::string> Stage::compare() {
  static const std::regex age(R"("age":"[^"]*")");
  std::vector<std::string> different;
  for (const std::string target : {kList, "/api/v1/pod/faults", "/api/v1/tenant", "/api/v1/storageclass"}) {
    const auto shown = [&](const HeaderList& headers) {
      const auto answer = ask(service_->endpoint(), {.target = target, .headers = headers});
      return std::to_string(answer.status) + std::regex_replace(answer.body, age, "");
    };
    const auto direct = shown({{"Cache-Control", "no-cache"}});
    if (!direct.starts_with("200") || direct != shown({})) different.push_back(target);
  }
  return different;
}

void Stage::check_all_is_well() {
  CHECK(poll_until([this] { return compare().empty(); }, 40s));
  CHECK(compare() == std::vector<std::string>{});

  // The caches compare themselves, too: wait for one more time each.
  const auto same = metric("quartermaster_cache_self_checks_total{resource=\"persistentvolumeclaims\",result=\"same\"");
  CHECK(poll_until([&] {
    return metric("quartermaster_cache_self_checks_total{resource=\"persistentvolumeclaims\",result=\"same\"") > same;
  }));
  std::istringstream lines(service_->get("/metrics").body);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("result=\"different\"") != std::string::npos) CHECK(line.ends_with(" 0"));
  }
  const auto secret = service_->get("/api/v1/secret/faults/name/s?decode=true");
  REQUIRE(secret.status == 200);
  const int number = std::stoi(text_at(secret.json(), "/stringData/number"));
  CHECK(number >= secret_acknowledged_);
  CHECK(number <= secret_sent_);

  CHECK(service_->process().running());
  for (const std::string probe : {"/livez", "/readyz"}) CHECK(service_->get(probe).status == 200);
  CHECK(metric("quartermaster_upstream_circuit_open ") == 0);
  CHECK(service_->process().resident_kib() < resident_kib_ + kSlackKib);
}

void Stage::await_upstream() {
  CHECK(poll_until([this] {
    return ask(service_->endpoint(), {.target = kList, .headers = {{"Cache-Control", "no-cache"}}}).status == 200;
  }));
}

double Stage::metric(const std::string& name) {
  std::istringstream lines(service_->get("/metrics").body);
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name)) sum += std::stod(line.substr(line.rfind(' ')));
  }
  return sum;
}

double Stage::stat(const std::string& name) {
  return at(service_->get("/stats").json(), "/caches/persistentvolumeclaims/" + name).to_number<double>();
}

}  // namespace quartermaster::test
