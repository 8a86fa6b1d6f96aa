// The application behind the HTTP layer, at a socket, on a thread of its own; its API server cannot be reached.
#pragma once

#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <thread>

#include "test/unit/server/api_fixture.hpp"
#include "test/unit/server/http_fixture.hpp"

namespace quartermaster::test {

class ServiceServer : public ApiFixture {
 public:
  /// `tls` and `reviewer`: used on the loop.
  explicit ServiceServer(http::Limits limits = {}, http::TlsSource tls = {}, auth::Reviewer* reviewer = nullptr)
      : ApiFixture(limits, reviewer), server_(loop, service, limits, std::move(tls)) {
    endpoint_.port = server_.listen("127.0.0.1:0").port();
    thread_ = std::thread([this] { loop.run(); });
  }
  ServiceServer(const ServiceServer&) = delete;
  ServiceServer& operator=(const ServiceServer&) = delete;
  ~ServiceServer() {
    loop.stop();
    thread_.join();
  }

  const Endpoint& endpoint() const { return endpoint_; }
  /// Where a caller at another address of loopback connects.
  Endpoint endpoint_from(std::string address) const {
    auto endpoint = endpoint_;
    endpoint.from = std::move(address);
    return endpoint;
  }

  /// Runs `function` on the loop, and waits for it.
  void on_loop(const std::function<void()>& function) {
    std::promise<void> done;
    asio::post(loop, [&] {
      function();
      done.set_value();
    });
    done.get_future().get();
  }
  http::Admission::Counts requests_in_flight() {
    http::Admission::Counts counts;
    on_loop([&] { counts = overload.requests.counts(); });
    return counts;
  }

 private:
  http::Server server_;
  Endpoint endpoint_;
  asio::executor_work_guard<Executor> work_{loop.get_executor()};
  std::thread thread_;
};

}  // namespace quartermaster::test
