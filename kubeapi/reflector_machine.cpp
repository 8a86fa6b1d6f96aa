// One function per input, and what they share.
#include "kubeapi/reflector_machine.hpp"

#include <algorithm>
#include <utility>

#include "model/resource_version.hpp"

namespace quartermaster::kubeapi {
namespace {

/// A watch that ends earlier, and has brought nothing, is a failure: else it would be opened again and again.
constexpr auto kShortestWatch = std::chrono::seconds(1);
/// What the API server asks for is waited for, but whatever stands before it may ask for hours.
constexpr std::chrono::seconds kLongestAskedPause{60};

/// The version is of a time that this API server has not come to yet. 1.17 and older have the message only.
bool is_too_large(const Error& error) {
  return error.message.find("Too large resource version") != std::string::npos ||
         std::ranges::any_of(error.causes,
                             [](const Cause& cause) { return cause.reason == "ResourceVersionTooLarge"; });
}

bool is_refusal(const Error& error) { return error.code == ErrorCode::bad_request || error.code == ErrorCode::invalid; }

Error bad_answer(std::string_view what) {
  return {ErrorCode::bad_gateway, "the API server's answer makes no sense: " + std::string(what)};
}

}  // namespace

ReflectorMachine::Actions ReflectorMachine::step(const Input& input, Clock::time_point now, double random) {
  at_ = {now, random};
  std::visit([this](const auto& what) { on(what); }, input);
  return std::exchange(actions_, {});
}

void ReflectorMachine::on(const input::Start&) { list(); }

void ReflectorMachine::on(const input::Stop&) {
  drop_list();
  phase_ = Phase::idle;
  status_.watching = false;
}

void ReflectorMachine::on(const input::PauseOver&) { relist_ ? list() : watch(); }

// Lists.

void ReflectorMachine::list() {
  act(action::BeginList{});
  listing_ = true;
  in_one_piece_ = holding_ = false;
  initial_version_.clear();
  if (!can_stream_ || stream_failed_) return read_page("");
  phase_ = Phase::streaming;
  open_ = had_events_ = false;
  action::OpenWatch open;
  open.options.resource_version = list_version();
  open.options.timeout = watch_timeout();
  open.options.send_initial_events = true;
  act(std::move(open));
}

void ReflectorMachine::read_page(std::string continue_token) {
  phase_ = Phase::paging;
  action::ReadPage page;
  if (!in_one_piece_) page.options.limit = options_.page_size;
  if (continue_token.empty()) {  // which else holds the version
    page.options.resource_version = list_version();
    // With a limit, any other than "0" would mean exactly that one, which may have been forgotten.
    if (!latest_ && !version_.empty()) page.options.resource_version_match = "NotOlderThan";
  }
  continue_token_ = page.options.continue_token = std::move(continue_token);
  act(std::move(page));
}

void ReflectorMachine::on(const input::PageRead& page) {
  // From no version, and from "0", a watch would not tell what has been deleted since.
  if (page.version.empty() || page.version == "0") return list_failed(bad_answer("a list without a version"));
  if (continue_token_.empty()) page_version_ = page.version;
  if (page.version != page_version_) return list_failed({ErrorCode::expired, "the pages are of different versions"});
  if (page.continue_token.empty()) {
    complete_list(page.version, false);
    return watch();
  }
  if (page.continue_token == continue_token_) return list_failed(bad_answer("a list without an end"));
  read_page(page.continue_token);
}

void ReflectorMachine::on(const input::ListFailed& failed) { list_failed(failed.error); }

void ReflectorMachine::complete_list(std::string version, bool understated) {
  act(action::EndList{version, understated});
  listing_ = latest_ = stream_failed_ = false;
  after_list_ = first_watch_ = at_once_ = true;
  status_.last_current = at_.now;
  version_ = std::move(version);
  ++status_.lists;
  if (status_.synced) {
    ++status_.relists;
  } else {
    status_.synced = true;
    act(action::Synced{});
  }
}

void ReflectorMachine::drop_list() {
  if (std::exchange(listing_, false)) act(action::DropList{});
}

void ReflectorMachine::list_failed(const Error& error) {
  const bool streamed = phase_ == Phase::streaming;
  const bool on_later_page = !streamed && !continue_token_.empty();
  drop_list();
  if (error.code == ErrorCode::expired && on_later_page) {
    // The 410 brings a fresh token, but what follows there would not fit what came before.
    act(action::BeginList{});
    listing_ = in_one_piece_ = true;
    return read_page("");
  }
  if ((error.code == ErrorCode::expired || is_too_large(error)) && !list_version().empty()) {
    latest_ = true;
    return list();
  }
  if (streamed && is_refusal(error)) {
    can_stream_ = false;
    act(action::Remark{"the API server does not stream lists, they are read in pages: " + error.message});
    return list();
  }
  stream_failed_ = streamed && error.code != ErrorCode::unavailable && error.code != ErrorCode::forbidden;
  pause(error, true);
}

// Watches.

void ReflectorMachine::watch() {
  phase_ = Phase::watching;
  open_ = had_events_ = false;
  status_.watching = false;
  action::OpenWatch open;
  open.options.resource_version = version_;
  open.options.timeout = watch_timeout();
  act(std::move(open));
}

void ReflectorMachine::on(const input::WatchOpened&) {
  open_ = true;
  opened_at_ = at_.now;
  if (phase_ != Phase::watching) return;
  if (!std::exchange(first_watch_, false)) ++status_.watch_restarts;
  status_.watching = true;
  if (std::exchange(at_once_, false)) return current();
  // The head says little: that the version is forgotten comes after it, and so does all that has happened since.
  status_.kept_up_from = at_.now + kShortestWatch;
  if (!status_.denied) regained();
}

void ReflectorMachine::on(const input::Event& input) {
  if (phase_ == Phase::streaming)
    initial_event(input.event);
  else if (phase_ == Phase::watching)
    live_event(input.event);
}

/// Until their end each object comes as ADDED. What happens meanwhile may come in between; it waits for its turn after
/// the list, as a list's items cannot be taken back. The versions of the objects say nothing about the list's, but that
/// it is not older.
void ReflectorMachine::initial_event(const WatchEvent& event) {
  if (event.type == EventType::error) return list_failed(event.error);
  if (event.type == EventType::unknown || !event.kind_ok) return skip(event);
  if (event.type == EventType::bookmark && !event.ends_initial_events) return on(input::Stalled{});
  if (event.type == EventType::bookmark) {
    has_streamed_ = had_events_ = true;
    phase_ = Phase::watching;
    // What was held is not in the list, and what had been deleted before is not either: that tells no version.
    const auto least = initial_version_.empty() ? list_version() : initial_version_;
    complete_list(holding_ ? least : event.version, holding_);
    first_watch_ = at_once_ = false;
    if (std::exchange(holding_, false)) {
      act(action::Hold{});
      act(action::Release{});
    }
    status_.watching = true;
    return current();
  }
  holding_ = holding_ || event.type != EventType::added;
  if (holding_) return act(action::Hold{});
  initial_version_ = model::newer_of(initial_version_, event.version);
  act(action::ListItem{});
}

void ReflectorMachine::live_event(const WatchEvent& event) {
  ++status_.events;
  if (event.type == EventType::error) return watch_refused(event.error);
  had_events_ = true;
  after_list_ = false;
  if (event.type == EventType::unknown || !event.kind_ok) return skip(event);
  current();
  const bool newer = model::is_older(version_, event.version);
  if (newer) version_ = event.version;
  if (event.type == EventType::deleted)
    act(action::Remove{});
  else if (event.type != EventType::bookmark)
    act(action::Put{});
  else if (newer || event.ends_initial_events)
    act(action::Advance{version_});
}

void ReflectorMachine::on(const input::Stalled&) {
  const std::string why = "the API server does not say where a streamed list ends";
  if (phase_ != Phase::streaming) return on(input::WatchBroken{{ErrorCode::timeout, why}});  // it has, too late
  if (has_streamed_) return list_failed({ErrorCode::timeout, why});
  drop_list();
  can_stream_ = false;
  act(action::Remark{why + ": lists are read in pages"});
  list();
}

void ReflectorMachine::on(const input::WatchEnded&) {
  if (phase_ == Phase::streaming) return list_failed(bad_answer("a streamed list without an end"));
  if (short_lived() && !had_events_) return pause(bad_answer("it ends watches at once"), false);
  if (!short_lived()) current();
  after_list_ = after_list_ && short_lived();
  watch();
}

void ReflectorMachine::on(const input::WatchRefused& refused) {
  if (phase_ == Phase::streaming) return list_failed(refused.error);
  watch_refused(refused.error);
}

void ReflectorMachine::watch_refused(const Error& error) {
  accepted();
  if (error.code != ErrorCode::expired && !is_too_large(error)) {
    const bool later =
        error.code == ErrorCode::forbidden || error.code == ErrorCode::unavailable || error.code == ErrorCode::timeout;
    return pause(error, !later);
  }
  // At once, but not for ever.
  const bool again = after_list_ && short_lived();
  latest_ = again || is_too_large(error);
  if (again) return pause(error, true);
  status_.watching = false;
  list();
}

void ReflectorMachine::on(const input::WatchBroken& broken) {
  if (phase_ == Phase::streaming) return list_failed(broken.error);
  if (short_lived()) return pause(broken.error, false);
  accepted();
  after_list_ = false;
  ++status_.failures;
  watch();
}

void ReflectorMachine::on(const input::Garbage& garbage) {
  if (phase_ == Phase::streaming) return list_failed(garbage.error);
  accepted();
  pause(garbage.error, true);
}

// What they share.

/// The content is what the API server has: a list is complete, or a watch has told what happened until now.
void ReflectorMachine::current() {
  status_.last_current = status_.kept_up_from = at_.now;
  status_.denied = false;
  status_.denied_message.clear();
  regained();
}

/// A watch is over. If it lasted, it had gone on from our version: an error would have come at once.
void ReflectorMachine::accepted() {
  if (!short_lived()) status_.last_current = std::max(status_.last_current, opened_at_);
}

void ReflectorMachine::regained() {
  if (std::exchange(failing_, false)) act(action::Regained{});
}

void ReflectorMachine::pause(const Error& error, bool relist) {
  phase_ = Phase::idle;
  relist_ = relist;
  at_once_ = false;
  status_.watching = false;
  ++status_.failures;
  const bool known = std::exchange(failing_, true);
  if (error.code == ErrorCode::forbidden) {
    status_.denied_message = error.message;
    if (!std::exchange(status_.denied, true)) act(action::Denied{error.message});
  } else if (!known) {
    act(action::Lost{error.message});
  }
  const auto asked = std::min(error.retry_after.value_or(std::chrono::seconds(0)), kLongestAskedPause);
  act(action::Pause{std::max<Clock::duration>(backoff_.pause(at_.now, at_.random), asked)});
}

/// Once, not each time.
void ReflectorMachine::skip(const WatchEvent& event) {
  std::string what = event.kind_ok ? "event of the unknown type " + event.type_name : "event about another kind";
  if (last_skipped_ == what) return;
  act(action::Remark{"skipped an " + what});
  last_skipped_ = std::move(what);
}

bool ReflectorMachine::short_lived() const { return !open_ || at_.now - opened_at_ < kShortestWatch; }

/// The first list may be any that the API server has at hand.
std::string ReflectorMachine::list_version() const {
  if (latest_) return "";
  return version_.empty() ? "0" : version_;
}

/// Random, so that not all watches end together.
std::chrono::seconds ReflectorMachine::watch_timeout() const {
  const auto spread = static_cast<double>((options_.watch_at_most - options_.watch_at_least).count());
  return options_.watch_at_least + std::chrono::seconds(static_cast<std::int64_t>(spread * at_.random));
}

}  // namespace quartermaster::kubeapi
