#include "server/http/event_stream.hpp"

#include <algorithm>

namespace quartermaster::http {

void append_event(std::string& out, const Event& event) {
  if (!event.id.empty()) out.append("id: ").append(event.id).append("\n");
  if (!event.name.empty()) out.append("event: ").append(event.name).append("\n");
  for (auto rest = event.data;;) {
    const auto end = std::min(rest.find_first_of("\r\n"), rest.size());
    out.append("data: ").append(rest.substr(0, end)).append("\n");
    if (end == rest.size()) break;
    rest.remove_prefix(end + (rest.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  out += "\n";
}

void append_heartbeat(std::string& out) { out += ":\n\n"; }

void set_streaming(Reply& reply, std::string_view content_type) {
  reply.header("Content-Type", std::string(content_type))
      .header("Cache-Control", "no-store")
      .header("X-Accel-Buffering", "no");  // nginx would collect it
}

}  // namespace quartermaster::http
