// The circuit breaker of Nygard's "Release It!", with probes in place of a half-open state: no caller has to wait to
// find out.
#include "kubeapi/circuit.hpp"

#include <algorithm>

namespace quartermaster::kubeapi {

void Circuit::asked(Clock::time_point now) {
  ++asking_;
  // Those before may have given up without an answer: then the silence goes on.
  if (!asked_at_) asked_at_ = now;
}

void Circuit::heard(Clock::time_point now) {
  open_ = false;
  answered_ = true;
  failures_ = 0;
  interval_ = options_.first_interval;
  last_heard_ = now;
  asked_at_.reset();
}

void Circuit::failed(Clock::time_point now, double random) {
  if (!open_ && ++failures_ >= options_.failures) open(now, random);
}

void Circuit::probe_begun() {
  probing_ = true;
  answered_ = false;
}

void Circuit::probe_ended(Clock::time_point now, double random) {
  probing_ = false;
  if (answered_) return;
  if (open_)
    await_next_probe(now, random);
  else
    open(now, random);
}

std::optional<Clock::time_point> Circuit::next_probe() const {
  if (probing_) return std::nullopt;
  if (open_) return next_probe_;
  if (asking_ > 0) return asked_at_.value_or(last_heard_) + options_.silence;
  return std::nullopt;
}

std::chrono::seconds Circuit::retry_after(Clock::time_point now) const {
  const auto until = std::chrono::ceil<std::chrono::seconds>(next_probe_ - now);
  return std::max(until, std::chrono::seconds(1));
}

void Circuit::open(Clock::time_point now, double random) {
  open_ = true;
  await_next_probe(now, random);
}

/// Half of the interval at least, and a random part of the rest: replicas are not to come all at once.
void Circuit::await_next_probe(Clock::time_point now, double random) {
  next_probe_ = now + interval_ / 2 + std::chrono::duration_cast<Clock::duration>(interval_ / 2 * random);
  interval_ = std::min(interval_ * 2, options_.longest_interval);
}

}  // namespace quartermaster::kubeapi
