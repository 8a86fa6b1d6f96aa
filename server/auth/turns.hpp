// Whose turn it is to ask the API server: so many at once, so many of one, the others in line, and a bounded line. One
// who sends garbage fills its own share, and nobody else's.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <string>

namespace quartermaster::auth {

class Turns {
 public:
  struct Limits {
    std::size_t running = 16;
    std::size_t running_of_one = 4;
    std::size_t waiting = 256;
    std::size_t waiting_of_one = 64;
  };

  explicit Turns(Limits limits) : limits_(limits) {}

  /// Calls `start` now, or when it is the turn of `who`. False: the line is full, and it is never called.
  bool submit(const std::string& who, std::function<void()> start);
  /// What was started for `who` has ended: starts the next.
  void finished(const std::string& who);

  std::size_t running() const { return running_; }
  std::size_t waiting() const { return line_.size(); }

 private:
  struct Share {
    std::size_t running = 0, waiting = 0;
  };
  using Shares = std::map<std::string, Share>;
  struct Waiting {
    Shares::iterator share;
    std::function<void()> start;
  };

  bool may_run(const Share& share) const;
  void run(Shares::iterator share, const std::function<void()>& start);

  Limits limits_;
  std::size_t running_ = 0;
  Shares shares_;  // of those that run or wait
  std::list<Waiting> line_;
};

}  // namespace quartermaster::auth
