// What Accept fields prefer (RFC 9110 section 12.5).
#pragma once

#include <initializer_list>
#include <string_view>

namespace quartermaster::http {

/// The weight of a media type, in thousandths: that of the most specific range that it is in; 0: it is not acceptable.
/// Without a field everything is as good. A weight that makes no sense is 0.
unsigned weight_of(std::string_view accept, std::string_view type);

/// Of these media types, the one that is named with the greatest weight, and of those that weigh the same the first.
/// The last of them is for who names none, or likes it better: ranges like */* name none, but count for it.
std::string_view most_preferred(std::string_view accept, std::initializer_list<std::string_view> types);

/// Whether text/event-stream is named, and preferred to application/json, which is what there is else.
bool prefers_events(std::string_view accept);

/// Whether an Accept-Encoding field allows a content coding. A weight that makes no sense does not.
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

}  // namespace quartermaster::http
