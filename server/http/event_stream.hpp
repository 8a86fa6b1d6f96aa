// Streams of JSON texts, in the two framings that callers know: one text a line (application/x-ndjson), and Server-Sent
// Events (text/event-stream), which browsers read by themselves.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace quartermaster::http {

inline constexpr std::string_view kJsonLines = "application/x-ndjson";
inline constexpr std::string_view kEventStream = "text/event-stream";

/// After so long a silence a comment is due, so that proxies and readers know that the connection lives.
inline constexpr auto kHeartbeat = std::chrono::seconds(15);

/// What is "" is left out.
struct Event {
  std::string_view id = {};    // a browser sends the last one as Last-Event-ID when it comes back
  std::string_view name = {};  // "" is "message"
  std::string_view data = {};  // an empty one is sent, too
};

/// Line breaks in the data begin a data field each. Id and name must have none; an id must have no NUL, either.
void append_event(std::string& out, const Event& event);
/// A comment, which says nothing.
void append_heartbeat(std::string& out);

/// Content-Type, and that nobody on the way may keep or hold back what comes.
void set_streaming(Reply& reply, std::string_view content_type);

}  // namespace quartermaster::http
