// Requests as Beast parses them, and replies as handlers make them.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/smart_ptr/local_shared_ptr.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kubeapi/byte_stream.hpp"

namespace quartermaster::http {

using Message = boost::beast::http::request<boost::beast::http::string_body>;
using Field = boost::beast::http::field;
using Verb = boost::beast::http::verb;

struct Header {
  std::string_view name;  // a literal
  std::string value;      // a value with CR, LF or other control characters is not sent
};

/// Bytes that lie ready elsewhere, and what keeps them there.
struct Pinned {
  std::vector<std::string_view> pieces = {};
  boost::local_shared_ptr<const void> owner = {};
  std::size_t owned = 0;  // bytes that nobody else keeps
};

/// An answer: a body in memory, or one that is read piece by piece while it is sent (chunked). Content-Length,
/// Transfer-Encoding, Connection and Date are the session's business.
struct Reply {
  unsigned status = 200;
  std::vector<Header> headers = {};
  std::string body = {};
  Pinned pinned = {};     // sent behind `body`, without a copy
  std::string tail = {};  // sent behind `pinned`
  std::unique_ptr<ByteStream> stream = {};
  bool lasting = false;  // the stream has a place of its own, and is no request in flight any more
  int send_buffer = 0;   // of the socket, bytes; 0: the system's
  bool close = false;    // close the connection afterwards
  bool abort = false;    // close it without an answer

  /// Of body, pinned and tail.
  std::size_t body_size() const {
    std::size_t size = body.size() + tail.size();
    for (const auto piece : pinned.pieces) size += piece.size();
    return size;
  }

  /// Bytes of memory that it takes.
  std::size_t memory() const { return body.capacity() + tail.capacity() + pinned.owned; }

  Reply& header(std::string_view name, std::string value) {
    if (headers.empty()) headers.reserve(8);
    headers.push_back({name, std::move(value)});
    return *this;
  }
};

}  // namespace quartermaster::http
