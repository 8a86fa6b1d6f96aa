// The stage of a history: a simulated API server, two replicas of the service with caches of their own, each behind a
// network of its own, and the objects that the writers change.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "test/apisim/api_server.hpp"
#include "test/history/ledger.hpp"
#include "test/support/fault_proxy.hpp"
#include "test/support/http_client.hpp"
#include "test/support/subprocess.hpp"
#include "test/support/temp_dir.hpp"

namespace quartermaster::history {

enum class Kind { claim, pod, tenant };

/// An object that a writer changes: which change its content is of stands in a label, of a tenant in an annotation.
struct Object {
  Kind kind;
  std::string ns;  // "" of a tenant
  std::string name;
  std::atomic<Index> attempted = 0;
  std::atomic<Version> written = 0;  // by the last change that is known to have happened

  Object(Kind k, std::string n, std::string m) : kind(k), ns(std::move(n)), name(std::move(m)) {}
};

inline constexpr const char* kMark = "history-index";

struct Replica {
  explicit Replica(std::uint16_t api_server) : network(api_server) {}

  test::FaultProxy network;
  test::Endpoint endpoint = {};
  std::unique_ptr<test::Subprocess> process = {};
};

class Stage {
 public:
  /// Starts everything and waits until it is ready. `program` is the service's. Throws.
  explicit Stage(const std::string& program);

  std::vector<std::unique_ptr<Object>>& objects() { return objects_; }
  /// Those of a kind and a namespace.
  std::vector<std::size_t> in(Kind kind, const std::string& ns) const;
  const std::vector<std::string>& namespaces() const { return namespaces_; }
  Replica& replica(std::size_t number) { return *replicas_[number]; }

  /// What etcd would say, whether the API server runs or not.
  /// Writes the object with this mark, new or not; answers its version.
  Version put(const Object& object, Index index);
  /// False: was not there. The version at which it went is not greater than version() afterwards.
  bool remove(const Object& object);
  Version version();
  /// The mark and the version of the object; nothing if it is not there.
  std::optional<std::pair<Index, Version>> find(const Object& object);

  /// For faults. The API server is not stopped while somebody uses it by the methods above.
  apisim::ApiServer& server() { return server_; }
  void restart_server(bool watch_list);

 private:
  void start_replica(const std::string& program);

  apisim::ApiServer server_;
  std::shared_mutex restarting_;
  apisim::Endpoint endpoint_;
  test::TempDir files_;
  std::vector<std::string> namespaces_;
  std::vector<std::unique_ptr<Object>> objects_;
  std::vector<std::unique_ptr<Replica>> replicas_;
};

/// Of the service: keeps its connection as long as it can.
class Client {
 public:
  explicit Client(const test::Endpoint& endpoint) : endpoint_(endpoint) {}
  /// Throws if there is no whole answer.
  test::HttpAnswer call(const test::HttpRequest& request);

 private:
  test::HttpAnswer try_call(const test::HttpRequest& request);

  test::Endpoint endpoint_;
  std::optional<test::Connection> connection_;
};

}  // namespace quartermaster::history
