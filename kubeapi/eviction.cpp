// k8s.io/kubernetes/pkg/registry/core/pod/storage, eviction.go.
#include "kubeapi/eviction.hpp"

#include <algorithm>

#include "kubeapi/answers.hpp"
#include "kubeapi/status_error.hpp"

namespace quartermaster::kubeapi {
namespace {

constexpr std::string_view kReason = "DisruptionBudget";

std::string target_of(std::string_view ns, std::string_view pod, bool dry_run, const Call& call) {
  auto target = model::object_path(model::Kind::pod, ns, pod) + "/eviction?fieldManager=quartermaster";
  if (dry_run) target += "&dryRun=All";
  if (call.deadline == Clock::time_point::max()) return target;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(call.remaining()).count();
  return target + "&timeout=" + std::to_string(std::max<std::int64_t>(seconds, 1)) + "s";
}

std::string body_of(std::string_view version, std::string_view ns, std::string_view pod, std::string_view uid) {
  std::string body;
  json::Writer out(body);
  out.begin_object().field("apiVersion", version).field("kind", "Eviction");
  out.key("metadata").begin_object().field("name", pod).field("namespace", ns).end_object();
  out.key("deleteOptions").begin_object().key("preconditions").begin_object().field("uid", uid);
  out.end_object().end_object().end_object();
  return body;
}

/// From "The disruption budget web needs 2 healthy pods and has 2 currently", or "... is still being processed by the
/// server.": then nothing is allowed, either.
Cause read_cause(std::string_view message) {
  constexpr std::string_view kBegin = "The disruption budget ";
  Cause cause{.field = "", .reason = std::string(kReason), .message = std::string(message)};
  if (!message.starts_with(kBegin)) return cause;
  message.remove_prefix(kBegin.size());
  const auto end = std::min(message.find(' '), message.size());
  cause.field = message.substr(0, end);
  cause.message = "allows 0 disruptions: it" + std::string(message.substr(end));
  return cause;
}

}  // namespace

Error eviction_error(unsigned http_status, std::string_view body, std::string_view retry_after_header) {
  auto error = status_error(http_status, body, retry_after_header);
  const auto* const told = budget_cause(error);
  const bool several = error.message.starts_with("This pod has more than one PodDisruptionBudget");
  if (http_status == 429 && told != nullptr) {
    auto cause = read_cause(told->message);
    const auto who = cause.field.empty() ? std::string() : "the disruption budget " + cause.field + " ";
    return {ErrorCode::conflict, who + cause.message, {std::move(cause)}};
  }
  if (http_status == 500 && several) {
    return {ErrorCode::conflict, error.message, {Cause{"", std::string(kReason), error.message}}};
  }
  return error;
}

const Cause* budget_cause(const Error& error) {
  const auto found = std::ranges::find(error.causes, kReason, &Cause::reason);
  return found == error.causes.end() ? nullptr : &*found;
}

Task<Result<void>> evict(Client& client, std::string ns, std::string pod, DeleteOptions options, Call call) {
  if (pod.empty() || options.uid.empty()) co_return senseless();
  for (bool beta = false;; beta = true) {
    Request request{.method = http::verb::post,
                    .target = target_of(ns, pod, options.dry_run, call),
                    .body = body_of(beta ? "policy/v1beta1" : "policy/v1", ns, pod, options.uid),
                    .resource = "pods/eviction",
                    .error_of_answer = eviction_error};
    const auto response = co_await client.send(std::move(request), call);
    if (response) co_return Result<void>();
    // One that does not know the version cannot read the body.
    if (response.error().code != ErrorCode::bad_request || beta) co_return response.error();
  }
}

}  // namespace quartermaster::kubeapi
