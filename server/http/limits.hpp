// What callers may take of the service: sizes, numbers and times.
#pragma once

#include <chrono>
#include <cstddef>

#include "kubeapi/task.hpp"

namespace quartermaster::http {

struct Limits {
  std::size_t head_bytes = 16U << 10;  // request line and header fields
  std::size_t header_count = 100;
  std::size_t target_bytes = 8U << 10;
  std::size_t body_bytes = 3U << 20;      // of a request
  std::size_t bodies_bytes = 64U << 20;   // of all requests in flight
  std::size_t answers_bytes = 64U << 20;  // of all large answers that are made or sent
  std::size_t connections = 10'000;
  std::size_t connections_per_peer = 1000;        // of one address
  std::size_t requests_per_connection = 100'000;  // then it is closed, so that callers spread over replicas
  std::size_t requests_in_flight = 1024;
  std::size_t streams = 32;  // answers without end, such as logs: fewer than there are connections upstream
  std::size_t streams_per_caller = 16;
  std::size_t watchers = 8000;  // who listen to changes of lists: streams without a connection upstream
  std::size_t watchers_per_caller = 1000;
  Clock::duration tls_handshake = std::chrono::seconds(10);
  Clock::duration head = std::chrono::seconds(10);  // from its first byte to its last
  Clock::duration body = std::chrono::seconds(30);
  Clock::duration write = std::chrono::seconds(30);  // for a piece of an answer: a reader that takes nothing is cut off
  Clock::duration idle = std::chrono::seconds(75);   // between requests
  Clock::duration linger = std::chrono::seconds(5);  // for the peer to close, after the last answer
};

}  // namespace quartermaster::http
