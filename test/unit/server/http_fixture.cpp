#include "test/unit/server/http_fixture.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>

#include "server/http/error_table.hpp"
#include "test/support/pki.hpp"

namespace quartermaster::test {

namespace {

namespace beast_http = boost::beast::http;

/// Pieces, and then what.
class TestStream final : public ByteStream {
 public:
  enum class End { proper, error, exception };
  TestStream(std::vector<std::string> pieces, End end) : pieces_(std::move(pieces)), end_(end) {}

  Task<Result<std::string_view>> read() override {
    if (next_ < pieces_.size()) co_return std::string_view(pieces_[next_++]);
    if (end_ == End::exception) throw std::runtime_error("bug in a stream");
    if (end_ == End::error) co_return Error{ErrorCode::bad_gateway, "cut"};
    co_return std::string_view();
  }

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
  End end_;
};

class Flood final : public ByteStream {
 public:
  explicit Flood(std::atomic<std::size_t>& count) : count_(count) {}
  Task<Result<std::string_view>> read() override {
    ++count_;
    co_return std::string_view(piece_);
  }

 private:
  std::atomic<std::size_t>& count_;
  std::string piece_ = std::string(TestHandler::kPiece, 'f');
};

http::Reply text(unsigned status, std::string body) {
  http::Reply reply{.status = status, .body = std::move(body)};
  reply.header("Content-Type", "text/plain");
  return reply;
}

http::Reply stream(std::unique_ptr<ByteStream> body) { return {.stream = std::move(body)}; }

http::Reply stream(std::vector<std::string> pieces, TestStream::End end) {
  return stream(std::make_unique<TestStream>(std::move(pieces), end));
}

/// Until the server has stopped, or was destroyed.
Task<void> drain_until(http::Server& server, Clock::time_point deadline, std::promise<bool>& clean) {
  clean.set_value(co_await server.drain(deadline));
}

}  // namespace

void Journal::add(std::string event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  changed_.notify_all();
}

bool Journal::wait_for(std::string_view event, std::size_t times) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(60), [&] {
    return std::count(events_.begin(), events_.end(), event) >= static_cast<std::ptrdiff_t>(times);
  });
}

std::vector<std::string> Journal::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

Task<std::optional<http::Reply>> TestHandler::accept(http::Exchange& exchange) {
  exchange.body_limit = std::min<std::size_t>(exchange.body_limit, 1000);
  exchange.cancel_if_abandoned = exchange.request.method() == http::Verb::get;
  if (exchange.request.target() == "/throw/accept") throw std::runtime_error("bug in accept");
  if (exchange.request.target() == "/refuse") co_return text(403, "refused");
  if (exchange.request.target() == "/wait/accept") co_await wait(exchange.call);
  co_return std::nullopt;
}

Task<http::Reply> TestHandler::handle(http::Exchange& exchange) {
  const std::string target(exchange.request.target());
  if (target == "/hello") co_return text(200, "hello");
  if (target == "/echo") co_return text(200, exchange.request.body());
  if (target == "/big") co_return text(200, std::string(kBig, 'b'));
  if (target.starts_with("/empty/"))
    co_return http::Reply{.status = static_cast<unsigned>(std::stoi(target.substr(7)))};
  if (target == "/wait/accept") co_return text(200, "waited");
  if (target == "/wait") co_return co_await wait(exchange.call);
  if (target == "/throw") throw std::runtime_error("bug in handle");
  if (target == "/throw/stream") co_return stream({"one"}, TestStream::End::exception);
  if (target == "/abort") co_return http::Reply{.abort = true};
  if (target == "/bad-header") {
    auto reply = text(200, "hello");
    co_return std::move(reply.header("X-Bad", "a\r\nX-Injected: yes"));
  }
  if (target == "/stream") co_return stream({"one", "two", "three"}, TestStream::End::proper);
  if (target == "/stream/cut") co_return stream({"one"}, TestStream::End::error);
  if (target == "/flood") co_return stream(std::make_unique<Flood>(pieces));
  co_return text(404, "no such path");
}

http::Reply TestHandler::refuse(const Error& error, http::Exchange*) {
  if (error.code == ErrorCode::cancelled) return {.abort = true};
  return text(http::error_row(error.code).status, error.message);
}

void TestHandler::finished(http::Exchange* exchange, const http::Outcome& outcome) {
  const auto target = exchange != nullptr ? std::string(exchange->request.target()) : "refused";
  journal.add(target + " " + std::to_string(outcome.status) + (outcome.complete ? " complete " : " cut ") +
              std::to_string(outcome.body_bytes));
}

void TestHandler::failed(std::string_view what) { journal.add("failed " + std::string(what)); }

Task<http::Reply> TestHandler::wait(Call call) {
  const auto timer = waiting_.emplace(waiting_.end(), loop_.get_executor(), Clock::now() + std::chrono::hours(1));
  const auto before = releases_;
  journal.add("waiting");
  {
    std::stop_callback wake(call.stop, [timer] { timer->cancel(); });
    if (!call.stop.stop_requested()) co_await timer->async_wait(asio::as_tuple(use_task));
  }
  waiting_.erase(timer);
  const bool released = releases_ > before;
  journal.add(released ? "released" : "stopped");
  if (!released) co_return http::Reply{.abort = true};
  co_return text(200, "waited");
}

void TestHandler::release() {
  ++releases_;
  for (auto& timer : waiting_) timer.cancel();
}

TlsServerIdentity make_tls_identity() {
  const CertificateAuthority authority;
  const auto pair = authority.issue();
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  context->use_certificate_chain(asio::buffer(pair.certificate));
  context->use_private_key(asio::buffer(pair.key), asio::ssl::context::pem);
  return {std::move(context), authority.pem()};
}

TestServer::TestServer(http::Limits limits, std::optional<TlsServerIdentity> tls) {
  http::TlsSource source;
  if (tls) source = [context = tls->context] { return context; };
  server_.emplace(loop_, handler_, limits, source);
  endpoint_.port = server_->listen("127.0.0.1:0").port();
  endpoint_.tls = tls.has_value();
  if (tls) endpoint_.ca = tls->ca;
  thread_ = std::thread([this] { loop_.run(); });
}

TestServer::~TestServer() {
  destroy();
  work_.reset();
  thread_.join();
}

void TestServer::on_loop(const std::function<void()>& function) {
  std::promise<void> done;
  asio::post(loop_, [&] {
    function();
    done.set_value();
  });
  done.get_future().get();
}

bool TestServer::drain(std::chrono::milliseconds time) {
  std::promise<bool> clean;
  asio::co_spawn(loop_, drain_until(*server_, Clock::now() + time, clean), asio::detached);
  return clean.get_future().get();
}

http::ConnectionCounts TestServer::counts() {
  http::ConnectionCounts counts;
  on_loop([&] { counts = server_->connections(); });
  return counts;
}

Caller& Caller::send(std::string_view bytes) {
  // Whether the server takes all of it is up to the server.
  connection_.send(bytes);
  return *this;
}

HttpAnswer Caller::next(bool to_head) {
  beast_http::response_parser<beast_http::string_body> parser;
  parser.body_limit(boost::none);
  parser.skip(to_head);
  parser.eager(true);
  HttpAnswer answer;
  while (!parser.is_done()) {
    boost::system::error_code error;
    if (!buffer_.empty()) {
      buffer_.erase(0, parser.put(boost::asio::buffer(buffer_), error));
      if (error && error != beast_http::error::need_more) throw std::runtime_error("bad answer: " + error.message());
      if (parser.is_done()) break;
    }
    const auto read = connection_.read(buffer_);
    if (read == Connection::Read::timed_out) throw std::runtime_error("no answer comes");
    if (read == Connection::Read::end && parser.got_some()) parser.put_eof(error);
    if (read != Connection::Read::data) break;
  }
  if (!parser.is_header_done()) return answer;
  answer.status = parser.get().result_int();
  answer.headers = parser.get().base();
  answer.body = parser.get().body();
  answer.complete = parser.is_done();
  return answer;
}

bool Caller::ended() {
  const auto before = buffer_.size();
  const auto read = connection_.read(buffer_);
  return (read == Connection::Read::end || read == Connection::Read::reset) && before == 0;
}

std::string get(std::string_view target, std::string_view fields) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view target, std::string_view fields, std::string_view body) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n" +
         std::string(body);
}

}  // namespace quartermaster::test
