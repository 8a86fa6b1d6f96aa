#include "kubeapi/connection_pool.hpp"

#include <poll.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <limits>

namespace quartermaster::kubeapi {
namespace {

Error shut_down() { return {ErrorCode::unavailable, "the service is shutting down"}; }

/// The other side has closed it, or sent something that nobody asked for. TLS may send session tickets at any time.
bool stale(Transport& transport) {
  pollfd fd{transport.socket().native_handle(), POLLIN | POLLRDHUP, 0};
  if (::poll(&fd, 1, 0) < 0) return true;
  return (fd.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0 || (!transport.is_tls() && fd.revents != 0);
}

}  // namespace

struct ConnectionPool::Waiter {
  Waiter(ConnectionPool& p, Purpose what, const Call& call)
      : pool(p), purpose(what), caller(call.caller), wake(p.reaper_.get_executor(), call.deadline) {
    at = pool.waiters_.insert(pool.waiters_.end(), this);
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() {
    if (place) return;
    pool.waiters_.erase(at);
  }

  ConnectionPool& pool;
  const Purpose purpose;
  const std::size_t caller;
  Timer wake;
  std::list<Waiter*>::iterator at;
  std::optional<Place> place;    // once it is our turn, and no longer in line
  std::optional<Error> refused;  // no need to wait any longer
};

ConnectionPool::ConnectionPool(asio::io_context& loop, ClusterConfig config, const ClientOptions& options,
                               std::shared_ptr<TlsSource> tls)
    : config_(std::move(config)),
      max_(std::max<std::size_t>(options.max_connections, 1)),
      max_streams_(std::max<std::size_t>(max_ - max_ / 4, 1)),
      max_each_(std::max<std::size_t>(max_ / 4, 1)),
      idle_timeout_(options.idle_timeout),
      connect_timeout_(options.connect_timeout),
      tls_(std::move(tls)),
      reaper_(loop) {}

void ConnectionPool::Lease::keep() { place_.pool().give_back(std::move(connection_)); }

Task<ConnectionPool::LeaseResult> ConnectionPool::acquire(Purpose purpose, bool fresh, Call call) {
  const auto self = shared_from_this();
  auto place = co_await take_place(purpose, call);
  if (!place) co_return ConnectFailure{place.error()};
  if (!fresh) {
    if (auto connection = take_idle()) {
      ++reused_;
      co_return Lease(std::move(*place), std::move(*connection), true);
    }
  }
  if (!idle_.empty() && idle_.size() + callers() > max_) idle_.pop_front();
  const auto until = Clock::now() + connect_timeout_;
  auto tls = tls_->get(Clock::now());
  auto transport = co_await connect(reaper_.get_executor(), config_, tls, until, call);
  if (!transport && transport.error().certificate && tls_->refused(tls.generation, Clock::now())) {
    // A CA that was rotated a moment ago: its file says so already.
    tls = tls_->get(Clock::now());
    transport = co_await connect(reaper_.get_executor(), config_, tls, until, call);
  }
  if (!transport) co_return transport.error();
  if (closed_) co_return ConnectFailure{shut_down()};
  ++opened_;
  co_return Lease(std::move(*place), Connection{std::move(*transport), tls.generation, {}}, false);
}

bool ConnectionPool::has_place(Purpose purpose, std::size_t caller) const {
  const std::size_t free = max_ - std::min(callers(), max_);
  switch (purpose) {
    case Purpose::call:
      return free > 0 && (caller == 0 || held(caller).calls < std::min(max_each_, free));
    case Purpose::stream:
      return free > 0 && in_use(Purpose::stream) < max_streams_;
    case Purpose::review:
    case Purpose::upkeep:
      break;
  }
  return true;
}

ConnectionPool::Held ConnectionPool::held(std::size_t caller) const {
  const auto found = held_.find(caller);
  return found == held_.end() ? Held{} : found->second;
}

Task<Result<ConnectionPool::Place>> ConnectionPool::take_place(Purpose purpose, Call call) {
  if (closed_) co_return shut_down();
  if (auto error = ended(call)) co_return std::move(*error);
  if (has_place(purpose, call.caller)) co_return Place(shared_from_this(), purpose, call.caller);
  Waiter waiter(*this, purpose, call);
  {
    std::stop_callback give_up(call.stop, [&waiter] { waiter.wake.cancel(); });
    co_await waiter.wake.async_wait(asio::as_tuple(use_task));
  }
  if (closed_) co_return shut_down();
  if (auto error = ended(call)) co_return std::move(*error);
  if (waiter.refused) co_return std::move(*waiter.refused);
  co_return std::move(*waiter.place);
}

void ConnectionPool::give_up(const Error& error) {
  idle_.clear();
  for (Waiter* waiter : waiters_) {
    waiter->refused = error;
    waiter->wake.cancel();
  }
}

std::optional<ConnectionPool::Connection> ConnectionPool::take_idle() {
  while (!idle_.empty()) {
    Connection connection = std::move(idle_.back());
    idle_.pop_back();
    if (usable(connection)) return connection;
  }
  return std::nullopt;
}

bool ConnectionPool::usable(Connection& connection) {
  const auto now = Clock::now();
  return connection.generation == tls_->get(now).generation && now - connection.idle_since < idle_timeout_ &&
         !stale(connection.transport);
}

/// Streams that may not have the place do not hold up the calls behind them.
void ConnectionPool::serve_waiters() {
  auto next = waiters_.end();
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (auto each = waiters_.begin(); each != waiters_.end(); ++each) {
    const auto has = held((*each)->caller).all();
    if (has < fewest && has_place((*each)->purpose, (*each)->caller)) {
      next = each;
      fewest = has;
    }
  }
  if (next == waiters_.end()) return;
  Waiter& waiter = **next;
  waiters_.erase(next);
  waiter.place.emplace(shared_from_this(), waiter.purpose, waiter.caller);
  waiter.wake.cancel();
}

void ConnectionPool::give_back(Connection connection) {
  if (closed_ || !connection.transport.is_open()) return;
  if (idle_.size() == max_) idle_.pop_front();
  connection.transport.no_deadline();
  connection.idle_since = Clock::now();
  idle_.push_back(std::move(connection));
  if (!reaping_) reap();
}

/// Closes what has been idle for too long, and comes again when the next one will have been.
void ConnectionPool::reap() {
  const auto now = Clock::now();
  std::erase_if(idle_, [&](const Connection& c) { return now - c.idle_since >= idle_timeout_; });
  reaping_ = !idle_.empty();
  if (!reaping_) return;
  reaper_.expires_at(idle_.front().idle_since + idle_timeout_);
  reaper_.async_wait([weak = weak_from_this()](error_code) {
    if (const auto self = weak.lock()) self->reap();
  });
}

PoolStats ConnectionPool::stats() const {
  return {.in_use = callers() + in_use(Purpose::review) + in_use(Purpose::upkeep),
          .streams = in_use(Purpose::stream),
          .idle = idle_.size(),
          .waiting = waiters_.size(),
          .opened = opened_,
          .reused = reused_};
}

void ConnectionPool::shutdown() {
  closed_ = true;
  idle_.clear();
  reaper_.cancel();
  for (Waiter* waiter : waiters_) waiter->wake.cancel();
}

}  // namespace quartermaster::kubeapi
