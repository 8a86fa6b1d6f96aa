// Follows a log through the service, on a thread of its own, and holds each line against the number that it must have.
// When it is told to, it hangs up and comes back with its last cursor.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "test/support/http_client.hpp"

namespace quartermaster::follow {

class Reader {
 public:
  /// `target`: the log's, without a query.
  Reader(const test::Endpoint& service, std::string target);
  ~Reader();

  std::uint64_t lines() const { return lines_; }
  std::uint64_t bytes() const { return bytes_; }
  int restarts() const { return restarts_; }
  int returns() const { return returns_; }
  /// It has read the proper end, or has found something wrong.
  bool done() const { return done_; }
  /// After done(): what is wrong, "" for nothing.
  const std::string& complaint() const { return complaint_; }

  void come_back() { come_back_ = true; }

 private:
  void run();
  void read_once();
  bool take(std::string_view line);

  const test::Endpoint service_;
  const std::string target_;
  std::atomic<std::uint64_t> lines_{0}, bytes_{0};
  std::atomic<int> restarts_{0}, returns_{0};
  std::atomic<bool> done_{false}, come_back_{false}, stop_{false};
  std::string cursor_, complaint_;
  std::thread thread_;
};

}  // namespace quartermaster::follow
