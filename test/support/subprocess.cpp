#include "test/support/subprocess.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <fstream>
#include <mutex>
#include <system_error>
#include <thread>

#include "test/support/wait.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX does not promise a header for it

namespace quartermaster::test {

struct Subprocess::State {
  pid_t pid = -1;
  std::optional<int> exit_code;

  std::thread reader;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::string output;
  bool ended = false;

  void read_all(int fd) {
    char buffer[4096];
    for (;;) {
      const ssize_t n = ::read(fd, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      const std::lock_guard lock(mutex);
      if (n > 0) output.append(buffer, static_cast<std::size_t>(n));
      ended = n <= 0;
      changed.notify_all();
      if (ended) break;
    }
    ::close(fd);
  }
};

namespace {

std::string name_of(const std::string& entry) { return entry.substr(0, entry.find('=')); }

std::vector<std::string> child_environment(const Subprocess::Options& options) {
  std::vector<std::string> hidden = options.unset;
  for (const std::string& entry : options.environment) hidden.push_back(name_of(entry));
  std::vector<std::string> all = options.environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::find(hidden.begin(), hidden.end(), name_of(*entry)) == hidden.end()) all.emplace_back(*entry);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Subprocess::Subprocess(const std::vector<std::string>& argv, Options options) : state_(std::make_unique<State>()) {
  std::vector<std::string> arguments = argv;
  std::vector<std::string> environment = child_environment(options);
  const std::vector<char*> raw_arguments = pointers(arguments);
  const std::vector<char*> raw_environment = pointers(environment);

  int ends[2] = {-1, -1};
  if (options.log_file.empty()) {
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  } else {
    ends[1] = ::open(options.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (ends[1] < 0) throw std::system_error(errno, std::generic_category(), options.log_file);
  }
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const pid_t parent = ::getpid();
  state_->pid = ::fork();
  if (state_->pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (state_->pid == 0) {
    // Only async-signal-safe calls from here on: the test program has threads.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(nothing, 0);
    ::dup2(ends[1], 1);
    ::dup2(ends[1], 2);
    ::close_range(3, ~0U, 0);  // Asio opens its sockets without CLOEXEC: the child would keep them open
    ::execvpe(raw_arguments[0], raw_arguments.data(), raw_environment.data());
    ::_exit(127);
  }
  ::close(nothing);
  ::close(ends[1]);
  if (ends[0] >= 0) {
    state_->reader = std::thread(&State::read_all, state_.get(), ends[0]);
  } else {
    state_->ended = true;
  }
}

Subprocess::~Subprocess() {
  if (running()) {
    signal(SIGKILL);
    wait(std::chrono::seconds(10));
  }
  if (state_->reader.joinable()) state_->reader.join();
}

pid_t Subprocess::pid() const { return state_->pid; }

bool Subprocess::running() { return !wait(std::chrono::milliseconds(0)); }

void Subprocess::signal(int number) {
  if (!state_->exit_code) ::kill(state_->pid, number);
}

std::optional<int> Subprocess::wait(std::chrono::milliseconds bound) {
  poll_until(
      [this] {
        int status = 0;
        if (!state_->exit_code && ::waitpid(state_->pid, &status, WNOHANG) == state_->pid) {
          state_->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        return state_->exit_code.has_value();
      },
      bound);
  return state_->exit_code;
}

std::string Subprocess::output() const {
  const std::lock_guard lock(state_->mutex);
  return state_->output;
}

std::optional<std::string> Subprocess::wait_for_line(const std::function<bool(std::string_view)>& accept,
                                                     std::chrono::milliseconds bound) const {
  std::unique_lock lock(state_->mutex);
  std::size_t begin = 0;
  std::optional<std::string> found;
  const auto look = [&] {
    for (std::size_t end; !found && (end = state_->output.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const std::string line = state_->output.substr(begin, end - begin);
      if (accept(line)) found = line;
    }
    return found.has_value() || state_->ended;
  };
  state_->changed.wait_for(lock, bound, look);
  return found;
}

long Subprocess::resident_kib() const {
  std::ifstream status("/proc/" + std::to_string(state_->pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

}  // namespace quartermaster::test
