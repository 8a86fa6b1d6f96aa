#include "test/apisim/api_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <mutex>
#include <regex>
#include <stdexcept>
#include <thread>

#include "model/base64.hpp"
#include "server/http/server.hpp"
#include "test/apisim/bulk.hpp"
#include "test/apisim/controllers.hpp"
#include "test/apisim/decode.hpp"
#include "test/apisim/demo.hpp"
#include "test/apisim/events.hpp"
#include "test/apisim/front.hpp"
#include "test/apisim/writes.hpp"

namespace quartermaster::apisim {
namespace {

std::shared_ptr<asio::ssl::context> server_context(const KeyPair& pair) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  context->use_certificate_chain(asio::buffer(pair.certificate));
  context->use_private_key(asio::buffer(pair.key), asio::ssl::context::pem);
  return context;
}

const ResourceType& type_of(const json::object& object) {
  const auto version = text(object, {"apiVersion"}), kind = text(object, {"kind"});
  const auto* type = find_kind(version, kind);
  if (type == nullptr) {
    throw std::runtime_error("no such kind: " + std::string(kind) + " in " + std::string(version));
  }
  return *type;
}

const ResourceType& type_of(std::string_view kind) {
  const auto* type = find_kind(kind);
  if (type == nullptr) throw std::runtime_error("no such kind: " + std::string(kind));
  return *type;
}

json::object with_kind(const ResourceType& type, const json::object& object) {
  json::object result = {{"kind", type.kind}, {"apiVersion", type.api_version()}};
  for (const auto& [key, value] : object) result[key] = value;
  return result;
}

}  // namespace

/// One start of the server: the loop, its thread and what runs on it.
struct Run {
  Run(Cluster& cluster, Faults& faults, Requests& requests, http::TlsSource tls)
      : front(cluster, faults, requests),
        server(std::make_unique<http::Server>(loop, front, http::Limits{}, std::move(tls))),
        controllers(cluster, loop) {}

  ~Run() {
    asio::post(loop, [this] { server.reset(); });
    asio::post(loop, [this] { loop.stop(); });
    if (thread.joinable()) thread.join();
  }

  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
  Front front;
  std::unique_ptr<http::Server> server;
  Controllers controllers;
  std::thread thread;
};

struct ApiServer::Impl {
  Cluster cluster;
  Bulk bulk{cluster};
  Faults faults;
  Requests requests;
  std::optional<CertificateAuthority> authority;
  Endpoint endpoint;
  std::unique_ptr<Run> run;

  /// Calls `f` on the loop's thread, or here if there is none.
  template <class F>
  auto on_loop(F f) {
    if (!run) return f();
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto result = task.get_future();
    asio::post(run->loop, [&task] { task(); });
    return result.get();
  }
};

ApiServer::ApiServer() : impl_(std::make_unique<Impl>()) {}
ApiServer::~ApiServer() { stop(); }

Endpoint ApiServer::start(Options options) {
  if (impl_->run) throw std::runtime_error("the server runs already");
  auto& cluster = impl_->cluster;
  http::TlsSource tls;
  std::string ca;
  if (options.tls) {
    if (!impl_->authority) impl_->authority.emplace();
    const auto pair = options.certificate ? *options.certificate : impl_->authority->issue();
    ca = options.certificate ? std::string() : impl_->authority->pem();
    tls = [context = server_context(pair)] { return context; };
  }
  cluster.options = std::move(options);
  cluster.access.reset(cluster.options.tokens, cluster.options.anonymous);
  cluster.store.set_history(cluster.options.history);

  auto run = std::make_unique<Run>(cluster, impl_->faults, impl_->requests, std::move(tls));
  const auto address = run->server->listen(cluster.options.listen);
  const auto host =
      address.address().is_v6() ? "[" + address.address().to_string() + "]" : address.address().to_string();
  auto& endpoint = impl_->endpoint;
  endpoint.port = address.port();
  endpoint.address = host + ":" + std::to_string(address.port());
  endpoint.url = (cluster.options.tls ? "https://" : "http://") + endpoint.address;
  endpoint.ca_pem = std::move(ca);
  cluster.loop = &run->loop;
  cluster.address = endpoint.address;
  cluster.started_at = cluster.store.version();
  if (cluster.options.controllers) run->controllers.start();
  run->thread = std::thread([loop = &run->loop] { loop->run(); });
  impl_->run = std::move(run);
  return endpoint;
}

void ApiServer::stop() {
  if (impl_->run) change_pods(0);
  impl_->run.reset();
  impl_->cluster.loop = nullptr;
}

Endpoint ApiServer::endpoint() const { return impl_->endpoint; }

std::string ApiServer::kubeconfig(std::string_view token) const {
  const auto& endpoint = impl_->endpoint;
  std::string text = "apiVersion: v1\nkind: Config\ncurrent-context: apisim\nclusters:\n- name: apisim\n  cluster:\n";
  text += "    server: " + endpoint.url + "\n";
  if (!endpoint.ca_pem.empty()) text += "    certificate-authority-data: " + encode_base64(endpoint.ca_pem) + "\n";
  text += "contexts:\n- name: apisim\n  context:\n    cluster: apisim\n    user: apisim\n";
  text += "users:\n- name: apisim\n  user:\n    token: " + std::string(token) + "\n";
  return text;
}

json::object ApiServer::create(std::string_view object) { return create(parse_object(object)); }

json::object ApiServer::create(json::object object) {
  return impl_->on_loop([&] {
    const auto& type = type_of(object);
    const auto& stored = storage_of(type);
    if (&type != &stored) object = from_new_event(object);
    object.stable_erase("kind");
    object.stable_erase("apiVersion");
    const auto ns = type.namespaced ? std::string(namespace_of(object)) : std::string();
    auto checked = check_types(stored, std::move(object), "");
    if (!checked) throw std::runtime_error(checked.error().message);
    auto created = create_object(impl_->cluster, stored, ns, std::move(*checked), false);
    if (!created) throw std::runtime_error(created.error().message);
    return with_kind(stored, *created);
  });
}

json::object ApiServer::put(std::string_view object) { return put(parse_object(object)); }

json::object ApiServer::put(json::object object) {
  return impl_->on_loop([&] {
    const auto& type = type_of(object);
    auto& cluster = impl_->cluster;
    auto& metadata = make_object(object, {"metadata"});
    const auto old = cluster.store.find(type, namespace_of(object), name_of(object));
    set_default(metadata, "uid", json::string(old ? std::string(uid_of(old->value())) : cluster.new_uid()));
    const auto created = old ? std::string(text(old->value(), {"metadata", "creationTimestamp"})) : time_text();
    set_default(metadata, "creationTimestamp", json::string(created));
    return with_kind(type, cluster.store.write(type, std::move(object))->value());
  });
}

bool ApiServer::remove(std::string_view kind, std::string_view ns, std::string_view name) {
  return impl_->on_loop([&] {
    const auto& type = type_of(kind);
    if (type.kind == "Pod") impl_->cluster.logs.remove_pod(std::string(ns), std::string(name));
    return impl_->cluster.store.erase(type, ns, name) != nullptr;
  });
}

std::optional<json::object> ApiServer::find(std::string_view kind, std::string_view ns, std::string_view name) const {
  return impl_->on_loop([&]() -> std::optional<json::object> {
    const auto& type = type_of(kind);
    const auto found = impl_->cluster.store.find(type, ns, name);
    if (!found) return std::nullopt;
    return with_kind(type, found->value());
  });
}

std::vector<json::object> ApiServer::list(std::string_view kind, std::string_view ns) const {
  return impl_->on_loop([&] {
    const auto& type = type_of(kind);
    std::vector<json::object> result;
    for (const auto& object : impl_->cluster.store.list(type, ns)) result.push_back(with_kind(type, object->value()));
    return result;
  });
}

void ApiServer::fill(std::string_view plural, std::size_t count) {
  impl_->on_loop([&] { impl_->bulk.fill(plural, count); });
}
void ApiServer::change_pods(double per_second) {
  impl_->on_loop([&] { impl_->bulk.change_pods(per_second); });
}

std::string ApiServer::resource_version() const {
  return impl_->on_loop([&] { return std::to_string(impl_->cluster.store.version()); });
}

void ApiServer::load_demo() { apisim::load_demo(*this); }

LogStore& ApiServer::logs() { return impl_->cluster.logs; }

void ApiServer::set_node_stats(std::string node, std::string summary) {
  impl_->on_loop([&] { impl_->cluster.node_stats[std::move(node)] = std::move(summary); });
}

void ApiServer::set_token(std::string token, User user) {
  impl_->on_loop([&] { impl_->cluster.access.set_token(std::move(token), std::move(user)); });
}
void ApiServer::remove_token(const std::string& token) {
  impl_->on_loop([&] { impl_->cluster.access.remove_token(token); });
}
void ApiServer::refuse_tokens(bool refuse) {
  impl_->on_loop([&] { impl_->cluster.access.refuse_all(refuse); });
}
void ApiServer::set_rules(const std::string& user, std::vector<Rule> rules) {
  impl_->on_loop([&] { impl_->cluster.access.set_rules(user, std::move(rules)); });
}

void ApiServer::inject(Fault fault) {
  impl_->on_loop([&] { impl_->faults.add(std::move(fault)); });
}
void ApiServer::clear_faults() {
  impl_->on_loop([&] { impl_->faults.clear(); });
}

void ApiServer::compact() {
  impl_->on_loop([&] { impl_->cluster.store.compact(impl_->cluster.store.version()); });
}

std::size_t ApiServer::disturb_watches(std::string_view bytes, Afterwards afterwards, const std::string& path) {
  const std::regex matching(path, std::regex::ECMAScript);
  return impl_->on_loop([&] {
    std::size_t count = 0;
    for (auto* watch : impl_->cluster.watches) {
      if (!std::regex_search(watch->path(), matching)) continue;
      watch->disturb(bytes, afterwards);
      ++count;
    }
    impl_->cluster.store.changed().notify();
    return count;
  });
}

void ApiServer::drop_watches() { disturb_watches("", Afterwards::cut); }

void ApiServer::send_bookmarks(bool send) {
  impl_->on_loop([&] { impl_->cluster.bookmarks = send; });
}

std::size_t ApiServer::watches() const {
  return impl_->on_loop([&] { return impl_->cluster.watches.size(); });
}

std::vector<Request> ApiServer::requests() const {
  return impl_->on_loop([&] {
    std::vector<Request> result;
    for (const auto& request : impl_->requests) result.push_back(*request);
    return result;
  });
}

void ApiServer::clear_requests() {
  impl_->on_loop([&] { impl_->requests.clear(); });
}

}  // namespace quartermaster::apisim
