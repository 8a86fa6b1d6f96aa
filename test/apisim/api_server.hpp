// A simulated kube-apiserver (version 1.20) with its storage and a few controllers, on a thread of its own: what tests
// and the demo control it by. Everything but start and stop may be called from any thread, and takes effect before it
// returns.
//
//   apisim::ApiServer server;
//   auto endpoint = server.start({.tls = true});
//   server.create(R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}})");
//   server.inject({.method = "GET", .target = "/pods", .count = 2, .action = apisim::Fault::Action::abort});
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "test/apisim/certificates.hpp"
#include "test/apisim/log_store.hpp"

namespace quartermaster::apisim {

namespace json = boost::json;

/// Who a bearer token stands for. A member of system:masters may do everything.
struct User {
  std::string name;
  std::vector<std::string> groups = {};
  std::string uid = {};
};

/// The token that Options and kubeconfig() hold by default: a member of system:masters.
inline constexpr std::string_view kAdminToken = "apisim-admin-token";

struct Options {
  std::string listen = "127.0.0.1:0";
  bool tls = false;
  std::optional<KeyPair> certificate = {};  // none: one of this server's own authority, for localhost, 127.0.0.1, ::1
  std::map<std::string, User> tokens = {{std::string(kAdminToken), {"admin", {"system:masters"}}}};
  bool anonymous = false;  // requests without a token are system:anonymous, who may do everything; else 401
  bool workloads = false;  // replace deleted pods that have a controller, and make pods run
  std::chrono::milliseconds workload_delay{300};      // from a pod's creation to its readiness
  std::chrono::milliseconds bookmark_interval{1000};  // a real one has a minute
  // As a newer API server does: streaming lists (sendInitialEvents), and bookmarks that follow changes of other kinds.
  bool watch_list = false;
  bool controllers = true;        // settle namespaces, quotas and claims
  std::size_t history = 200'000;  // changes that watches and continued lists can go back; what is older is compacted
  // Whom tokens are meant for; none: a server that knows nothing of audiences.
  std::vector<std::string> audiences = {"https://kubernetes.default.svc", "quartermaster"};
};

/// Where the server listens.
struct Endpoint {
  std::string url;      // "https://127.0.0.1:34567"
  std::string address;  // "127.0.0.1:34567": as Options::listen, starts another server on the same port
  std::uint16_t port = 0;
  std::string ca_pem;  // "" without TLS
};

/// What becomes of a watch that was disturbed.
enum class Afterwards { go_on, end, cut, hang };

/// What to do to requests instead of, or on top of, answering them.
struct Fault {
  enum class Action { pass, answer, hang, abort };
  static constexpr std::size_t kAlways = std::numeric_limits<std::size_t>::max();

  // Which requests.
  std::string method = {};  // "" is any
  std::string target = {};  // regular expression (ECMAScript), searched in path and query; "" is any
  std::size_t skip = 0;     // let so many matching ones go by first
  std::size_t count = 1;    // then hit so many

  // What happens.
  bool compact = false;  // forget all changes up to now: versions and continue tokens from before have expired
  Action action = Action::pass;
  std::chrono::milliseconds delay{0};            // before anything else happens
  unsigned status = 503;                         // of an `answer`
  std::string reason = {};                       // of an `answer`'s Status body
  std::string message = {};                      // likewise
  std::optional<std::int64_t> retry_after = {};  // likewise, seconds; also sent as a header

  // Changes to the answer, whoever made it.
  std::optional<std::string> body = {};          // instead of the right one
  std::optional<std::string> content_type = {};  // instead of the right one
  std::optional<std::size_t> cut_after = {};     // break the connection after so many bytes of the body
  std::optional<std::size_t> hang_after = {};    // say nothing more after so many bytes of the body
  std::size_t piece = 0;                         // send the body in pieces of so many bytes; 0: as it comes
  std::chrono::milliseconds piece_delay{0};      // before each piece
};

/// A rule of who may do what, for SubjectAccessReviews and requests. "*" is all; an empty list of names is all, too.
struct Rule {
  std::vector<std::string> verbs = {"*"};
  std::vector<std::string> groups = {"*"};
  std::vector<std::string> resources = {"*"};  // "pods", "pods/log"
  std::vector<std::string> namespaces = {"*"};
  std::vector<std::string> names = {};
  std::vector<std::string> non_resource_urls = {};  // "/metrics", "/healthz/*"
};

/// A request that arrived, whatever became of it.
struct Request {
  std::string method;
  std::string target;
  std::string user;        // "" where it was refused before it got one
  std::string request_id;  // X-Request-Id
  std::string body;
  unsigned status = 0;  // 0: not answered (yet)
};

class ApiServer {
 public:
  ApiServer();
  ~ApiServer();  // stops
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  /// Listens and serves, with the objects of a former run, if there was one. Throws std::runtime_error.
  Endpoint start(Options options = {});
  /// Cuts all connections. Objects, faults and logs stay.
  void stop();
  Endpoint endpoint() const;
  /// A kubeconfig for this server, with a token. YAML.
  std::string kubeconfig(std::string_view token = kAdminToken) const;

  /// Creates as a client would (defaults, validation, admission) and as system:masters. Throws std::runtime_error with
  /// the Status' message. Answers the object as stored.
  json::object create(std::string_view object);
  json::object create(json::object object);
  /// Writes an object as it is, new or not, past all rules, as if into etcd: uid, creationTimestamp and
  /// resourceVersion are given where they are missing (the last one always). The way to set a status.
  json::object put(std::string_view object);
  json::object put(json::object object);
  /// Takes it away past all rules. False: was not there. `kind` as in the object: "Pod"; `ns` "" where there is none.
  bool remove(std::string_view kind, std::string_view ns, std::string_view name);
  std::optional<json::object> find(std::string_view kind, std::string_view ns, std::string_view name) const;
  /// All of a kind, by namespace and name; `ns` "" is all namespaces.
  std::vector<json::object> list(std::string_view kind, std::string_view ns = {}) const;
  std::string resource_version() const;
  /// Fills in the demo data (demo.cpp).
  void load_demo();
  /// Writes many objects at once, before clients come; bulk.hpp says which, and where. Takes a resource's plural.
  void fill(std::string_view plural, std::size_t count);
  /// So many changes of filled pods a second from now on; 0 is none.
  void change_pods(double per_second);

  /// Logs of pods' containers; thread-safe.
  LogStore& logs();
  /// What a node's kubelet answers to GET /stats/summary, through the API server. Other nodes are not there.
  void set_node_stats(std::string node, std::string summary);

  void set_token(std::string token, User user);
  void remove_token(const std::string& token);
  /// true: 401 to everything, until false.
  void refuse_tokens(bool refuse);
  /// What a user who is not in system:masters may do. By default nothing. Requests and reviews both go by it.
  void set_rules(const std::string& user, std::vector<Rule> rules);

  void inject(Fault fault);
  void clear_faults();
  /// Forgets all changes up to now: older watches get 410, and continued lists, too.
  void compact();
  /// Writes bytes between two events of all watches that are open now and whose path matches the regular expression (""
  /// is any), and then goes on with them, ends them in good order, cuts them or says nothing more. Answers how many.
  std::size_t disturb_watches(std::string_view bytes, Afterwards afterwards, const std::string& path = {});
  /// Cuts the connections of all watches.
  void drop_watches();
  /// Whether watches that ask for bookmarks get any.
  void send_bookmarks(bool send);
  std::size_t watches() const;

  /// What arrived since the start or the last clear, oldest first; at most the last 10,000.
  std::vector<Request> requests() const;
  void clear_requests();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quartermaster::apisim
