// The circuit with a clock: sees to it that probes are sent when they are due, and says when it opens and closes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>

#include "kubeapi/call.hpp"
#include "kubeapi/circuit.hpp"

namespace quartermaster::kubeapi {

class CircuitKeeper : public std::enable_shared_from_this<CircuitKeeper> {
 public:
  /// Asks the API server for something small on a new connection. What comes of it is told to the keeper as it is of
  /// any other request.
  using Probe = std::function<Task<void>(Call call)>;
  /// What callers get from now on, once it opens; nothing once it closes.
  using Changed = std::function<void(const std::optional<Error>& error)>;

  CircuitKeeper(asio::io_context& loop, const CircuitOptions& options, Probe probe, Changed changed);

  /// A caller's request, until it has an answer or none.
  class Asking {
   public:
    explicit Asking(std::shared_ptr<CircuitKeeper> keeper);
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;
    ~Asking();

   private:
    const std::shared_ptr<CircuitKeeper> keeper_;
  };

  bool is_open() const { return circuit_.is_open(); }
  /// What callers get meanwhile.
  Error error() const;

  // As the circuit's.
  void heard();
  void failed(std::string_view why);

  /// No more probes.
  void stop();

 private:
  void tell(bool was_open);
  void schedule();
  void look();
  double random();
  static Task<void> run_probe(std::shared_ptr<CircuitKeeper> self, Call call);

  Circuit circuit_;
  const Clock::duration probe_timeout_;
  const Probe probe_;
  const Changed changed_;
  Timer timer_;
  Clock::time_point armed_for_ = Clock::time_point::max();
  std::minstd_rand generator_{std::random_device{}()};
  std::string why_;
  std::stop_source stop_;
};

}  // namespace quartermaster::kubeapi
