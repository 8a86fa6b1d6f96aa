#include "test/contract/kubelet.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <mutex>
#include <thread>
#include <vector>

#include "server/http/server.hpp"
#include "server/http/target.hpp"

namespace quartermaster::test {

namespace {

/// GET /containerLogs/{namespace}/{pod}/{container} and /stats/summary
class KubeletHandler : public http::Handler {
 public:
  explicit KubeletHandler(apisim::LogStore& logs) : logs_(logs) {}

  void set_stats(std::string summary) {
    const std::scoped_lock lock(mutex_);
    stats_ = std::move(summary);
  }

  Task<std::optional<http::Reply>> accept(http::Exchange& exchange) override {
    exchange.cancel_if_abandoned = true;
    co_return std::nullopt;
  }

  Task<http::Reply> handle(http::Exchange& exchange) override {
    const auto target = http::parse_target(exchange.request.target());
    if (target && target->segments == std::vector<std::string>{"stats", "summary"}) co_return stats();
    if (!target || target->segments.size() != 4 || target->segments[0] != "containerLogs") {
      co_return http::Reply{.status = 404, .body = "404 page not found\n"};
    }
    const apisim::ContainerId id{target->segments[1], target->segments[2], target->segments[3]};
    const apisim::LogQuery query = apisim::parse_log_query(target->query);
    if (!logs_.has(id, query.previous)) {
      co_return http::Reply{.status = 400,
                            .body = "container \"" + id.container + "\" in pod \"" + id.pod + "\" is not available"};
    }
    http::Reply reply{.stream = logs_.read(id, query, exchange.call.stop)};
    co_return std::move(reply.header("Content-Type", "text/plain"));
  }

  http::Reply refuse(const Error& error, http::Exchange*) override {
    return http::Reply{.status = 400, .body = error.message + "\n"};
  }
  void finished(http::Exchange*, const http::Outcome&) override {}
  void failed(std::string_view) override {}

 private:
  http::Reply stats() {
    const std::scoped_lock lock(mutex_);
    http::Reply reply{.body = stats_};
    return std::move(reply.header("Content-Type", "application/json"));
  }

  apisim::LogStore& logs_;
  std::mutex mutex_;
  std::string stats_ = R"({"node": {}, "pods": []})";
};

std::shared_ptr<asio::ssl::context> make_tls(const KeyPair& certificate) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  tls->use_certificate_chain(asio::buffer(certificate.certificate));
  tls->use_private_key(asio::buffer(certificate.key), asio::ssl::context::pem);
  return tls;
}

}  // namespace

struct Kubelet::State {
  explicit State(const KeyPair& certificate)
      : server(loop, handler, {}, [tls = make_tls(certificate)] { return tls; }) {}

  apisim::LogStore logs;
  asio::io_context loop{1};
  KubeletHandler handler{logs};
  http::Server server;
  std::uint16_t port = 0;
  std::thread thread;
};

Kubelet::Kubelet(const KeyPair& certificate) : state_(std::make_unique<State>(certificate)) {
  state_->port = state_->server.listen("127.0.0.1:0").port();
  state_->thread = std::thread([loop = &state_->loop] { loop->run(); });
}

Kubelet::~Kubelet() {
  state_->loop.stop();
  state_->thread.join();
}

std::uint16_t Kubelet::port() const { return state_->port; }
apisim::LogStore& Kubelet::logs() { return state_->logs; }
void Kubelet::cut() {
  asio::post(state_->loop, [state = state_.get()] { state->server.abort(); });
}
void Kubelet::set_stats(std::string summary) { state_->handler.set_stats(std::move(summary)); }

}  // namespace quartermaster::test
