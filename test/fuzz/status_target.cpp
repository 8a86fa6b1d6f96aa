// Answers that are errors. The first two bytes are the HTTP status, the rest of the line is a Retry-After header, what
// follows is the body.
#include "kubeapi/secret_error.hpp"
#include "kubeapi/status_error.hpp"
#include "model/json.hpp"
#include "server/api/replies.hpp"
#include "test/fuzz/fuzz.hpp"

using quartermaster::fuzz::check;

namespace {

void check_error(const quartermaster::Error& error) {
  check(error.message.size() <= 32U << 10, "a message is no longer than it may be");
  if (error.retry_after) check(error.retry_after->count() >= 0, "no time in the past");
  const auto reply = quartermaster::api::error_reply(error, "id");
  check(reply.status >= 400 && reply.status < 600, "an error is an error");
  const auto body = quartermaster::json::parse(reply.body);
  check(body && body->root()["errCode"].integer() == reply.status, "the answer is JSON, and says so");
}

}  // namespace

FUZZ_TARGET(status) {
  quartermaster::fuzz::Front front(input);
  const unsigned high = front.byte();
  const unsigned status = (high * 256 + front.byte()) % 1000;
  const auto header = front.line();
  check_error(quartermaster::kubeapi::status_error(status, input, header));
  check_error(quartermaster::kubeapi::secret_read_error(status, input, header));
  check_error(quartermaster::kubeapi::secret_write_error(status, input, header));
}
