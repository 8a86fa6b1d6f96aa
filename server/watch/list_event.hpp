// The whole list as one event: what a listener begins with, and begins anew with.
#pragma once

#include <memory>

#include "server/api/large_list.hpp"
#include "server/http/admission.hpp"
#include "server/watch/feed.hpp"

namespace quartermaster::watch {

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

/// The feed must be settled. Who filters alike at about the same time shares the bytes, as long as somebody sends them.
/// Error: too_many_requests, cancelled, timeout.
Task<Result<Beginning>> begin_with_list(Feed& feed, Channel& channel, Means means, Call call);

}  // namespace quartermaster::watch
