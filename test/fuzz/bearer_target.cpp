// Authorization headers, one a line.
#include "server/auth/bearer.hpp"

#include "test/fuzz/fuzz.hpp"

namespace auth = quartermaster::auth;
namespace http = quartermaster::http;
using quartermaster::fuzz::check;

FUZZ_TARGET(bearer) {
  input = input.substr(0, 16000);
  http::Message message;
  std::size_t count = 0;
  for (; !input.empty(); ++count) message.insert(http::Field::authorization, quartermaster::fuzz::Front(input).line());
  const auto bearer = auth::bearer_of(message);
  check((count == 0) == (bearer.state == auth::Bearer::State::none), "no header, no token");
  if (bearer.state != auth::Bearer::State::given) return check(bearer.token.empty(), "only what is good is a token");
  check(count == 1, "one header");
  check(!bearer.token.empty() && bearer.token.find_first_of(" \t\r\n\"\\,") == std::string_view::npos, "it is a token");
}
