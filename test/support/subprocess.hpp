// A child process of a test: started, watched and never left behind, not even when the test program itself is killed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quartermaster::test {

class Subprocess {
 public:
  struct Options {
    std::vector<std::string> environment = {};  // "NAME=value", instead of or beside ours
    std::vector<std::string> unset = {};        // names taken out of ours
    std::string log_file = {};                  // where its output goes; empty: kept for output()
  };

  /// Starts argv[0], found by PATH. Throws std::system_error if the process cannot be made; a program that cannot be
  /// executed exits with 127.
  explicit Subprocess(const std::vector<std::string>& argv) : Subprocess(argv, Options{}) {}
  Subprocess(const std::vector<std::string>& argv, Options options);
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;
  ~Subprocess();  // kills it, and waits for it

  pid_t pid() const;
  bool running();
  void signal(int number);
  /// The exit code, 128 + n if signal n ended it, or nothing if it still runs after `bound`.
  std::optional<int> wait(std::chrono::milliseconds bound);

  /// What it has written so far to standard output and error.
  std::string output() const;
  /// The first line of the output, past or to come, that `accept` likes; nothing after `bound`, or when it ends
  /// without.
  std::optional<std::string> wait_for_line(const std::function<bool(std::string_view)>& accept,
                                           std::chrono::milliseconds bound) const;

  /// Resident memory in KiB, from /proc.
  long resident_kib() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quartermaster::test
