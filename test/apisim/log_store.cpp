#include "test/apisim/log_store.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <charconv>
#include <deque>
#include <map>
#include <mutex>

namespace quartermaster::apisim {
namespace {

constexpr std::size_t kPiece = 32U << 10;
constexpr std::size_t kGeneratedLine = 64;  // bytes, the line feed included
constexpr Timestamp kNumberedBegin{std::chrono::sys_days{std::chrono::January / 1 / 2024}};
constexpr std::uint64_t kNumberedAtOnce = 3;
constexpr auto kNumberedStep = std::chrono::microseconds(100);

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool truth(std::string_view text) { return text != "false" && text != "0"; }

/// Go's RFC3339Nano as the container runtime writes it: always nine digits.
std::string log_time(Timestamp time) {
  auto text = format_timestamp(std::chrono::floor<std::chrono::seconds>(time));
  const auto nano = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
  auto digits = std::to_string(nano);
  text.pop_back();
  return text + "." + std::string(9 - digits.size(), '0') + digits + "Z";
}

/// One instance of a container.
struct Log {
  std::vector<LogEntry> entries;
  bool finished = false;
  std::uint64_t generated = 0;      // lines of a log that is made while it is read
  std::uint64_t first = 0;          // the number of the first of these
  bool timed = false;               // these have times
  std::size_t rotated_entries = 0;  // those before are in another file
  std::uint64_t rotated = 0;        // likewise, of lines that are generated

  /// Where the last `count` entries begin: the kubelet, too, counts what the runtime wrote, a partial line as one.
  std::size_t tail(std::int64_t count) const {
    return entries.size() - std::min(entries.size() - rotated_entries, static_cast<std::size_t>(count));
  }
  std::uint64_t generated_tail(std::int64_t count) const {
    return generated - std::min(generated - rotated, static_cast<std::uint64_t>(count));
  }
};

using LogPtr = std::shared_ptr<Log>;

Timestamp time_of_number(std::uint64_t number) {
  return kNumberedBegin + static_cast<std::int64_t>(number / kNumberedAtOnce) * kNumberedStep;
}

/// The first one that is not older.
std::uint64_t number_since(Timestamp since) {
  if (since <= kNumberedBegin) return 0;
  const auto steps = (since - kNumberedBegin + kNumberedStep - std::chrono::nanoseconds(1)) / kNumberedStep;
  return static_cast<std::uint64_t>(steps) * kNumberedAtOnce;
}

/// A line of a generated log: its number, then the same letters.
void append_generated(std::string& out, std::uint64_t line) {
  auto text = "line " + std::to_string(line) + " ";
  text.resize(kGeneratedLine - 1, 'x');
  out.append(text).append("\n");
}

}  // namespace

LogQuery parse_log_query(const std::vector<std::pair<std::string, std::string>>& query) {
  LogQuery result;
  for (const auto& [name, value] : query) {
    if (name == "follow") result.follow = truth(value);
    if (name == "previous") result.previous = truth(value);
    if (name == "timestamps") result.timestamps = truth(value);
    if (name == "tailLines") result.tail_lines = number(value);
    if (name == "limitBytes") result.limit_bytes = number(value);
    if (name == "sinceTime") result.since = parse_timestamp(value);
    if (name == "sinceSeconds") {
      if (const auto n = number(value)) result.since = std::chrono::system_clock::now() - std::chrono::seconds(*n);
    }
  }
  return result;
}

struct LogStore::Impl : std::enable_shared_from_this<Impl> {
  struct Instances {
    LogPtr current, previous;
    std::uint64_t next_number = 0;
  };
  struct Waiter {
    Executor executor;
    std::function<void()> wake;
  };

  mutable std::mutex mutex;
  std::map<ContainerId, Instances> logs;
  std::map<const void*, Waiter> waiters;
  std::size_t readers = 0;

  LogPtr& current(const ContainerId& id) {
    auto& log = logs[id].current;
    if (!log) log = std::make_shared<Log>();
    return log;
  }

  void wake_all() const {
    for (const auto& [key, waiter] : waiters) asio::post(waiter.executor, waiter.wake);
  }
};

namespace {

/// Reads a log that may grow. What is rendered is one piece at a time.
class LogReader : public ByteStream {
 public:
  LogReader(std::shared_ptr<LogStore::Impl> store, LogPtr log, const LogQuery& query, std::stop_token stop);
  ~LogReader() override;
  Task<Result<std::string_view>> read() override;

 private:
  /// Renders what there is into piece_. True at the end.
  bool render();
  void render_generated();
  /// Cuts piece_ to the limit. True when that is used up.
  bool apply_limit();

  std::shared_ptr<LogStore::Impl> store_;
  LogPtr log_;
  LogQuery query_;
  std::stop_token stop_;
  std::size_t next_ = 0;         // entry
  std::uint64_t generated_ = 0;  // line
  std::string piece_;
  bool ended_ = false;
  std::shared_ptr<Timer> timer_;
};

LogReader::LogReader(std::shared_ptr<LogStore::Impl> store, LogPtr log, const LogQuery& query, std::stop_token stop)
    : store_(std::move(store)), log_(std::move(log)), query_(query), stop_(std::move(stop)) {
  const std::scoped_lock lock(store_->mutex);
  ++store_->readers;
  next_ = query.tail_lines ? log_->tail(*query.tail_lines) : log_->rotated_entries;
  generated_ = query.tail_lines ? log_->generated_tail(*query.tail_lines) : log_->rotated;
  if (!query.since || !log_->timed) return;
  const auto since = number_since(*query.since);
  generated_ = std::max(generated_, since > log_->first ? since - log_->first : 0);
}

LogReader::~LogReader() {
  const std::scoped_lock lock(store_->mutex);
  store_->waiters.erase(this);
  --store_->readers;
}

Task<Result<std::string_view>> LogReader::read() {
  const auto executor = co_await asio::this_coro::executor;
  if (!timer_) timer_ = std::make_shared<Timer>(executor);
  const std::stop_callback wake(stop_, [timer = timer_] { timer->cancel(); });
  for (;;) {
    piece_.clear();
    if (ended_ || stop_.stop_requested()) co_return std::string_view();
    timer_->expires_at(Clock::time_point::max());
    {
      const std::scoped_lock lock(store_->mutex);
      ended_ = render();
      if (apply_limit()) ended_ = true;
      if (piece_.empty() && !ended_)
        store_->waiters.insert_or_assign(this, LogStore::Impl::Waiter{executor, [t = timer_] { t->cancel(); }});
    }
    if (!piece_.empty()) co_return std::string_view(piece_);
    if (!ended_) co_await timer_->async_wait(asio::as_tuple(use_task));
  }
}

bool LogReader::render() {
  render_generated();
  for (; next_ < log_->entries.size() && piece_.size() < kPiece; ++next_) {
    const auto& entry = log_->entries[next_];
    if (query_.since && entry.time < *query_.since) continue;
    if (query_.timestamps) piece_.append(log_time(entry.time)).append(" ");
    piece_.append(entry.text);
  }
  return next_ == log_->entries.size() && generated_ >= log_->generated && (!query_.follow || log_->finished);
}

void LogReader::render_generated() {
  for (; generated_ < log_->generated && piece_.size() < kPiece; ++generated_) {
    const auto number = log_->first + generated_;
    if (query_.timestamps && log_->timed) piece_.append(log_time(time_of_number(number))).append(" ");
    append_generated(piece_, number);
  }
}

bool LogReader::apply_limit() {
  if (!query_.limit_bytes) return false;
  const auto left = static_cast<std::size_t>(*query_.limit_bytes);
  if (piece_.size() > left) piece_.resize(left);
  *query_.limit_bytes -= static_cast<std::int64_t>(piece_.size());
  return *query_.limit_bytes == 0;
}

}  // namespace

LogStore::LogStore() : impl_(std::make_shared<Impl>()) {}
LogStore::~LogStore() = default;

void LogStore::append(const ContainerId& id, LogEntry entry) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->current(id)->entries.push_back(std::move(entry));
  impl_->wake_all();
}

void LogStore::append(const ContainerId& id, std::string_view line) {
  append(id, {std::chrono::system_clock::now(), std::string(line) + "\n"});
}

void LogStore::finish(const ContainerId& id) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->current(id)->finished = true;
  impl_->wake_all();
}

void LogStore::restart(const ContainerId& id) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->current(id)->finished = true;
  auto& instances = impl_->logs[id];
  instances.previous = std::exchange(instances.current, std::make_shared<Log>());
  instances.current->first = instances.next_number;
  impl_->wake_all();
}

void LogStore::generate(const ContainerId& id, std::uint64_t bytes) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->current(id)->generated = bytes / kGeneratedLine;
  impl_->wake_all();
}

void LogStore::append_numbered(const ContainerId& id, std::uint64_t lines) {
  const std::scoped_lock lock(impl_->mutex);
  auto& log = *impl_->current(id);
  log.timed = true;
  log.generated += lines;
  impl_->logs[id].next_number += lines;
  impl_->wake_all();
}

void LogStore::rotate(const ContainerId& id) {
  const std::scoped_lock lock(impl_->mutex);
  auto& log = *impl_->current(id);
  log.rotated_entries = log.entries.size();
  log.rotated = log.generated;
}

bool LogStore::has(const ContainerId& id, bool previous) const {
  const std::scoped_lock lock(impl_->mutex);
  const auto found = impl_->logs.find(id);
  return found != impl_->logs.end() && (previous ? found->second.previous : found->second.current);
}

std::size_t LogStore::readers() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->readers;
}

void LogStore::open(const ContainerId& id) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->current(id);
}

void LogStore::remove_pod(const std::string& ns, const std::string& pod) {
  const std::scoped_lock lock(impl_->mutex);
  std::erase_if(impl_->logs, [&](auto& entry) {
    if (entry.first.ns != ns || entry.first.pod != pod) return false;
    if (entry.second.current) entry.second.current->finished = true;
    return true;
  });
  impl_->wake_all();
}

std::unique_ptr<ByteStream> LogStore::read(const ContainerId& id, const LogQuery& query, std::stop_token stop) const {
  LogPtr log;
  {
    const std::scoped_lock lock(impl_->mutex);
    if (const auto found = impl_->logs.find(id); found != impl_->logs.end()) {
      log = query.previous ? found->second.previous : found->second.current;
    }
  }
  if (!log) {
    log = std::make_shared<Log>();
    log->finished = true;
  }
  return std::make_unique<LogReader>(impl_, std::move(log), query, std::move(stop));
}

}  // namespace quartermaster::apisim
