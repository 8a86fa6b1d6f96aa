// The verbs of the Kubernetes API on the kinds that we use: builds paths and queries, parses answers.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kubeapi/client.hpp"
#include "model/json.hpp"
#include "model/kinds.hpp"

namespace quartermaster::kubeapi {

// g++ 12 destroys a temporary aggregate inside of a co_await expression twice: `co_await api.list(..., {.limit = 1},
// ...)` corrupts the heap. So the options with strings are no aggregates, but LogOptions: name one before the co_await.

struct ListOptions {
  ListOptions() = default;
  std::string label_selector = {};
  std::string field_selector = {};
  std::size_t limit = 0;  // 0: all
  std::string continue_token = {};
  std::string resource_version = {};  // not older than; "" is the most recent
  // What resource_version means: "NotOlderThan", "Exact". Without it, and with a limit, it is exactly that version.
  std::string resource_version_match = {};
};

struct WatchOptions {
  WatchOptions() = default;
  std::string resource_version = {};  // all that has happened since
  std::chrono::seconds timeout{};     // after which the API server ends the watch; 0: when it likes
  // First an ADDED event for each object there is, then a bookmark that marks their end. Only newer API servers do so.
  bool send_initial_events = false;
};

struct WriteOptions {
  bool dry_run = false;
};

struct DeleteOptions {
  DeleteOptions() = default;
  bool dry_run = false;
  bool by_uid = false;                // refuse to go on without `uid`
  std::string uid = {};               // precondition
  std::string resource_version = {};  // precondition
};

struct LogOptions {
  std::string container = {};
  bool follow = false, previous = false, timestamps = false;
  std::optional<std::int64_t> tail_lines = {}, since_seconds = {}, limit_bytes = {};
  std::string since_time = {};  // RFC 3339
  bool keep_deadline = false;   // the call's deadline covers the reading, too
};

/// The answer to a delete.
struct Deleted {
  bool finished = true;          // false: the object is still there, with a deletion timestamp
  std::string resource_version;  // of the object that is still there, else ""
};

class Api {
 public:
  explicit Api(Client& client) : client_(client) {}

  // `ns` is "" for kinds without namespaces, and for a list across all namespaces. Every answer is checked to be an
  // object of the kind (a list: "items" is an array), else bad_gateway.
  Task<Result<json::Document>> get(model::Kind kind, std::string ns, std::string name, std::string resource_version,
                                   Call call);
  Task<Result<json::Document>> list(model::Kind kind, std::string ns, ListOptions options, Call call);
  /// The bytes of such a list, to be read object by object. The call's deadline covers the reading, too.
  Task<Result<std::unique_ptr<ByteStream>>> stream_list(model::Kind kind, std::string ns, ListOptions options,
                                                        Call call);
  Task<Result<json::Document>> create(model::Kind kind, std::string ns, std::string body, WriteOptions options,
                                      Call call);
  /// A JSON merge patch (RFC 7386). A metadata.resourceVersion in it is a precondition: conflict.
  Task<Result<json::Document>> patch(model::Kind kind, std::string ns, std::string name, std::string body,
                                     WriteOptions options, Call call);
  Task<Result<Deleted>> remove(model::Kind kind, std::string ns, std::string name, DeleteOptions options, Call call);
  /// For caches: the bytes of a list, and those of a watch, which has bookmarks. A watch's deadline covers the reading,
  /// too.
  Task<Result<std::unique_ptr<ByteStream>>> open_list(model::Kind kind, std::string ns, ListOptions options, Call call);
  Task<Result<std::unique_ptr<ByteStream>>> watch(model::Kind kind, std::string ns, WatchOptions options, Call call);
  Task<Result<std::unique_ptr<ByteStream>>> pod_log(std::string ns, std::string pod, LogOptions options, Call call);

  /// What the kubelet of a node has measured of its pods (/stats/summary), by way of the API server.
  Task<Result<json::Document>> node_stats(std::string node, Call call);

  Client& client() { return client_; }

 private:
  Client& client_;
};

}  // namespace quartermaster::kubeapi
