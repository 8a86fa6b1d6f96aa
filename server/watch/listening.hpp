// One listener: the list, or what has changed since it was here last, and then each change, as Server-Sent Events.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "kubeapi/byte_stream.hpp"
#include "server/auth/standing_right.hpp"
#include "server/watch/feeds.hpp"
#include "server/watch/list_event.hpp"

namespace quartermaster::watch {

/// What a listener comes with.
struct Terms {
  Filter filter;
  std::string last_event_id = {};  // "": it is new
  Means means;
  std::optional<auth::StandingRight> right = {};  // nothing: nobody is checked
  http::Admission::Place place = {};              // among the listeners
  Call call = {};                                 // its deadline is that of the beginning
};

/// Events:
///   list      all that there is, as the list route answers it; what was known before is void
///   added, modified, deleted   one object, as it is; of one that is gone, or not selected any more, as it was last
///   bookmark  nothing, but an id; also sent now and then so that the connection is seen to live
///   reset     what follows is a list, as changes may have been missed: why
///   closed    the end, and why, as an error's body
/// An id is the resource version that one has come to; changes that belong together have it at the last one.
class Listening final : public ByteStream {
 public:
  /// Error: those of a list, before any of it is sent.
  static Task<Result<std::unique_ptr<Listening>>> begin(FeedPtr feed, Terms terms);
  Listening(Executor executor, FeedPtr feed, Terms terms);
  ~Listening() override;

  Task<Result<std::string_view>> read() override;

 private:
  Task<Result<void>> begin(Call call);
  Task<Result<bool>> go_on(Call call);
  Task<Result<void>> start_list(Call call);
  Task<Result<std::string_view>> more();
  /// What is to be said before the list.
  Task<Result<std::string>> begin_anew();
  std::string_view say(std::string text);
  std::string_view say_closed(const Error& why);
  std::string bookmark() const;
  void put_off_bookmark();
  Task<void> wait();

  const Executor executor_;
  const FeedPtr feed_;
  Terms terms_;
  const ChannelPtr channel_;
  Timer timer_;
  Waiter waiter_;
  Ring::Number next_ = 0;     // the first change that was not read
  std::size_t restarts_ = 0;  // of the feed, at the last list
  bool caught_up_ = false;    // since the last list
  bool ended_ = false;
  Clock::time_point bookmark_due_{};

  // What is being sent.
  std::string first_;  // to be sent before all else
  std::string text_;
  std::unique_ptr<ByteStream> list_;
  BatchPtr batch_;
};

}  // namespace quartermaster::watch
