// Connections to the API server: a bounded number, kept for the next request.
//
//   acquire() -> Lease -> keep()      the connection is good for another request
//                     \-> destroyed   it is closed
//
// The connection used last is reused first, so that the others come of age and close. Whoever finds no room waits in
// line; a place that becomes free goes to whose caller has the fewest, and of one caller's to the first in line. The
// calls of one caller have at most a quarter of the places, and at most as many as are left free: one who asks for all
// it can get does not keep the API server so busy that all others wait for it.
//
// Streams, which may go on for ever, may have most of the places, but not all: calls always find some. Reviews and what
// keeps the service itself going (Purpose::upkeep) are limited in number by whoever does them, and take no place of
// callers.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "kubeapi/client.hpp"
#include "kubeapi/connector.hpp"

namespace quartermaster::kubeapi {

class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
  /// Places taken.
  struct Held {
    std::size_t calls = 0, others = 0;
    std::size_t& in(Purpose purpose) { return purpose == Purpose::call ? calls : others; }
    std::size_t all() const { return calls + others; }
  };
  struct Connection {
    Transport transport;
    std::uint64_t generation;  // TlsSource::Context
    Clock::time_point idle_since;
  };

  /// Taken, as long as it is there.
  class Place {
   public:
    Place(std::shared_ptr<ConnectionPool> pool, Purpose purpose, std::size_t caller)
        : pool_(std::move(pool)), purpose_(purpose), caller_(caller) {
      ++pool_->in_use(purpose_);
      ++pool_->held_[caller_].in(purpose_);
    }
    Place(Place&&) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (!pool_) return;
      --pool_->in_use(purpose_);
      const auto held = pool_->held_.find(caller_);
      --held->second.in(purpose_);
      if (held->second.all() == 0) pool_->held_.erase(held);
      pool_->serve_waiters();
    }
    ConnectionPool& pool() { return *pool_; }

   private:
    std::shared_ptr<ConnectionPool> pool_;
    Purpose purpose_;
    std::size_t caller_;
  };

 public:
  class Lease {
   public:
    Transport& transport() { return connection_.transport; }
    /// It has served a request before: the other side may have closed it meanwhile.
    bool reused() const { return reused_; }
    /// Of the TLS context that it was made with.
    std::uint64_t generation() const { return connection_.generation; }
    /// Ends the lease; the connection is between two requests.
    void keep();

   private:
    friend class ConnectionPool;
    Lease(Place place, Connection connection, bool reused)
        : place_(std::move(place)), connection_(std::move(connection)), reused_(reused) {}
    Place place_;  // destroyed after the connection, so that never too many are open
    Connection connection_;
    bool reused_;
  };
  using LeaseResult = boost::system::result<Lease, ConnectFailure>;

  ConnectionPool(asio::io_context& loop, ClusterConfig config, const ClientOptions& options,
                 std::shared_ptr<TlsSource> tls);

  /// Errors as of connect(); unavailable also after shutdown(). `fresh`: not one that has been used before. The
  /// transport has no deadline yet.
  Task<LeaseResult> acquire(Purpose purpose, bool fresh, Call call);
  /// The API server is away: whoever waits for a place gets this error, and idle connections, which may be dead without
  /// anybody having been told, are closed.
  void give_up(const Error& error);

  PoolStats stats() const;
  /// Closes idle connections, and the others when they are given back; whoever waits gets an error.
  void shutdown();

 private:
  struct Waiter;

  std::size_t& in_use(Purpose purpose) { return in_use_[static_cast<std::size_t>(purpose)]; }
  std::size_t in_use(Purpose purpose) const { return in_use_[static_cast<std::size_t>(purpose)]; }
  std::size_t callers() const { return in_use(Purpose::call) + in_use(Purpose::stream); }
  bool has_place(Purpose purpose, std::size_t caller) const;
  Held held(std::size_t caller) const;
  Task<Result<Place>> take_place(Purpose purpose, Call call);
  std::optional<Connection> take_idle();
  void serve_waiters();
  void give_back(Connection connection);
  bool usable(Connection& connection);
  void reap();

  const ClusterConfig config_;
  const std::size_t max_;          // calls and streams
  const std::size_t max_streams_;  // of these
  const std::size_t max_each_;     // of these calls of one caller
  const Clock::duration idle_timeout_;
  const Clock::duration connect_timeout_;
  const std::shared_ptr<TlsSource> tls_;
  std::array<std::size_t, 4> in_use_{};         // places taken, by purpose
  std::unordered_map<std::size_t, Held> held_;  // by Call::caller
  std::deque<Connection> idle_;                 // the one used last at the back
  std::list<Waiter*> waiters_;                  // in the order in which they came
  Timer reaper_;
  bool reaping_ = false;
  bool closed_ = false;
  std::uint64_t opened_ = 0, reused_ = 0;
};

}  // namespace quartermaster::kubeapi
