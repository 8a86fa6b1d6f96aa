// A client of the service: writes its own objects, and reads everybody's through both replicas.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "test/history/stage.hpp"

namespace quartermaster::history {

struct Settings {
  std::size_t operations = 100'000;
  std::size_t workers = 20;
  double rate = 1000;             // operations a second, at most: faults take their time
  bool ignore_freshness = false;  // reads do not ask for the versions that they should get
};

/// What all workers share.
struct Board {
  const std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  std::atomic<std::size_t> done = 0;                // operations
  std::atomic<bool> broken = false;                 // a worker has failed
  std::array<std::atomic<Version>, 3> latest = {};  // of each kind, the newest version that a write has answered
};

struct Counts {
  std::map<std::string, std::size_t> operations;  // "write tenant", "read list"
  std::map<unsigned, std::size_t> statuses;       // of reads and writes through the service
  std::size_t unknown_writes = 0;                 // whose answer was lost or an error
  std::size_t versions_asked = 0;
  std::size_t cached = 0;  // reads that a cache answered
  std::size_t waits = 0;   // reads that took longer than 20 ms

  void add(const Counts& other);
};

class Worker {
 public:
  Worker(Stage& stage, Ledger& ledger, Board& board, const Settings& settings, std::size_t number);
  /// Until all operations are done.
  void run();

  const std::vector<Read>& reads() const { return reads_; }
  const Counts& counts() const { return counts_; }

 private:
  void write();
  void write_directly(std::size_t object);
  void write_tenant(std::size_t object);
  void delete_claim(std::size_t object);
  void settle(std::size_t object, Index index, bool removes);
  void know(std::size_t object, const Change& change);
  Index begin(std::size_t object) { return ++stage_.objects()[object]->attempted; }

  void read(std::optional<std::size_t> object, std::size_t replica);
  void take(const test::HttpAnswer& answer, bool list, std::vector<std::size_t> scope, Read read);
  Version version_to_ask(Kind kind);
  std::size_t any(std::size_t count) { return random_() % count; }

  Stage& stage_;
  Ledger& ledger_;
  Board& board_;
  const Settings& settings_;
  std::size_t number_;
  std::mt19937 random_;
  std::array<Client, 2> clients_;
  std::vector<std::size_t> own_;         // objects
  std::map<std::size_t, bool> present_;  // own objects
  std::map<std::size_t, Version> last_;  // the latest that their last change may have
  std::array<Version, 3> session_ = {};  // by kind: the newest version that an answer has shown to us
  std::vector<Read> reads_;
  Counts counts_;
};

}  // namespace quartermaster::history
