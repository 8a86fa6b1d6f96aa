// The coroutine around the machine: opens, reads, cuts, parses, and takes care that others get their turn.
#include "kubeapi/reflector.hpp"

#include <boost/asio/this_coro.hpp>
#include <random>
#include <stdexcept>
#include <utility>

#include "kubeapi/answers.hpp"
#include "kubeapi/attempt.hpp"
#include "kubeapi/reflector_machine.hpp"
#include "kubeapi/turn.hpp"
#include "model/json_splitter.hpp"

namespace quartermaster::kubeapi {
namespace {

Error silent() { return {ErrorCode::timeout, "the API server does not answer"}; }

Error unreadable(const Error& why) {
  return {ErrorCode::bad_gateway, "the API server sent a list that cannot be read: " + why.message};
}

}  // namespace

struct Reflector::Impl {
  Impl(Api& server, ReflectorId who, ObjectSink& to, ReflectorObserver& watcher, ReflectorOptions numbers)
      : api(server), id(std::move(who)), sink(to), observer(watcher), options(numbers), machine(options) {}

  Task<void> run(Call call);
  Task<void> read_page(ListOptions page, const Call& call, Turn& turn);
  Task<Result<input::PageRead>> read_items(ListOptions page, Attempt& attempt, Turn& turn);
  Task<void> watch(WatchOptions watch, const Call& call, Turn& turn);
  Task<void> read_events(std::unique_ptr<ByteStream> stream, Attempt& attempt, Turn& turn);
  Task<void> release(Turn& turn);

  Result<void> take_item(std::string_view text);
  void take_event(std::string_view text);
  void feed(const Input& input);
  bool decided() const { return next.index() != 0; }

  void perform(const action::BeginList&);
  void perform(const action::DropList&) { sink.drop_list(); }
  void perform(const action::EndList& end) {
    sink.end_list(end.version);
    if (end.understated) sink.understated();
  }
  void perform(const action::Advance& bookmark) { sink.advance(bookmark.version); }
  void perform(const action::ListItem&);
  void perform(const action::Put&) { sink.put(event->object, machine.version()); }
  void perform(const action::Remove&) { sink.remove(event->object, machine.version()); }
  void perform(const action::Hold&);
  void perform(const action::Release&) { released = true; }
  void perform(const action::ReadPage& page) { next = page; }
  void perform(const action::OpenWatch& open) { next = open; }
  void perform(const action::Pause& pause) { next = pause; }
  void perform(const action::Synced&);
  void perform(const action::Denied& denied) { observer.denied(id, denied.message); }
  void perform(const action::Lost& lost) { observer.lost(id, lost.why); }
  void perform(const action::Regained&) { observer.regained(id); }
  void perform(const action::Remark& remark) { observer.remark(id, remark.what); }

  Api& api;
  const ReflectorId id;
  ObjectSink& sink;
  ReflectorObserver& observer;
  const ReflectorOptions options;
  ReflectorMachine machine;
  std::minstd_rand random{std::random_device{}()};

  std::variant<std::monostate, action::ReadPage, action::OpenWatch, action::Pause> next;
  Clock::time_point started{};
  std::size_t items = 0;  // of the list that is under way

  // Of the event that the machine looks at.
  const WatchEvent* event = nullptr;
  std::string_view event_text;

  std::vector<std::string> held;
  std::size_t held_bytes = 0;
  bool released = false;
};

Task<void> Reflector::Impl::run(Call call) {
  Turn turn(co_await asio::this_coro::executor);
  started = Clock::now();
  feed(input::Start{});
  while (!call.stop.stop_requested()) {
    const auto now = std::exchange(next, {});
    if (const auto* page = std::get_if<action::ReadPage>(&now)) {
      co_await read_page(page->options, call, turn);
    } else if (const auto* open = std::get_if<action::OpenWatch>(&now)) {
      co_await watch(open->options, call, turn);
    } else if (const auto* pause = std::get_if<action::Pause>(&now)) {
      co_await sleep_for(pause->duration, call);
      if (!call.stop.stop_requested()) feed(input::PauseOver{});
    } else {
      throw std::logic_error("a reflector does not know what to do next");
    }
  }
  feed(input::Stop{});
}

void Reflector::Impl::feed(const Input& input) {
  std::uniform_real_distribution<double> zero_to_one(0, 1);
  for (const auto& action : machine.step(input, Clock::now(), zero_to_one(random))) {
    std::visit([this](const auto& what) { perform(what); }, action);
  }
}

Task<void> Reflector::Impl::read_page(ListOptions page, const Call& call, Turn& turn) {
  Attempt attempt(turn.executor(), call, options.silence);
  auto read = co_await read_items(std::move(page), attempt, turn);
  if (call.stop.stop_requested()) co_return;
  if (read) {
    feed(std::move(*read));
  } else {
    feed(input::ListFailed{attempt.timed_out() ? silent() : read.error()});
  }
}

Task<Result<input::PageRead>> Reflector::Impl::read_items(ListOptions page, Attempt& attempt, Turn& turn) {
  Call call = attempt.call();
  auto body = co_await api.open_list(id.kind, id.ns, std::move(page), std::move(call));
  if (!body) co_return body.error();
  json::ListSplitter splitter(options.max_object_bytes);
  for (;;) {
    const auto bytes = co_await (*body)->read();
    if (!bytes) co_return bytes.error();
    if (bytes->empty()) break;
    attempt.heard();
    splitter.feed(*bytes);
    for (;;) {
      const auto item = splitter.next();
      if (!item) co_return item.error();
      if (!*item) break;
      if (const auto taken = take_item(**item); !taken) co_return unreadable(taken.error());
      if (turn.over()) co_await turn.pass_on();
    }
  }
  const auto list = splitter.finish();
  if (!list) co_return list.error();
  if (!is_list_of(id.kind, list->root())) {
    co_return Error{ErrorCode::bad_gateway, "the API server sent a list of another kind"};
  }
  const auto meta = list->root()["metadata"];
  co_return input::PageRead{std::string(meta["resourceVersion"].string()), std::string(meta["continue"].string())};
}

Result<void> Reflector::Impl::take_item(std::string_view text) {
  const auto item = json::parse(text);
  if (!item) return item.error();
  if (item->root()["metadata"]["name"].string().empty()) return Error{ErrorCode::bad_gateway, "an item without a name"};
  ++items;
  sink.list_item(item->root());
  return {};
}

Task<void> Reflector::Impl::watch(WatchOptions watch, const Call& call, Turn& turn) {
  Attempt attempt(turn.executor(), call, options.silence);
  // Past the API server's own limit, or it has forgotten us.
  Call bounded = attempt.call(Clock::now() + watch.timeout + options.watch_grace);
  auto stream = co_await api.watch(id.kind, id.ns, std::move(watch), std::move(bounded));
  if (call.stop.stop_requested()) co_return;
  if (!stream) {
    feed(input::WatchRefused{attempt.timed_out() ? silent() : stream.error()});
    co_return;
  }
  feed(input::WatchOpened{});
  attempt.allow(machine.streaming() ? options.initial_events_silence : Clock::duration::max());
  co_await read_events(std::move(*stream), attempt, turn);
}

Task<void> Reflector::Impl::read_events(std::unique_ptr<ByteStream> stream, Attempt& attempt, Turn& turn) {
  const std::stop_token stop = attempt.call().stop;
  const auto stopped = [&] { return stop.stop_requested() && !attempt.timed_out(); };
  json::StreamSplitter splitter(options.max_object_bytes);
  for (;;) {
    const auto bytes = co_await stream->read();
    if (stopped()) co_return;
    if (!bytes) {
      if (attempt.timed_out()) {
        feed(input::Stalled{});
      } else {
        feed(input::WatchBroken{bytes.error()});
      }
      co_return;
    }
    if (bytes->empty()) {
      if (const auto whole = splitter.finish(); whole) {
        feed(input::WatchEnded{});
      } else {
        feed(input::WatchBroken{whole.error()});
      }
      co_return;
    }
    splitter.feed(*bytes);
    for (;;) {
      const auto text = splitter.next();
      if (!text) {
        feed(input::Garbage{text.error()});
        co_return;
      }
      if (!*text) break;
      const bool was_streaming = machine.streaming();
      const auto items_before = items;
      take_event(**text);
      if (items != items_before) attempt.heard();
      if (was_streaming && !machine.streaming()) attempt.allow(Clock::duration::max());
      if (released) co_await release(turn);
      if (decided()) co_return;
      if (turn.over()) co_await turn.pass_on();
      if (stopped()) co_return;
    }
  }
}

/// What has come before the end of the initial events, now that the list is complete.
Task<void> Reflector::Impl::release(Turn& turn) {
  released = false;
  const auto texts = std::exchange(held, {});
  held_bytes = 0;
  for (const auto& text : texts) {
    take_event(text);
    if (turn.over()) co_await turn.pass_on();
  }
}

void Reflector::Impl::take_event(std::string_view text) {
  const auto decoded = decode_event(id.kind, text);
  if (!decoded) return feed(input::Garbage{decoded.error()});
  event = &*decoded;
  event_text = text;
  feed(input::Event{*decoded});
  event = nullptr;
  if (machine.streaming() && held_bytes > options.max_held_bytes) {
    feed(input::WatchBroken{{ErrorCode::bad_gateway, "too much happens while the API server streams a list"}});
  }
}

void Reflector::Impl::perform(const action::BeginList&) {
  items = held_bytes = 0;
  held.clear();
  sink.begin_list();
}

void Reflector::Impl::perform(const action::ListItem&) {
  ++items;
  sink.list_item(event->object);
}

void Reflector::Impl::perform(const action::Hold&) {
  held_bytes += event_text.size();
  held.emplace_back(event_text);
}

void Reflector::Impl::perform(const action::Synced&) {
  const std::chrono::duration<double> seconds = Clock::now() - started;
  observer.first_sync(id, items, seconds.count());
}

Reflector::Reflector(Api& api, model::Kind kind, std::string ns, ObjectSink& sink, ReflectorObserver& observer,
                     ReflectorOptions options)
    : impl_(std::make_unique<Impl>(api, ReflectorId{kind, std::move(ns)}, sink, observer, options)) {}

Reflector::~Reflector() = default;

Task<void> Reflector::run(Call call) { return impl_->run(std::move(call)); }
const ReflectorId& Reflector::id() const { return impl_->id; }
const ReflectorStatus& Reflector::status() const { return impl_->machine.status(); }

}  // namespace quartermaster::kubeapi
