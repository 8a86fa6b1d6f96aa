// Requests as Beast parses them, and replies as handlers make them.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <string>
#include <vector>

#include "kubeapi/byte_stream.hpp"

namespace quartermaster::http {

using Message = boost::beast::http::request<boost::beast::http::string_body>;
using Field = boost::beast::http::field;
using Verb = boost::beast::http::verb;

struct Header {
  std::string name;
  std::string value;  // a value with CR, LF or other control characters is not sent
};

/// An answer: a body in memory, or one that is read piece by piece while it is sent (chunked). Content-Length,
/// Transfer-Encoding, Connection and Date are the session's business.
struct Reply {
  unsigned status = 200;
  std::vector<Header> headers = {};
  std::string body = {};
  std::unique_ptr<ByteStream> stream = {};
  bool close = false;  // close the connection afterwards
  bool abort = false;  // close it without an answer

  Reply& header(std::string name, std::string value) {
    headers.push_back({std::move(name), std::move(value)});
    return *this;
  }
};

}  // namespace quartermaster::http
