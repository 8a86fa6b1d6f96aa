// What happens around one exchange: credentials, retries, deadlines, and what errors mean.
#include "kubeapi/client.hpp"

#include <algorithm>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>
#include <functional>
#include <utility>

#include "kubeapi/circuit_keeper.hpp"
#include "kubeapi/connection_pool.hpp"
#include "kubeapi/credentials.hpp"
#include "kubeapi/endpoint.hpp"
#include "kubeapi/http_exchange.hpp"

namespace quartermaster::kubeapi {
namespace {

/// Of an answer that is not 2xx. A Status object is far smaller.
constexpr std::size_t kMaxErrorBody = 1U << 20;

class NoObserver final : public ClientObserver {
  void request_done(http::verb, std::string_view, unsigned, double) override {}
  void request_retried(std::string_view) override {}
  void reachable_changed(bool, std::string_view) override {}
  void credentials_event(bool, std::string_view) override {}
  void circuit_changed(bool, std::string_view) override {}
  void request_refused() override {}
};

ClientObserver& nobody() {
  static NoObserver none;
  return none;
}

constexpr int kMostRefusals = 2;  // 429s after which a request is tried again

Error lost_before_answer() {
  return {.code = ErrorCode::unavailable,
          .message = "the API server closed the connection without an answer",
          .retry_after = std::chrono::seconds(1)};
}

Error bad_answer(const std::string& why) {
  return {ErrorCode::bad_gateway, "the API server's answer makes no sense: " + why};
}

/// Of an exchange that has failed, in the words of a person.
Error explain(error_code error, bool answered) {
  static const auto& http_category = http::make_error_code(http::error::end_of_stream).category();
  if (error == http::error::partial_message || (answered && error.category() != http_category)) {
    return {ErrorCode::bad_gateway, "the API server's answer ends too early"};
  }
  if (error.category() == http_category) return bad_answer(error.message());
  if (error.category() == asio::error::get_ssl_category()) {
    return {ErrorCode::bad_gateway, "TLS with the API server fails: " + error.message()};
  }
  return lost_before_answer();
}

/// A connection with an answer under way.
class Exchange {
 public:
  Exchange(ConnectionPool::Lease lease, http::verb method, Call call, std::shared_ptr<CircuitKeeper> circuit)
      : call_(std::move(call)),
        circuit_(std::move(circuit)),
        lease_(std::move(lease)),
        http_(lease_->transport(), method == http::verb::head),
        stop_(std::in_place, call_.stop, [this] { close(); }) {
    lease_->transport().deadline(call_.deadline);
  }

  Task<error_code> start(std::string head, std::string_view body) { return http_.start(std::move(head), body); }

  /// As ByteStream::read(). At the end the connection goes back to the pool.
  Task<Result<std::string_view>> read() {
    if (!lease_) co_return std::string_view();
    const auto [error, bytes] = co_await http_.read();
    if (error) co_return failure(error);
    circuit_->heard();
    if (bytes.empty()) {
      stop_.reset();
      if (http_.reusable()) lease_->keep();
      lease_.reset();
    }
    co_return bytes;
  }

  /// What an error of start() or read() means.
  Error failure(error_code error) {
    close();
    if (auto over = ended(call_)) return std::move(*over);
    return explain(error, http_.answered());
  }

  const AnswerParser& answer() const { return http_.answer(); }
  bool answered() const { return http_.answered(); }
  bool ok() const { return answer().status / 100 == 2; }

  /// From now on only its stop ends the call: a stream goes on for as long as somebody reads it.
  void outlive_deadline() {
    call_.deadline = Clock::time_point::max();
    if (lease_) lease_->transport().no_deadline();
  }

  void close() {
    if (lease_) lease_->transport().close();
  }

 private:
  Call call_;
  const std::shared_ptr<CircuitKeeper> circuit_;
  std::optional<ConnectionPool::Lease> lease_;  // until all has been read
  HttpExchange http_;
  std::optional<std::stop_callback<std::function<void()>>> stop_;
};

using ExchangePtr = std::shared_ptr<Exchange>;

Task<Result<std::string>> read_all(ExchangePtr exchange, std::size_t max_bytes) {
  std::string body;
  for (;;) {
    const auto piece = co_await exchange->read();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return body;
    if (body.size() + piece->size() > max_bytes) {
      exchange->close();
      co_return bad_answer("it is larger than " + std::to_string(max_bytes) + " bytes");
    }
    body += *piece;
  }
}

/// Of an answer that is not 2xx.
Task<Error> read_error(ExchangePtr exchange, ErrorOfAnswer* error_of_answer) {
  const auto body = co_await read_all(exchange, kMaxErrorBody);
  if (!body) co_return body.error();
  co_return error_of_answer(exchange->answer().status, *body, exchange->answer().retry_after);
}

class AnswerStream final : public ByteStream {
 public:
  explicit AnswerStream(ExchangePtr exchange) : exchange_(std::move(exchange)) {}
  ~AnswerStream() override { exchange_->close(); }

  Task<Result<std::string_view>> read() override { return read_from(exchange_); }

 private:
  /// Holds on to the exchange, as the stream may be given up meanwhile.
  static Task<Result<std::string_view>> read_from(ExchangePtr exchange) { co_return co_await exchange->read(); }

  const ExchangePtr exchange_;
};

bool idempotent(http::verb method) { return method == http::verb::get || method == http::verb::head; }

/// Only what cannot end a field or the request line.
bool fits_in_head(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
  Impl(asio::io_context& l, ClusterConfig c, ClientOptions o, ClientObserver* watcher)
      : loop(l),
        config(std::move(c)),
        options(std::move(o)),
        observer(watcher != nullptr ? *watcher : nobody()),
        token(config.token, config.token_file, options.token_reread, events()),
        tls(std::make_shared<TlsSource>(config, options.ca_reread, events())),
        pool(std::make_shared<ConnectionPool>(loop, config, options, tls)) {}

  CredentialsEvents events() {
    return [this](bool problem, std::string_view message) { observer.credentials_event(problem, message); };
  }

  void make_circuit();
  static Task<void> probe(std::shared_ptr<Impl> self, Call call);

  Task<Result<ExchangePtr>> start(Request request, Call call);
  Task<Result<ExchangePtr>> attempt(Request request, Call call, bool fresh);
  std::string head(const Request& request, const std::string& bearer, const Call& call) const;
  void reached(bool yes, std::string_view why);

  asio::io_context& loop;
  const ClusterConfig config;
  const ClientOptions options;
  ClientObserver& observer;
  TokenSource token;
  const std::shared_ptr<TlsSource> tls;
  const std::shared_ptr<ConnectionPool> pool;
  std::shared_ptr<CircuitKeeper> circuit;
  std::optional<bool> reachable;
};

/// An exchange may outlive the client, and holds the circuit: which so holds nothing of the client but the pool.
void Client::Impl::make_circuit() {
  const auto ask = [weak = weak_from_this()](Call call) { return probe(weak.lock(), std::move(call)); };
  const auto changed = [pool = pool, &observer = observer](const std::optional<Error>& error) {
    observer.circuit_changed(error.has_value(), error ? error->message : "");
    if (error) pool->give_up(*error);
  };
  circuit = std::make_shared<CircuitKeeper>(loop, options.circuit, ask, changed);
}

/// `self` may be null: the client is gone.
Task<void> Client::Impl::probe(std::shared_ptr<Impl> self, Call call) {
  if (!self) co_return;
  Request request;
  request.target = "/version";
  request.resource = "version";
  request.purpose = Purpose::upkeep;
  const auto exchange = co_await self->attempt(std::move(request), std::move(call), true);
  if (exchange) co_await read_all(*exchange, kMaxErrorBody);
}

/// Sends the request, until the head of an answer has come that is not worth a retry.
Task<Result<ExchangePtr>> Client::Impl::start(Request request, Call call) {
  if (!fits_in_head(request.target)) co_return Error{ErrorCode::internal, "a request's target holds blanks"};
  for (int refusals = 0;; ++refusals) {
    auto exchange = co_await attempt(request, call, false);
    if (!exchange || (*exchange)->answer().status != 429 || request.purpose == Purpose::upkeep) co_return exchange;
    // Nothing was done: so anything may be sent again.
    auto error = co_await read_error(*exchange, request.error_of_answer);
    if (error.code != ErrorCode::unavailable) co_return error;  // of an eviction it may mean something else
    const auto pause = error.retry_after.value_or(std::chrono::seconds(1));
    if (refusals == kMostRefusals || pause >= call.remaining()) co_return error;
    observer.request_retried("429: after the pause that it asks for");
    if (const auto slept = co_await sleep_for(pause, call); !slept) co_return slept.error();
  }
}

Task<Result<ExchangePtr>> Client::Impl::attempt(Request request, Call call, bool fresh) {
  const bool upkeep = request.purpose == Purpose::upkeep;
  if (!upkeep && circuit->is_open()) {
    observer.request_refused();
    co_return circuit->error();
  }
  std::optional<CircuitKeeper::Asking> asking;
  if (!upkeep) asking.emplace(circuit);
  for (bool reread = false;;) {
    const auto began = Clock::now();
    const auto done = [&](unsigned code) {
      const std::chrono::duration<double> seconds = Clock::now() - began;
      observer.request_done(request.method, request.resource, code, seconds.count());
    };
    auto lease = co_await pool->acquire(request.purpose, fresh, call);
    if (!lease) {
      done(0);
      const Error& error = lease.error().error;
      if (error.code == ErrorCode::unavailable || error.code == ErrorCode::bad_gateway) reached(false, error.message);
      if (error.code == ErrorCode::unavailable) circuit->failed(error.message);
      if (error.code == ErrorCode::bad_gateway) circuit->heard();  // it speaks, if not as it should
      co_return error;
    }
    const bool reused = lease->reused();
    const auto generation = lease->generation();
    const std::string bearer = token.get(Clock::now());
    const auto exchange = std::make_shared<Exchange>(std::move(*lease), request.method, call, circuit);
    const auto error = co_await exchange->start(head(request, bearer, call), request.body);
    if (error) {
      done(0);
      Error failure = exchange->failure(error);
      if (exchange->answered()) circuit->heard();
      if (ended(call) || exchange->answered()) co_return failure;
      if (reused && !fresh && idempotent(request.method)) {
        fresh = true;
        observer.request_retried("the connection had been closed");
        continue;
      }
      if (refuses_certificate(error) && !reread && tls->refused(generation, Clock::now())) {
        reread = true;
        observer.request_retried("the client certificate had changed");
        continue;
      }
      reached(false, failure.message);
      if (!reused && failure.code == ErrorCode::unavailable) circuit->failed(failure.message);
      co_return failure;
    }
    done(exchange->answer().status);
    reached(true, "");
    circuit->heard();
    if (exchange->answer().status != 401 || reread) co_return exchange;
    const bool other_certificate = tls->refused(generation, Clock::now());
    if (!token.refused(bearer, Clock::now()) && !other_certificate) co_return exchange;
    reread = true;
    observer.request_retried("401: with credentials read afresh");
    co_await read_all(exchange, kMaxErrorBody);
  }
}

void Client::Impl::reached(bool yes, std::string_view why) {
  if (reachable == yes) return;
  reachable = yes;
  observer.reachable_changed(yes, why);
}

std::string Client::Impl::head(const Request& request, const std::string& bearer, const Call& call) const {
  std::string head(http::to_string(request.method));
  const auto field = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  head.append(" ").append(config.base_path).append(request.target).append(" HTTP/1.1\r\n");
  field("Host", authority(config));
  field("User-Agent", options.user_agent);
  field("Accept", request.accept);
  if (!bearer.empty()) field("Authorization", "Bearer " + bearer);
  if (!call.request_id.empty() && fits_in_head(call.request_id)) field("X-Request-Id", call.request_id);
  const bool always = request.method != http::verb::get && request.method != http::verb::head;
  if (!request.body.empty()) field("Content-Type", request.content_type);
  if (!request.body.empty() || always) field("Content-Length", std::to_string(request.body.size()));
  return head.append("\r\n");
}

Client::Client(asio::io_context& loop, ClusterConfig config, ClientOptions options, ClientObserver* observer)
    : impl_(std::make_shared<Impl>(loop, std::move(config), std::move(options), observer)) {
  impl_->make_circuit();
}

Client::~Client() { shutdown(); }

Task<Result<Response>> Client::send(Request request, Call call) {
  const auto impl = impl_;
  auto* const error_of_answer = request.error_of_answer;
  const auto exchange = co_await impl->start(std::move(request), std::move(call));
  if (!exchange) co_return exchange.error();
  if (!(*exchange)->ok()) co_return co_await read_error(*exchange, error_of_answer);
  auto body = co_await read_all(*exchange, impl->options.max_response_bytes);
  if (!body) co_return body.error();
  const auto& answer = (*exchange)->answer();
  co_return Response{answer.status, std::move(*body), answer.warnings};
}

Task<Result<std::unique_ptr<ByteStream>>> Client::open(Request request, Call call) {
  const auto impl = impl_;
  const bool keep_deadline = request.keep_deadline;
  auto* const error_of_answer = request.error_of_answer;
  const auto exchange = co_await impl->start(std::move(request), std::move(call));
  if (!exchange) co_return exchange.error();
  if (!(*exchange)->ok()) co_return co_await read_error(*exchange, error_of_answer);
  if (!keep_deadline) (*exchange)->outlive_deadline();
  co_return std::make_unique<AnswerStream>(*exchange);
}

PoolStats Client::pool_stats() const { return impl_->pool->stats(); }
const ClusterConfig& Client::config() const { return impl_->config; }
void Client::shutdown() {
  impl_->circuit->stop();
  impl_->pool->shutdown();
}

}  // namespace quartermaster::kubeapi
