// Answers of the API server, or of whatever answers in its place. The first byte is the size of the pieces in which
// they come, and says whether it was a HEAD request.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "kubeapi/http_exchange.hpp"
#include "test/fuzz/fuzz.hpp"
#include "test/fuzz/wire.hpp"

namespace kubeapi = quartermaster::kubeapi;
using quartermaster::Task;
using quartermaster::fuzz::check;

namespace {

struct Answer {
  bool ok = false;  // read to its proper end
  unsigned status = 0;
  std::string body = {};
  std::string retry_after = {};
  std::vector<std::string> warnings = {};
  bool operator==(const Answer&) const = default;
};

Task<void> read(quartermaster::Transport& transport, bool head, Answer& answer, bool& done) {
  kubeapi::HttpExchange exchange(transport, head);
  auto error = co_await exchange.start("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "");
  while (!error) {
    const auto piece = co_await exchange.read();
    error = piece.error;
    answer.body += piece.bytes;
    if (piece.bytes.empty()) break;
  }
  if (!error) {
    const auto& parsed = exchange.answer();
    answer = {true, parsed.status, answer.body, parsed.retry_after, parsed.warnings};
    check(!head || answer.body.empty(), "the answer to HEAD has no body");
    exchange.reusable();
  }
  done = true;
}

Answer receive(std::string_view input, std::size_t piece, bool head) {
  quartermaster::fuzz::Wire wire;
  quartermaster::Transport transport(wire.take_socket());
  Answer answer;
  bool done = false;
  quartermaster::asio::co_spawn(wire.loop(), read(transport, head, answer, done), quartermaster::asio::detached);
  wire.send(input, piece, done);
  return answer;
}

}  // namespace

FUZZ_TARGET(answer) {
  input = input.substr(0, 1500);  // more would only be slow
  const auto front = quartermaster::fuzz::Front(input).byte();
  const bool head = front % 8 == 7;
  const auto whole = receive(input, input.size() + 1, head), pieces = receive(input, 1 + front % 64, head);
  check(whole.ok == pieces.ok && (!whole.ok || whole == pieces), "the same answer, however it comes");
}
