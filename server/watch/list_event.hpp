// The whole list as one event: what a listener begins with, and begins anew with.
#pragma once

#include <memory>

#include "server/api/large_list.hpp"
#include "server/http/admission.hpp"
#include "server/watch/feed.hpp"

namespace quartermaster::watch {

/// The list as an event, for all who begin with it; kept by whoever sends it.
struct ListEvent {
  Ring::Number next = 0;                             // from where its readers go on
  std::string text = {};                             // its head, and the items if they were rendered
  http::Pinned pages = {};                           // the items as they lie there
  std::shared_ptr<const api::LargeList> large = {};  // the items are rendered while they are sent, by each
  std::string tail = {};
  http::Admission::Place place = {};  // among the answers that are kept
};

/// Bytes, and the change to go on with behind them.
struct Beginning {
  std::unique_ptr<ByteStream> list;
  Ring::Number next = 0;
};

/// What rendering may take.
struct Means {
  api::RenderLines lines;
  http::Admission& answers;
  std::string caller;
};

/// Who filters alike at about the same time shares the list, as long as somebody sends it. The feed must be settled.
/// Error: too_many_requests, cancelled, timeout.
Task<Result<Beginning>> begin_with_list(Feed& feed, Channel& channel, Means means, Call call);

}  // namespace quartermaster::watch
