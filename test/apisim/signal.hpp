// Wakes all that wait for something to change. For one loop.
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <vector>

#include "kubeapi/task.hpp"

namespace quartermaster::apisim {

class Signal {
 public:
  void notify() {
    for (auto* timer : waiting_) timer->cancel();
  }

  /// Until notify() or `until`, whichever comes first. Who waits checks again what it waits for.
  Task<void> wait(asio::io_context& loop, Clock::time_point until) {
    Timer timer(loop.get_executor(), until);
    const Entry entry(*this, timer);
    co_await timer.async_wait(asio::as_tuple(use_task));
  }

 private:
  struct Entry {
    Entry(Signal& s, Timer& t) : signal(s), timer(&t) { signal.waiting_.push_back(timer); }
    ~Entry() { std::erase(signal.waiting_, timer); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    Signal& signal;
    Timer* timer;
  };
  std::vector<Timer*> waiting_;
};

}  // namespace quartermaster::apisim
