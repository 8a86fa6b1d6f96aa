// One listener.
#include "server/watch/listening.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <random>
#include <utility>

#include "server/api/replies.hpp"
#include "server/http/event_stream.hpp"

namespace quartermaster::watch {
namespace {

using namespace std::chrono_literals;

/// For a position that another replica has come to already.
constexpr auto kPatience = 2s;
constexpr auto kReviewTime = 10s;
/// Not all come back at once from a replica that is gone.
constexpr unsigned kRetryFrom = 1000, kRetryTo = 4000;  // ms

unsigned random_between(unsigned from, unsigned to) {
  static std::minstd_rand engine{std::random_device{}()};
  return std::uniform_int_distribution<unsigned>(from, to)(engine);
}

std::string retry_hint() { return "retry: " + std::to_string(random_between(kRetryFrom, kRetryTo)) + "\n\n"; }

std::string reset_event(std::string_view reason, std::string_view message) {
  std::string data, text;
  json::Writer(data).begin_object().field("reason", reason).field("message", message).end_object();
  http::append_event(text, {.name = "reset", .data = data});
  return text;
}

Error cancelled() { return {ErrorCode::cancelled, "cancelled"}; }

}  // namespace

Listening::Listening(Executor executor, FeedPtr feed, Terms terms)
    : executor_(executor),
      feed_(std::move(feed)),
      terms_(std::move(terms)),
      channel_(feed_->join(terms_.filter)),
      timer_(executor) {
  waiter_.timer = &timer_;
  terms_.filter = {};  // the channel has it
}

Listening::~Listening() { feed_->leave(channel_); }

Task<Result<std::unique_ptr<Listening>>> Listening::begin(FeedPtr feed, Terms terms) {
  auto call = terms.call;
  const auto executor = co_await asio::this_coro::executor;
  auto self = std::make_unique<Listening>(executor, std::move(feed), std::move(terms));
  const auto begun = co_await self->begin(std::move(call));
  if (!begun) co_return begun.error();
  co_return std::move(self);
}

Task<Result<void>> Listening::begin(Call call) {
  first_ = retry_hint();
  put_off_bookmark();
  if (!terms_.last_event_id.empty()) {
    const auto going_on = co_await go_on(call);
    if (!going_on) co_return going_on.error();
    if (*going_on) co_return Result<void>();
    first_ += reset_event("Expired", "what has changed since the event " + terms_.last_event_id + " is not known");
  }
  co_return co_await start_list(std::move(call));
}

/// From where it was. False: that is not known any more, or not known here.
Task<Result<bool>> Listening::go_on(Call call) {
  const auto position = Position::parse(terms_.last_event_id, feed_->quotas() != nullptr);
  if (!position) co_return false;
  auto for_a_while = call;
  for_a_while.deadline = std::min(call.deadline, Clock::now() + kPatience);
  auto reached = co_await feed_->objects().wait_for(position->objects, for_a_while);
  if (reached && feed_->quotas() != nullptr)
    reached = co_await feed_->quotas()->wait_for(position->quotas, for_a_while);
  if (!reached && reached.error().code == ErrorCode::cancelled) co_return reached.error();
  if (!reached) co_return false;
  const auto settled = co_await feed_->settle(call);
  if (!settled) co_return settled.error();
  for (kubeapi::Turn turn(executor_);;) {
    const auto number = feed_->behind(*position);
    if (!number) co_return false;
    next_ = *number;
    restarts_ = feed_->restarts();
    if (channel_->reach_back(feed_->ring(), next_)) co_return true;
    if (turn.over()) co_await turn.pass_on();
  }
}

Task<Result<void>> Listening::start_list(Call call) {
  const auto settled = co_await feed_->settle(call);
  if (!settled) co_return settled.error();
  restarts_ = feed_->restarts();
  caught_up_ = false;
  auto beginning = co_await begin_with_list(*feed_, *channel_, terms_.means, std::move(call));
  if (!beginning) co_return beginning.error();
  list_ = std::move(beginning->list);
  next_ = beginning->next;
  co_return Result<void>();
}

std::string_view Listening::say(std::string text) {
  text_ = std::move(text);
  return text_;
}

std::string_view Listening::say_closed(const Error& why) {
  ended_ = true;
  std::string text = retry_hint();
  http::append_event(text, {.name = "closed", .data = api::error_reply(why, terms_.call.request_id).body});
  return say(std::move(text));
}

std::string Listening::bookmark() const {
  std::string data, text;
  const auto& position = feed_->ring().position();
  json::Writer(data).begin_object().field("resourceVersion", position.version()).end_object();
  const auto id = position.id();
  http::append_event(text, {.id = id, .name = "bookmark", .data = data});
  return text;
}

/// Not all at the same time.
void Listening::put_off_bookmark() {
  bookmark_due_ = Clock::now() + http::kHeartbeat - std::chrono::milliseconds(random_between(0, 3000));
}

Task<Result<std::string_view>> Listening::read() {
  batch_.reset();
  std::string().swap(text_);
  if (ended_) co_return std::string_view();
  if (!first_.empty()) co_return say(std::exchange(first_, {}));
  if (list_) {
    auto piece = co_await list_->read();
    if (!piece || !piece->empty()) co_return piece;
    list_.reset();
  }
  co_return co_await more();
}

Task<Result<std::string_view>> Listening::more() {
  const auto& ring = feed_->ring();
  kubeapi::Turn turn(executor_);
  for (;;) {
    if (terms_.call.stop.stop_requested()) co_return cancelled();
    if (feed_->closed()) co_return say_closed(*feed_->closed());
    if (terms_.right && Clock::now() >= terms_.right->due()) {
      const Call call{.deadline = Clock::now() + kReviewTime, .stop = terms_.call.stop};
      const auto refusal = co_await terms_.right->renew(call);
      if (refusal) co_return say_closed(*refusal);
      continue;
    }
    if (channel_->lost(ring, next_)) {
      auto reset = co_await begin_anew();
      if (reset) co_return say(std::move(*reset));
      if (reset.error().code == ErrorCode::cancelled) co_return reset.error();
      co_return say_closed(reset.error());
    }
    const bool matched = channel_->reach_back(ring, next_) && channel_->catch_up(ring);
    if (!matched) {
      if (turn.over()) co_await turn.pass_on();
      continue;
    }
    auto batch = channel_->read(ring, next_);
    next_ = batch->end;
    caught_up_ = caught_up_ || next_ == ring.end();
    if (!batch->bytes.empty()) {
      batch_ = std::move(batch);
      put_off_bookmark();
      co_return std::string_view(batch_->bytes);
    }
    if (Clock::now() >= bookmark_due_) {
      put_off_bookmark();
      co_return say(bookmark());
    }
    co_await wait();
  }
}

/// Some changes that concern it are not in the ring any more. Who has not even come to the end of the last list will
/// not do so with another one.
Task<Result<std::string>> Listening::begin_anew() {
  const bool restarted = restarts_ != feed_->restarts();
  if (!restarted && !caught_up_) {
    co_return Error{ErrorCode::too_many_requests, "there are more changes than this connection takes"};
  }
  const Call call{.stop = terms_.call.stop};
  const auto started = co_await start_list(call);
  if (!started) co_return started.error();
  co_return restarted ? reset_event("Resync", "too much has changed at once")
                      : reset_event("TooSlow", "there were more changes than this connection has taken");
}

Task<void> Listening::wait() {
  auto until = bookmark_due_;
  if (terms_.right) until = std::min(until, terms_.right->due());
  timer_.expires_at(until);
  waiter_.next = next_;
  channel_->wait(waiter_);
  {
    const std::stop_callback wake(terms_.call.stop, [this] { timer_.cancel(); });
    if (!terms_.call.stop.stop_requested()) co_await timer_.async_wait(asio::as_tuple(use_task));
  }
  channel_->stop_waiting(waiter_);
}

}  // namespace quartermaster::watch
