// Whether it makes sense to ask the API server at all: a circuit breaker, without sockets and clock.
//
//   closed   all is well. Connections that cannot be made, and connections that are lost before an answer, open it when
//            several come in a row. So does a probe that gets no answer. A probe is due once callers have been waiting
//            for long and nothing has come from the API server meanwhile: so neither one slow request nor a caller who
//            hangs up can open it.
//   open     callers' requests fail at once. Probes are due again and again, less and less often. Whatever comes from
//            the API server closes it.
#pragma once

#include <optional>

#include "kubeapi/task.hpp"

namespace quartermaster::kubeapi {

struct CircuitOptions {
  int failures = 5;  // in a row
  Clock::duration silence = std::chrono::seconds(2);
  Clock::duration first_interval = std::chrono::milliseconds(250);  // of probes; doubled each time
  Clock::duration longest_interval = std::chrono::seconds(5);
  Clock::duration probe_timeout = std::chrono::seconds(3);
};

class Circuit {
 public:
  explicit Circuit(const CircuitOptions& options) : options_(options), interval_(options.first_interval) {}

  // What happens. `random` is in [0, 1).

  /// A caller's request begins, and ends, however.
  void asked(Clock::time_point now);
  void settled() { --asking_; }
  /// A byte has come from the API server.
  void heard(Clock::time_point now);
  /// No connection can be made, or a new one was lost before a byte of the answer.
  void failed(Clock::time_point now, double random);
  void probe_begun();
  /// What has been heard meanwhile is its answer.
  void probe_ended(Clock::time_point now, double random);

  // What follows.

  bool is_open() const { return open_; }
  /// When the next probe is due, as far as is known: it may come to be later. Nothing: there is no need of one.
  std::optional<Clock::time_point> next_probe() const;
  /// Of an open one: until something may have changed, in whole seconds, at least 1.
  std::chrono::seconds retry_after(Clock::time_point now) const;

 private:
  void open(Clock::time_point now, double random);
  void await_next_probe(Clock::time_point now, double random);

  const CircuitOptions options_;
  bool open_ = false;
  bool probing_ = false, answered_ = false;
  int failures_ = 0;  // in a row
  int asking_ = 0;    // callers' requests
  Clock::time_point last_heard_{};
  std::optional<Clock::time_point> asked_at_;  // first since then
  Clock::duration interval_;
  Clock::time_point next_probe_{};  // of an open one
};

}  // namespace quartermaster::kubeapi
