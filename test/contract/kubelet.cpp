#include "test/contract/kubelet.hpp"

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/context.hpp>
#include <thread>

#include "server/http/server.hpp"
#include "server/http/target.hpp"

namespace quartermaster::test {

namespace {

/// A log that ends when the caller hangs up, even while it waits for more.
class AbandonableLog : public ByteStream {
 public:
  AbandonableLog(asio::io_context& loop, std::unique_ptr<ByteStream> log, std::stop_token stop,
                 std::atomic<std::size_t>& open)
      : loop_(loop), log_(std::move(log)), open_(open), on_stop_(std::move(stop), Cancel{&cancel_}) {
    ++open_;
  }
  ~AbandonableLog() override { --open_; }

  Task<Result<std::string_view>> read() override {
    try {
      co_return co_await asio::co_spawn(loop_.get_executor(), log_->read(),
                                        asio::bind_cancellation_slot(cancel_.slot(), use_task));
    } catch (const boost::system::system_error&) {
      co_return Error{ErrorCode::cancelled, "the API server went away"};
    }
  }

 private:
  struct Cancel {
    asio::cancellation_signal* signal;
    void operator()() const { signal->emit(asio::cancellation_type::terminal); }
  };

  asio::io_context& loop_;
  std::unique_ptr<ByteStream> log_;
  std::atomic<std::size_t>& open_;
  asio::cancellation_signal cancel_;
  std::stop_callback<Cancel> on_stop_;
};

/// GET /containerLogs/{namespace}/{pod}/{container}
class LogHandler : public http::Handler {
 public:
  LogHandler(asio::io_context& loop, apisim::LogStore& logs, std::atomic<std::size_t>& open)
      : loop_(loop), logs_(logs), open_(open) {}

  Task<std::optional<http::Reply>> accept(http::Exchange& exchange) override {
    exchange.cancel_if_abandoned = true;
    co_return std::nullopt;
  }

  Task<http::Reply> handle(http::Exchange& exchange) override {
    const auto target = http::parse_target(exchange.request.target());
    if (!target || target->segments.size() != 4 || target->segments[0] != "containerLogs") {
      co_return http::Reply{.status = 404, .body = "404 page not found\n"};
    }
    const apisim::ContainerId id{target->segments[1], target->segments[2], target->segments[3]};
    const apisim::LogQuery query = apisim::parse_log_query(target->query);
    if (!logs_.has(id, query.previous)) {
      co_return http::Reply{.status = 400,
                            .body = "container \"" + id.container + "\" in pod \"" + id.pod + "\" is not available"};
    }
    http::Reply reply{.stream =
                          std::make_unique<AbandonableLog>(loop_, logs_.read(id, query), exchange.call.stop, open_)};
    co_return std::move(reply.header("Content-Type", "text/plain"));
  }

  http::Reply refuse(const Error& error, http::Exchange*) override {
    return http::Reply{.status = 400, .body = error.message + "\n"};
  }
  void finished(http::Exchange*, const http::Outcome&) override {}
  void failed(std::string_view) override {}

 private:
  asio::io_context& loop_;
  apisim::LogStore& logs_;
  std::atomic<std::size_t>& open_;
};

std::shared_ptr<asio::ssl::context> make_tls(const KeyPair& certificate) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  tls->use_certificate_chain(asio::buffer(certificate.certificate));
  tls->use_private_key(asio::buffer(certificate.key), asio::ssl::context::pem);
  return tls;
}

}  // namespace

struct Kubelet::State {
  explicit State(const KeyPair& certificate) : server(loop, handler, {}, make_tls(certificate)) {}

  apisim::LogStore logs;
  std::atomic<std::size_t> open{0};
  asio::io_context loop{1};
  LogHandler handler{loop, logs, open};
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
std::size_t Kubelet::open_logs() const { return state_->open; }

}  // namespace quartermaster::test
