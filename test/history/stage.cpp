#include "test/history/stage.hpp"

#include <mutex>
#include <stdexcept>

#include "test/support/wait.hpp"

namespace quartermaster::history {
namespace {

constexpr std::size_t kNamespaces = 3;
constexpr std::size_t kClaimsOfNamespace = 12;
constexpr std::size_t kPodsOfNamespace = 6;
constexpr std::size_t kTenants = 8;

apisim::Options options(bool watch_list, std::string listen) {
  apisim::Options result;
  result.listen = std::move(listen);
  result.bookmark_interval = std::chrono::milliseconds(50);
  result.watch_list = watch_list;
  return result;
}

const char* kind_name(Kind kind) {
  return kind == Kind::claim ? "PersistentVolumeClaim" : kind == Kind::pod ? "Pod" : "Namespace";
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

Version version_of(const apisim::json::object& object) {
  return std::stoull(std::string(object.at("metadata").at("resourceVersion").as_string()));
}

}  // namespace

Stage::Stage(const std::string& program) {
  endpoint_ = server_.start(options(false, "127.0.0.1:0"));
  for (std::size_t n = 0; n < kNamespaces; ++n) {
    const auto ns = "history-" + std::to_string(n);
    namespaces_.push_back(ns);
    server_.create(R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": )" + quoted(ns) + "}}");
    for (std::size_t i = 0; i < kClaimsOfNamespace; ++i)
      objects_.push_back(std::make_unique<Object>(Kind::claim, ns, "claim-" + std::to_string(i)));
    for (std::size_t i = 0; i < kPodsOfNamespace; ++i)
      objects_.push_back(std::make_unique<Object>(Kind::pod, ns, "pod-" + std::to_string(i)));
  }
  start_replica(program);
  start_replica(program);
  Client client(replica(0).endpoint);
  for (std::size_t i = 0; i < kTenants; ++i) {
    objects_.push_back(std::make_unique<Object>(Kind::tenant, "", "tenant-" + std::to_string(i)));
    const auto answer = client.call({.method = "POST",
                                     .target = "/api/v1/tenant/" + objects_.back()->name,
                                     .headers = {{"Content-Type", "application/json"}},
                                     .body = "{}"});
    if (answer.status != 201) throw std::runtime_error("no tenant: " + answer.body);
  }
}

void Stage::start_replica(const std::string& program) {
  auto& replica = *replicas_.emplace_back(std::make_unique<Replica>(endpoint_.port));
  const auto kubeconfig =
      files_.write("kubeconfig-" + std::to_string(replicas_.size()),
                   R"({"apiVersion": "v1", "kind": "Config", "current-context": "c",
          "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:)" +
                       std::to_string(replica.network.port()) + R"("}}], "users": [{"name": "u", "user": {"token": ")" +
                       std::string(apisim::kAdminToken) +
                       R"("}}], "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]})");
  replica.process = std::make_unique<test::Subprocess>(
      std::vector<std::string>{program, "--listen", "127.0.0.1:0", "--kubeconfig", kubeconfig, "--auth-mode", "none",
                               "--log-level", "info", "--cache-self-check", "500ms"});
  const std::string mark = "\"address\":\"";
  const auto line = replica.process->wait_for_line(
      [&](std::string_view l) { return l.find("\"listening\"") != l.npos && l.find(mark) != l.npos; },
      std::chrono::seconds(60));
  if (!line) throw std::runtime_error("the service does not listen: " + replica.process->output());
  const auto begin = line->find(mark) + mark.size();
  replica.endpoint = test::parse_endpoint(line->substr(begin, line->find('"', begin) - begin));
  Client client(replica.endpoint);
  if (!test::poll_until([&] { return client.call({.target = "/readyz"}).status == 200; }))
    throw std::runtime_error("the service does not become ready: " + replica.process->output());
}

std::vector<std::size_t> Stage::in(Kind kind, const std::string& ns) const {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    if (objects_[i]->kind == kind && objects_[i]->ns == ns) result.push_back(i);
  }
  return result;
}

Version Stage::put(const Object& object, Index index) {
  std::string rest = R"("spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
                         "status": {"phase": "Pending"})";
  if (object.kind == Kind::pod) {
    rest = R"("spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "i"}]},
              "status": {"phase": "Running"})";
  }
  const auto text = R"({"apiVersion": "v1", "kind": )" + quoted(kind_name(object.kind)) +
                    R"(, "metadata": {"namespace": )" + quoted(object.ns) + R"(, "name": )" + quoted(object.name) +
                    R"(, "labels": {)" + quoted(kMark) + ": " + quoted(std::to_string(index)) + "}}, " + rest + "}";
  const std::shared_lock lock(restarting_);
  return version_of(server_.put(text));
}

bool Stage::remove(const Object& object) {
  const std::shared_lock lock(restarting_);
  return server_.remove(kind_name(object.kind), object.ns, object.name);
}

Version Stage::version() {
  const std::shared_lock lock(restarting_);
  return std::stoull(server_.resource_version());
}

std::optional<std::pair<Index, Version>> Stage::find(const Object& object) {
  const std::shared_lock lock(restarting_);
  const auto found = server_.find(kind_name(object.kind), object.ns, object.name);
  if (!found) return std::nullopt;
  const auto& metadata = found->at("metadata").as_object();
  const auto* marks = metadata.if_contains(object.kind == Kind::tenant ? "annotations" : "labels");
  const auto* mark = marks == nullptr ? nullptr : marks->as_object().if_contains(kMark);
  const Index index = mark == nullptr ? kAbsent : std::stoll(std::string(mark->as_string()));
  return std::pair(index, version_of(*found));
}

void Stage::restart_server(bool watch_list) {
  const std::unique_lock lock(restarting_);
  server_.stop();
  endpoint_ = server_.start(options(watch_list, endpoint_.address));
}

test::HttpAnswer Client::call(const test::HttpRequest& request) {
  if (connection_ && request.method == "GET") {
    try {
      return try_call(request);
    } catch (const std::exception&) {  // the kept connection may have been closed meanwhile
      connection_.reset();
    }
  }
  connection_.reset();
  return try_call(request);
}

test::HttpAnswer Client::try_call(const test::HttpRequest& request) {
  if (!connection_) connection_.emplace(endpoint_);
  if (!connection_->send(test::to_bytes(request))) throw std::runtime_error("the service takes no request");
  test::AnswerReader reader(std::move(*std::exchange(connection_, std::nullopt)));
  auto answer = reader.rest();
  if (!answer.complete) throw std::runtime_error("the answer was cut");
  if (answer.header("Connection") != "close") connection_.emplace(std::move(reader.connection()));
  return answer;
}

}  // namespace quartermaster::history
