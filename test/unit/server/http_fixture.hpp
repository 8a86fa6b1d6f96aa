// A server on loopback, on a thread of its own, with a handler whose paths each do one thing to the session under test;
// and a caller that sends it bytes.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/http/server.hpp"
#include "test/support/connection.hpp"
#include "test/support/http_client.hpp"

namespace quartermaster::test {

/// What has happened in the server, for the test's thread to wait for.
class Journal {
 public:
  void add(std::string event);
  /// True once `event` has happened `times` times; false if it does not within a time in which it surely should.
  bool wait_for(std::string_view event, std::size_t times = 1) const;
  std::vector<std::string> events() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> events_;
};

/// Paths: /hello; /echo: the request's body; /big: kBig; /empty/<status>; /wait: until released or stopped;
/// /wait/accept: likewise, before the body is read; /refuse: 403 before the body is read; /throw, /throw/accept,
/// /throw/stream; /abort; /bad-header; /stream: "one", "two", "three"; /stream/cut: an error after "one"; /flood:
/// without end, a piece of kPiece bytes at a time. Bodies may have 1000 bytes. GET is cancelled if abandoned.
class TestHandler final : public http::Handler {
 public:
  static constexpr std::size_t kBig = 4U << 20;
  static constexpr std::size_t kPiece = 64U << 10;

  explicit TestHandler(asio::io_context& loop) : loop_(loop) {}

  Task<std::optional<http::Reply>> accept(http::Exchange& exchange) override;
  Task<http::Reply> handle(http::Exchange& exchange) override;
  http::Reply refuse(const Error& error, http::Exchange* exchange) override;
  void finished(http::Exchange* exchange, const http::Outcome& outcome) override;
  void failed(std::string_view what) override;

  /// "waiting", "released", "stopped", "failed <what>", "<target or refused> <status> <complete or cut> <bytes>".
  Journal journal;
  std::atomic<std::size_t> pieces{0};  // of /flood that were asked for

  void release();  // on the loop

 private:
  Task<http::Reply> wait(Call call);

  asio::io_context& loop_;
  std::list<Timer> waiting_;
  std::size_t releases_ = 0;
};

struct TlsServerIdentity {
  std::shared_ptr<asio::ssl::context> context;
  std::string ca;
};
TlsServerIdentity make_tls_identity();

class TestServer {
 public:
  explicit TestServer(http::Limits limits = {}, std::optional<TlsServerIdentity> tls = {});
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer();

  const Endpoint& endpoint() const { return endpoint_; }
  TestHandler& handler() { return handler_; }
  Journal& journal() { return handler_.journal; }

  /// Runs `function` on the loop, and waits for it.
  void on_loop(const std::function<void()>& function);
  void release() {
    on_loop([this] { handler_.release(); });
  }
  void stop_accepting() {
    on_loop([this] { server_->stop_accepting(); });
  }
  bool drain(std::chrono::milliseconds time);
  http::ConnectionCounts counts();
  std::size_t connections() { return counts().open; }
  /// Destroys the server; the loop runs on.
  void destroy() {
    on_loop([this] { server_.reset(); });
  }

 private:
  asio::io_context loop_{1};
  TestHandler handler_{loop_};
  std::optional<http::Server> server_;
  Endpoint endpoint_;
  asio::executor_work_guard<Executor> work_{loop_.get_executor()};
  std::thread thread_;
};

/// One connection to it.
class Caller {
 public:
  explicit Caller(const TestServer& server, int receive_buffer = 0) : connection_(server.endpoint(), receive_buffer) {}
  explicit Caller(const Endpoint& endpoint) : connection_(endpoint) {}

  Caller& send(std::string_view bytes);
  /// The next answer, 100 Continue included. Its status is 0 if the connection ends before its head is complete.
  HttpAnswer next(bool to_head = false);
  /// Whether the server closes the connection without another byte.
  bool ended();

  Connection& connection() { return connection_; }

 private:
  Connection connection_;
  std::string buffer_;
};

/// "GET <target> HTTP/1.1" with a Host, and `fields` ("Name: value\r\n...").
std::string get(std::string_view target, std::string_view fields = {});
std::string post(std::string_view target, std::string_view fields, std::string_view body = {});

}  // namespace quartermaster::test
