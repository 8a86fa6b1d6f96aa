// Paths, queries and bodies of the verbs: https://kubernetes.io/docs/reference/using-api/api-concepts/
#include "kubeapi/api.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <utility>

#include "kubeapi/answers.hpp"
#include "kubeapi/secret_error.hpp"

namespace quartermaster::kubeapi {
namespace {

constexpr std::string_view kFieldManager = "quartermaster";
constexpr std::string_view kForCache = "/cache";  // in metrics: what is not done for a caller

/// A path and its query.
class Target {
 public:
  explicit Target(std::string path) : text_(std::move(path)) {}

  Target& add(std::string_view name, std::string_view value) {
    text_ += std::exchange(separator_, '&');
    text_.append(name).append("=").append(boost::urls::encode(value, boost::urls::unreserved_chars));
    return *this;
  }
  Target& add_unless_empty(std::string_view name, std::string_view value) {
    return value.empty() ? *this : add(name, value);
  }
  Target& add(std::string_view name, const std::optional<std::int64_t>& value) {
    return value ? add(name, std::to_string(*value)) : *this;
  }
  Target& add_flag(std::string_view name, bool value) { return value ? add(name, "true") : *this; }
  /// How long the API server may take. Not for what goes on until somebody ends it.
  Target& add_timeout(const Call& call) {
    if (call.deadline == Clock::time_point::max()) return *this;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(call.remaining()).count();
    return add("timeout", std::to_string(std::max<std::int64_t>(seconds, 1)) + "s");
  }
  /// Of a write.
  Target& add_write(bool dry_run) {
    if (dry_run) add("dryRun", "All");
    return add("fieldManager", kFieldManager);
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  char separator_ = '?';
};

/// A request with the metrics and the errors of its kind.
Request request_about(model::Kind kind, http::verb method, std::string target, std::string body = {}) {
  Request request{.method = method, .target = std::move(target), .body = std::move(body)};
  request.resource = std::string(model::info(kind).resource);
  if (kind == model::Kind::secret) {
    request.error_of_answer = method == http::verb::get ? secret_read_error : secret_write_error;
  }
  return request;
}

Request list_request(model::Kind kind, const std::string& ns, const ListOptions& options, const Call& call) {
  Target target(model::collection_path(kind, ns));
  target.add_unless_empty("labelSelector", options.label_selector)
      .add_unless_empty("fieldSelector", options.field_selector)
      .add_unless_empty("continue", options.continue_token)
      .add_unless_empty("resourceVersion", options.resource_version)
      .add_unless_empty("resourceVersionMatch", options.resource_version_match);
  if (options.limit > 0) target.add("limit", std::to_string(options.limit));
  target.add_timeout(call);
  return request_about(kind, http::verb::get, target.take());
}

/// An object of the kind.
Result<json::Document> parse_object(model::Kind kind, const Response& response) {
  auto document = json::parse(response.body);
  if (!document || document->root()["kind"].string() != model::info(kind).name ||
      !document->root()["metadata"].is_object()) {
    return senseless();
  }
  return document;
}

Result<json::Document> parse_list(model::Kind kind, const Response& response) {
  auto document = json::parse(response.body);
  if (!document) return senseless();
  const auto root = document->root();
  // No items are an empty list, as Go may write them as null.
  if (!is_list_of(kind, root) || !(root["items"].is_array() || root["items"].type() == json::Type::null)) {
    return senseless();
  }
  return document;
}

std::string delete_options(const DeleteOptions& options) {
  std::string body;
  json::Writer out(body);
  out.begin_object().field("apiVersion", "v1").field("kind", "DeleteOptions");
  if (!options.uid.empty() || !options.resource_version.empty()) {
    out.key("preconditions").begin_object();
    if (!options.uid.empty()) out.field("uid", options.uid);
    if (!options.resource_version.empty()) out.field("resourceVersion", options.resource_version);
    out.end_object();
  }
  if (options.dry_run) out.key("dryRun").begin_array().string("All").end_array();
  out.end_object();
  return body;
}

/// The answer is a Status when the object is gone. Some kinds answer with the object though it is gone: it still is
/// there if something has to happen first, which is finalizers (a namespace's are in its spec) or a pod's grace period.
Deleted judge(json::Value answer) {
  const auto meta = answer["metadata"];
  const bool waits = meta["finalizers"].size() > 0 || answer["spec"]["finalizers"].size() > 0 ||
                     meta["deletionGracePeriodSeconds"].integer().value_or(0) > 0;
  if (answer["kind"].string() == "Status" || meta["deletionTimestamp"].string().empty() || !waits) return {};
  return {.finished = false, .resource_version = std::string(meta["resourceVersion"].string())};
}

Task<Result<json::Document>> send_for_object(Client& client, model::Kind kind, Request request, Call call) {
  const auto response = co_await client.send(std::move(request), std::move(call));
  if (!response) co_return response.error();
  co_return parse_object(kind, *response);
}

}  // namespace

Task<Result<json::Document>> Api::get(model::Kind kind, std::string ns, std::string name, std::string resource_version,
                                      Call call) {
  Target target(model::object_path(kind, ns, name));
  target.add_unless_empty("resourceVersion", resource_version).add_timeout(call);
  Request request = request_about(kind, http::verb::get, target.take());
  co_return co_await send_for_object(client_, kind, std::move(request), std::move(call));
}

Task<Result<json::Document>> Api::list(model::Kind kind, std::string ns, ListOptions options, Call call) {
  Request request = list_request(kind, ns, options, call);
  const auto response = co_await client_.send(std::move(request), std::move(call));
  if (!response) co_return response.error();
  co_return parse_list(kind, *response);
}

Task<Result<std::unique_ptr<ByteStream>>> Api::stream_list(model::Kind kind, std::string ns, ListOptions options,
                                                           Call call) {
  Request request = list_request(kind, ns, options, call);
  request.keep_deadline = true;
  co_return co_await client_.open(std::move(request), std::move(call));
}

Task<Result<json::Document>> Api::create(model::Kind kind, std::string ns, std::string body, WriteOptions options,
                                         Call call) {
  Target target(model::collection_path(kind, ns));
  target.add_write(options.dry_run).add_timeout(call);
  Request request = request_about(kind, http::verb::post, target.take(), std::move(body));
  co_return co_await send_for_object(client_, kind, std::move(request), std::move(call));
}

Task<Result<json::Document>> Api::patch(model::Kind kind, std::string ns, std::string name, std::string body,
                                        WriteOptions options, Call call) {
  Target target(model::object_path(kind, ns, name));
  target.add_write(options.dry_run).add_timeout(call);
  Request request = request_about(kind, http::verb::patch, target.take(), std::move(body));
  request.content_type = "application/merge-patch+json";
  co_return co_await send_for_object(client_, kind, std::move(request), std::move(call));
}

Task<Result<Deleted>> Api::remove(model::Kind kind, std::string ns, std::string name, DeleteOptions options,
                                  Call call) {
  // A name or uid that an answer did not hold: without them a delete would hit something else, or everything.
  if (name.empty() || (options.by_uid && options.uid.empty())) co_return senseless();
  Target target(model::object_path(kind, ns, name));
  target.add_timeout(call);
  Request request = request_about(kind, http::verb::delete_, target.take(), delete_options(options));
  const auto response = co_await client_.send(std::move(request), std::move(call));
  if (!response) co_return response.error();
  const auto answer = json::parse(response->body);
  if (!answer || !answer->root().is_object()) co_return senseless();
  co_return judge(answer->root());
}

Task<Result<std::unique_ptr<ByteStream>>> Api::open_list(model::Kind kind, std::string ns, ListOptions options,
                                                         Call call) {
  Request request = list_request(kind, ns, options, call);
  request.resource += kForCache;
  request.purpose = Purpose::upkeep;
  co_return co_await client_.open(std::move(request), std::move(call));
}

Task<Result<std::unique_ptr<ByteStream>>> Api::watch(model::Kind kind, std::string ns, WatchOptions options,
                                                     Call call) {
  Target target(model::collection_path(kind, ns));
  target.add_flag("watch", true)
      .add_flag("allowWatchBookmarks", true)
      .add_unless_empty("resourceVersion", options.resource_version);
  if (options.send_initial_events) target.add("resourceVersionMatch", "NotOlderThan").add("sendInitialEvents", "true");
  if (options.timeout.count() > 0) target.add("timeoutSeconds", std::to_string(options.timeout.count()));
  Request request = request_about(kind, http::verb::get, target.take());
  request.keep_deadline = true;
  request.resource += kForCache;
  request.purpose = Purpose::upkeep;
  co_return co_await client_.open(std::move(request), std::move(call));
}

Task<Result<std::unique_ptr<ByteStream>>> Api::pod_log(std::string ns, std::string pod, LogOptions options, Call call) {
  Target target(model::object_path(model::Kind::pod, ns, pod) + "/log");
  target.add_unless_empty("container", options.container)
      .add_flag("follow", options.follow)
      .add_flag("previous", options.previous)
      .add_flag("timestamps", options.timestamps)
      .add("tailLines", options.tail_lines)
      .add("sinceSeconds", options.since_seconds)
      .add_unless_empty("sinceTime", options.since_time)
      .add("limitBytes", options.limit_bytes);
  // The log may be anything, and an error is JSON.
  Request request{.target = target.take(),
                  .accept = "*/*",
                  .keep_deadline = options.keep_deadline,
                  .resource = "pods/log",
                  .purpose = Purpose::stream};
  co_return co_await client_.open(std::move(request), std::move(call));
}

Task<Result<json::Document>> Api::node_stats(std::string node, Call call) {
  // The query would be the kubelet's, so that there is no timeout in it.
  Request request{.target = model::object_path(model::Kind::node, {}, node) + "/proxy/stats/summary",
                  .resource = "nodes/proxy"};
  const auto response = co_await client_.send(std::move(request), std::move(call));
  if (!response) co_return response.error();
  auto document = json::parse(response->body);
  if (!document || !document->root()["pods"].is_array()) co_return senseless();
  co_return document;
}

}  // namespace quartermaster::kubeapi
