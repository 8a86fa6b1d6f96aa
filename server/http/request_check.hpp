// What Beast 1.81 accepts in a request and a careful server must not (RFC 9112): each line of it is a way to smuggle a
// second request past a proxy, or to make the server do unbounded work.
#pragma once

#include <optional>
#include <string_view>

#include "model/error.hpp"
#include "server/http/message.hpp"

namespace quartermaster::http {

/// The raw head, up to and with its empty line, before it is parsed: folded lines, stray CR, LF and NUL, the version.
std::optional<Error> check_raw_head(std::string_view head);

/// The parsed head: number of fields, Host, Content-Length against Transfer-Encoding, Expect.
std::optional<Error> check_head(const Message& message, std::size_t max_headers);

}  // namespace quartermaster::http
