#include "kubeapi/log_follower.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <random>
#include <utility>

#include "model/container_run.hpp"

namespace quartermaster::kubeapi {
namespace {

constexpr auto kAnswerTime = std::chrono::seconds(10);  // for the head of an answer
constexpr auto kLine = std::chrono::seconds(1);         // for a line that is under way to come

Clock::time_point answer_by(const Call& call) {
  return call.deadline == Clock::time_point::max() ? Clock::now() + kAnswerTime : call.deadline;
}

double random_part() {
  static std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.5, 1)(generator);
}

/// What the API server says of a request that may be right a moment later.
bool may_pass(const Error& error) {
  return error.code != ErrorCode::unauthorized && error.code != ErrorCode::forbidden &&
         error.code != ErrorCode::cancelled;
}

Error cut() { return {ErrorCode::bad_gateway, "the API server's answer ends too early"}; }

Error too_late(const Call& call) {
  if (Clock::now() >= call.deadline) return {ErrorCode::timeout, "the log was not read in time"};
  return {ErrorCode::unavailable, "the API server has not answered for too long"};
}

}  // namespace

/// Of the pod.
struct LogFollower::Seen {
  bool known = false;  // the API server has answered
  bool gone = false;
  bool waits = false;  // to be started again
  bool finished = false;
  std::optional<Error> refusal = {};
};

LogFollower::LogFollower(Api& api, LogTarget target, FollowOptions options, LogPosition at, LogSink& sink)
    : api_(api),
      target_(std::move(target)),
      options_(std::move(options)),
      grows_(options_.follow && !options_.previous),
      only_new_(grows_ && options_.tail_lines == 0),
      sink_(sink),
      resume_(at, options_.tail_lines.has_value()),
      began_(Clock::now()),
      heard_(began_),
      pause_(options_.first_pause) {}

LogFollower::~LogFollower() = default;

LogOptions LogFollower::options_for(bool former) const {
  LogOptions options{.container = target_.container, .timestamps = true};
  options.follow = grows_ && !former;
  options.previous = former || options_.previous;
  if (at().time) {
    options.since_time = format_timestamp(at().since());
  } else if (!former) {
    if (!only_new_) options.tail_lines = options_.tail_lines;
    options.since_time = options_.since_time;
    const auto since = std::chrono::ceil<std::chrono::seconds>(Clock::now() - began_);
    if (options_.since_seconds) options.since_seconds = *options_.since_seconds + since.count();
  }
  return options;
}

Task<Result<std::unique_ptr<PatientStream>>> LogFollower::open_log(LogOptions options, Call call) {
  const auto executor = co_await asio::this_coro::executor;
  auto opened = std::make_unique<PatientStream>(executor, call);
  Call bounded = opened->call(answer_by(call));
  auto stream = co_await api_.pod_log(target_.ns, target_.pod, std::move(options), std::move(bounded));
  if (!stream) co_return stream.error();
  opened->set(std::move(*stream));
  heard_ = Clock::now();
  co_return opened;
}

/// Of the last line that there is.
Task<Result<std::optional<Timestamp>>> LogFollower::last_time(Call call) {
  LogOptions options{.container = target_.container, .timestamps = true, .tail_lines = 1, .keep_deadline = true};
  call.deadline = answer_by(call);
  const auto stream = co_await api_.pod_log(target_.ns, target_.pod, std::move(options), std::move(call));
  if (!stream) co_return stream.error();
  LogLines lines;
  std::optional<Timestamp> last;
  for (;;) {
    const auto piece = co_await (*stream)->read();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return last;
    std::string_view bytes = *piece;
    while (const auto fragment = lines.next(bytes)) last = fragment->time;
  }
}

/// What is there last is the anchor.
Task<Result<void>> LogFollower::skip_to_end(Call call) {
  const auto last = co_await last_time(std::move(call));
  if (!last) co_return last.error();
  LogPosition at{.time = LogPosition::kBegin, .restarts = target_.restarts};
  if (*last) at.time = *last, at.count = LogPosition::kSome;
  resume_.start(at);
  sink_.begins(at);
  at_end_ = true;
  co_return Result<void>();
}

Task<Result<void>> LogFollower::open(Call call) {
  if (only_new_ && !at_end_ && !at().time) {
    const auto skipped = co_await skip_to_end(call);
    if (!skipped) co_return skipped.error();
  }
  resume_.begin(target_.restarts, std::exchange(complete_, false));
  auto options = options_for(false);
  auto opened = co_await open_log(std::move(options), std::move(call));
  if (!opened) co_return opened.error();
  current_ = std::move(*opened);
  co_return Result<void>();
}

/// Each turn of the loop is one reading of the log. After one that has come to its end because the container has ended
/// for good, there is one more, as only then it is known that nothing is missing.
Task<Result<void>> LogFollower::run(Call call) {
  if (!options_.keep_deadline) call.deadline = Clock::time_point::max();
  bool sure = true;  // that the pod is the same
  for (bool last = !grows_;;) {
    const auto before = progress_;
    End end = End::broken;
    if (!current_) {
      const auto opened = co_await open(call);
      // For a container that has ended for good, the kubelet will have no log later, either.
      const bool never = !opened && last && opened.error().code == ErrorCode::bad_request;
      if (!opened && (never || !may_pass(opened.error()))) co_return opened.error();
    }
    if (current_ && !sure) {
      // Logs are asked for by the pod's name: by now it may be another's.
      const auto whose = co_await look_at_pod(call);
      if (whose.gone || !whose.known) current_.reset();
    }
    if (current_) end = co_await read_current(last, call);
    if (end == End::broken && options_.previous) co_return cut();
    if (end == End::late && !grows_) co_return too_late(call);
    if (call.stop.stop_requested() || end == End::stopped || (end == End::proper && last)) co_return Result<void>();

    const auto seen = co_await await_change(end, call);
    if (Clock::now() >= call.deadline) co_return too_late(call);
    sure = seen.known;
    if (seen.refusal) co_return *seen.refusal;
    if (seen.gone && !clean_ && !options_.follow) co_return cut();  // it was to be the whole log
    if (seen.gone && !clean_) sink_.mark(LogMark::gap, at());
    if (seen.gone) co_return Result<void>();
    if (Clock::now() - heard_ > options_.give_up_after) co_return too_late(call);
    last = last || seen.finished;
    if (progress_ != before || end == End::stalled) pause_ = options_.first_pause;
    const bool go_on = co_await pause(call);
    if (!go_on) co_return Result<void>();
  }
}

/// To its end, whatever that is.
Task<LogFollower::End> LogFollower::read_current(bool last, Call call) {
  LogLines lines;
  const auto end = co_await read(*current_, lines, false, std::move(call));
  current_.reset();
  clean_ = end == End::proper;
  heard_ = Clock::now();
  if (clean_ && last) finish_line(lines);
  interrupt();
  co_return end;
}

/// The former instance's log, to its end.
Task<LogFollower::End> LogFollower::look_back(Call call) {
  auto options = options_for(true);
  auto opened = co_await open_log(std::move(options), call);
  resume_.begin_former();
  auto end = End::proper;
  if (opened) {
    const auto held = std::exchange(held_, std::nullopt);
    LogLines lines;
    end = co_await read(**opened, lines, true, call);
    if (end == End::proper) finish_line(lines);
    interrupt();
    held_ = held;
  } else if (opened.error().code != ErrorCode::bad_request && opened.error().code != ErrorCode::not_found) {
    end = End::broken;
  }
  if (end == End::proper) {
    resume_.end_former();
    tell_marks();
  }
  co_return end;
}

/// To the end of a log. Of the container's own, back to the former one's where it must be.
Task<LogFollower::End> LogFollower::read(PatientStream& stream, LogLines& lines, bool former, Call call) {
  const bool whole = former || !grows_;
  auto check_after = options_.check_after;
  Clock::duration silence{0};
  for (bool grown = false;;) {
    const bool lost = !former && resume_.lost();
    auto patience = grown ? Clock::duration(kLine) : check_after;
    if (lost) patience = options_.look_back_after;
    if (whole) patience = std::min(patience, call.deadline - Clock::now());
    const auto piece = co_await stream.read(patience);
    if (call.stop.stop_requested()) co_return End::stopped;
    if (whole && Clock::now() >= call.deadline) co_return End::late;
    const bool ended = piece && *piece && (*piece)->empty();
    if ((!piece || ended) && lost) {
      const auto end = co_await look_back(call);
      if (end != End::proper) co_return end;
    }
    if (ended) co_return End::proper;
    if (piece && !*piece) co_return End::broken;
    if (!piece) {
      if (grown) co_return End::stalled;
      silence += patience;
      if (whole && silence >= options_.check_after * 2) co_return End::late;
      if (whole || lost) continue;
      const auto behind = co_await unread(call);
      complete_ = behind == Unread::file;
      if (complete_) co_return End::stalled;
      grown = behind == Unread::lines;
      check_after = std::min(check_after * 2, options_.check_after * 4);
      continue;
    }
    grown = false;
    silence = {};
    heard_ = Clock::now();
    check_after = options_.check_after;
    auto bytes = **piece;
    while (!consume(lines, bytes)) {
      const auto end = co_await look_back(call);
      if (end != End::proper) co_return end;
    }
    if (!sink_.full()) continue;
    const bool wanted = co_await sink_.room();
    if (!wanted) co_return End::stopped;
  }
}

/// What there is behind the lines that were delivered. Kubelets have been known to lose track of a log that was
/// rotated: lines that the stream does not bring in a moment have got lost to it, and so will those of a file that has
/// none yet.
Task<LogFollower::Unread> LogFollower::unread(Call call) {
  const auto last = co_await last_time(std::move(call));
  if (!last) co_return Unread::nothing;
  heard_ = Clock::now();
  if (!*last) co_return resume_.in_file() ? Unread::file : Unread::nothing;
  co_return !at().time || **last > *at().time ? Unread::lines : Unread::nothing;
}

/// False: at the beginning of a line, which is held, a look back is due.
bool LogFollower::consume(LogLines& lines, std::string_view& bytes) {
  for (;;) {
    auto fragment = held_ ? std::exchange(held_, std::nullopt) : lines.next(bytes);
    if (!fragment) return true;
    if (fragment->begins) {
      const auto step = resume_.line(fragment->time);
      tell_marks();
      if (step == LogResume::Step::look_back) {
        held_ = fragment;
        return false;
      }
      delivering_ = step == LogResume::Step::deliver;
    }
    if (delivering_) take(*fragment);
  }
}

void LogFollower::take(const LogFragment& fragment) {
  partial_ = !fragment.ends;
  if (fragment.ends) {
    ++progress_;
    resume_.delivered(fragment.time);
  }
  sink_.fragment(fragment, at());
}

/// At the end of a log: what has no line feed is a line, too.
void LogFollower::finish_line(LogLines& lines) {
  if (auto rest = lines.rest()) {
    held_ = rest;
    std::string_view nothing;
    consume(lines, nothing);
    held_.reset();
  }
  if (!partial_) return;
  take({.text = {}, .time = lines.time(), .stamp = {}, .begins = false, .ends = true, .open = true});
}

void LogFollower::interrupt() {
  held_.reset();
  delivering_ = false;
  if (std::exchange(partial_, false)) sink_.interrupted();
}

void LogFollower::tell_marks() {
  while (const auto mark = resume_.next_mark()) sink_.mark(*mark, at());
}

Task<LogFollower::Seen> LogFollower::look_at_pod(Call call) {
  call.deadline = answer_by(call);
  const auto pod = co_await api_.get(model::Kind::pod, target_.ns, target_.pod, {}, std::move(call));
  Seen seen;
  if (pod) {
    if (options_.follow) heard_ = Clock::now();  // else it is the log alone that counts
    const auto run = model::container_run(pod->root(), target_.container);
    seen.known = true;
    seen.gone = pod->root()["metadata"]["uid"].string() != target_.uid;
    seen.finished = run.finished;
    seen.waits = !run.running && !run.finished && !seen.gone && run.restarts == target_.restarts;
    target_.restarts = run.restarts;
  } else if (pod.error().code == ErrorCode::not_found) {
    seen.gone = true;
  } else if (!may_pass(pod.error()) && pod.error().code != ErrorCode::cancelled) {
    seen.refusal = pod.error();
  }
  co_return seen;
}

/// Between two readings: as long as there can be nothing new, it takes no more than a look at the pod.
Task<LogFollower::Seen> LogFollower::await_change(End end, Call call) {
  auto seen = co_await look_at_pod(call);
  while (end == End::proper && seen.waits) {
    const bool go_on = co_await pause(call);
    if (!go_on) break;
    seen = co_await look_at_pod(call);
  }
  co_return seen;
}

/// False: stopped.
Task<bool> LogFollower::pause(Call call) {
  const auto pause = std::chrono::duration_cast<Clock::duration>(pause_ * random_part());
  pause_ = std::min(pause_ * 2, options_.longest_pause);
  const auto slept = co_await sleep_for(pause, call);
  co_return slept.has_value();
}

}  // namespace quartermaster::kubeapi
