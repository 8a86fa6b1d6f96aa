// The HTTP client of one API server: credentials, connection pool, retries, deadlines, errors.
#pragma once

#include <boost/beast/http/verb.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kubeapi/byte_stream.hpp"
#include "kubeapi/call.hpp"
#include "kubeapi/circuit.hpp"
#include "kubeapi/cluster_config.hpp"
#include "kubeapi/status_error.hpp"

namespace quartermaster::kubeapi {

namespace http = boost::beast::http;

/// What a request is for: it decides about its place among the connections.
enum class Purpose {
  call,    // of a caller, and soon over
  stream,  // of a caller, and may go on for long
  review,  // whether a caller may have what it asks for: it does not stand in line behind what others ask for
  upkeep,  // what the service does of its own accord: caches, probes. An open circuit does not stop it
};

/// Name one before the co_await that it is for: see the note in api.hpp.
struct Request {
  http::verb method = http::verb::get;
  std::string target;  // path and query, already percent-encoded; the configured base path is put in front
  std::string body = {};
  std::string content_type = "application/json";  // sent with a body only
  std::string accept = "application/json";
  bool keep_deadline = false;  // of open(): the deadline covers the reading of the body, too
  // For metrics: "pods", "pods/log", "pods/cache" (what caches do of their own accord); never an object's name.
  std::string resource = {};
  ErrorOfAnswer* error_of_answer = status_error;  // for an answer that is not 2xx
  Purpose purpose = Purpose::call;
};

struct Response {
  unsigned status = 0;
  std::string body;
  std::vector<std::string> warnings = {};  // texts of the Warning headers
};

/// Told about each answer or failure of the API server. Called from the loop.
class ClientObserver {
 public:
  virtual ~ClientObserver() = default;
  /// `code` is the HTTP status, or 0 when there was none. `seconds` until the head of the answer.
  virtual void request_done(http::verb method, std::string_view resource, unsigned code, double seconds) = 0;
  virtual void request_retried(std::string_view why) = 0;
  /// The API server could be reached, or could not: called on changes only. `why` is "" when reachable.
  virtual void reachable_changed(bool reachable, std::string_view why) = 0;
  /// Something about token or CA that a person should know: "token file ... cannot be read, keeping the old token".
  virtual void credentials_event(bool problem, std::string_view message) = 0;
  /// Callers' requests are refused without asking the API server from now on (see circuit.hpp), or no longer.
  virtual void circuit_changed(bool open, std::string_view why) = 0;
  /// One was.
  virtual void request_refused() = 0;
};

struct ClientOptions {
  // Of calls and streams; a request beyond waits for one, until its deadline. Three in four may be streams.
  std::size_t max_connections = 64;
  Clock::duration idle_timeout = std::chrono::seconds(60);
  Clock::duration connect_timeout = std::chrono::seconds(5);
  std::size_t max_response_bytes = 64U << 20;  // of send(); a larger body is bad_gateway
  Clock::duration token_reread = std::chrono::minutes(1);
  Clock::duration ca_reread = std::chrono::minutes(5);
  std::string user_agent = "quartermaster";
  CircuitOptions circuit = {};
};

struct PoolStats {
  std::size_t in_use = 0;   // all
  std::size_t streams = 0;  // of these
  std::size_t idle = 0, waiting = 0;
  std::uint64_t opened = 0, reused = 0;
};

class Client {
 public:
  /// Throws ConfigError if what `config` names cannot be used: an unreadable CA, a key that does not fit its
  /// certificate. A token file that is not there yet is no error: it is read again. `observer` must outlive all that
  /// is under way.
  Client(asio::io_context& loop, ClusterConfig config, ClientOptions options = {}, ClientObserver* observer = nullptr);
  ~Client();

  /// One exchange with the whole body in memory. Any answer that is not 2xx is an Error: see
  /// Request::error_of_answer. A 401 is tried once more with a token read afresh; a 429, which says that nothing was
  /// done, up to twice more after the pause that it asks for, if the deadline allows (but an upkeep's, which knows its
  /// own pauses). Error: unavailable at once while the API server is known to be away.
  Task<Result<Response>> send(Request request, Call call);

  /// The same, but the body of a 2xx answer is read piece by piece. The deadline holds until the head of the answer has
  /// come; the reading ends only with the body, an error or `call.stop`. Buffers at most 16 KiB. Giving the stream up
  /// closes its connection at once. At the end the connection is reused.
  Task<Result<std::unique_ptr<ByteStream>>> open(Request request, Call call);

  PoolStats pool_stats() const;
  const ClusterConfig& config() const;
  /// Closes idle connections and refuses new requests.
  void shutdown();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace quartermaster::kubeapi
