// Answers made of logs that are read line by line: followed, filtered, as JSON texts, gone on with at a cursor. Those
// who read from the API server run beside the answer, for as long as somebody reads it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/api/log_cursor.hpp"
#include "server/api/log_writer.hpp"
#include "server/api/route.hpp"

namespace quartermaster::api {

struct LogRequest {
  LogFormat format = {};
  kubeapi::FollowOptions options = {};
  LogCursor cursor = {};
  bool resumed = false;  // a cursor was given
};

/// The media type of a log's forms that Accept prefers; text/plain for who names none.
std::string_view log_type(const http::Message& request);
/// How a log of this type is written: one JSON string is made of the text.
LogShape log_shape(std::string_view type);
/// Content-Type, and what else a stream of this shape has.
void set_log_headers(http::Reply& reply, LogShape shape);

/// From the parameters of the route, which are those of all of these answers. Error: bad_request.
Result<LogRequest> log_request(const Context& context, LogShape shape);

/// Where to go on with a log that has not said anything in this answer yet: where the request's cursor says, else as it
/// was asked for now; how many lines `tail` leaves is not known then.
kubeapi::LogPosition first_position(const LogRequest& request, std::string_view source, std::int64_t restarts);

/// The log of one container. `place` is among the streams. `ended`: the container has, for good. Null: events are asked
/// for from a cursor on, the container has ended, and none is left. Errors are those of the log's beginning.
Task<Result<std::unique_ptr<ByteStream>>> answer_with_log(Context& context, LogRequest request,
                                                          kubeapi::LogTarget target, http::Admission::Place place,
                                                          bool ended);

/// The logs of all pods that the route's parameters select, of one container each; with follow those of pods that come
/// later, too. Error: too_many_requests where there are not places among the streams for all that go on, and one for
/// all that have ended.
Task<Result<std::unique_ptr<ByteStream>>> answer_with_logs(Context& context, LogRequest request);

}  // namespace quartermaster::api
