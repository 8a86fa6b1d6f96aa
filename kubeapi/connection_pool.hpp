// Connections to the API server: a bounded number, kept for the next request.
//
//   acquire() -> Lease -> keep()      the connection is good for another request
//                     \-> destroyed   it is closed
//
// The connection used last is reused first, so that the others come of age and close. Whoever finds no room waits in
// line; a place that becomes free goes to the first in line directly, with its connection if that is still good.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "kubeapi/client.hpp"
#include "kubeapi/connector.hpp"

namespace quartermaster::kubeapi {

class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
  struct Connection {
    Transport transport;
    std::uint64_t generation;  // TlsSource::Context
    Clock::time_point idle_since;
  };

  /// One of the `max_connections` places.
  class Place {
   public:
    explicit Place(std::shared_ptr<ConnectionPool> pool) : pool_(std::move(pool)) {}
    Place(Place&&) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (pool_) pool_->free_place();
    }
    ConnectionPool& pool() { return *pool_; }

   private:
    std::shared_ptr<ConnectionPool> pool_;
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
  Task<LeaseResult> acquire(bool fresh, Call call);

  PoolStats stats() const;
  /// Closes idle connections, and the others when they are given back; whoever waits gets an error.
  void shutdown();

 private:
  struct Waiter;

  Task<Result<Place>> take_place(Call call);
  std::optional<Connection> take_idle();
  void free_place();
  void give_back(Connection connection);
  bool usable(Connection& connection);
  void reap();

  const ClusterConfig config_;
  const std::size_t max_;
  const Clock::duration idle_timeout_;
  const Clock::duration connect_timeout_;
  const std::shared_ptr<TlsSource> tls_;
  std::size_t in_use_ = 0;       // places taken
  std::deque<Connection> idle_;  // the one used last at the back
  std::list<Waiter*> waiters_;   // first come first
  Timer reaper_;
  bool reaping_ = false;
  bool closed_ = false;
  std::uint64_t opened_ = 0, reused_ = 0;
};

}  // namespace quartermaster::kubeapi
