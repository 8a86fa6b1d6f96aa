// Who uses a claim, and how full it is.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "model/names.hpp"
#include "model/volume_stats.hpp"
#include "server/api/claim_users.hpp"
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"
#include "server/api/require.hpp"
#include "server/http/error_table.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

constexpr auto kMaxWait = std::chrono::seconds(5);  // for a kubelet
constexpr std::size_t kMaxNodes = 3;                // that are asked, one after the other

/// What a kubelet has measured, or why that is not known.
struct Measured {
  std::string node = {};
  std::optional<model::VolumeStats> stats = {};
  std::string_view reason = {};
  std::string message = {};
};

Measured missing(std::string node, std::string_view reason, std::string message) {
  return {.node = std::move(node), .reason = reason, .message = std::move(message)};
}

/// Where pods are that use the claim, running ones first.
std::vector<std::string> nodes_of(const std::vector<model::ClaimUser>& users) {
  std::vector<std::string> nodes;
  for (const bool running : {true, false}) {
    for (const auto& user : users) {
      const bool named = !user.node.empty() && check_dns1123_subdomain(user.node).empty();
      if (user.running != running || !named) continue;
      if (std::ranges::find(nodes, user.node) == nodes.end()) nodes.push_back(user.node);
    }
  }
  nodes.resize(std::min(nodes.size(), kMaxNodes));
  return nodes;
}

/// nodes/stats is what the kubelet itself asks for; nodes/proxy allows much more. Error: it is not known.
Task<Result<bool>> caller_may(Context& context, std::string node) {
  const std::vector<std::string> names = {node};
  for (const auto moment : {Moment::node_stats, Moment::node_proxy}) {
    const auto denied = co_await not_allowed(context, moment, names);
    if (!denied) co_return denied.error();
    if (denied->empty()) co_return true;
  }
  co_return false;
}

Measured unanswered(std::string node, const Error& error) {
  const auto reason = http::error_row(error.code).reason;
  if (error.code == ErrorCode::forbidden)
    return missing(std::move(node), reason, "this service may not get nodes/proxy: " + error.message);
  if (error.code == ErrorCode::timeout)
    return missing(std::move(node), reason, "the node's kubelet has not answered in time");
  return missing(std::move(node), reason, error.message);
}

Task<Measured> measure_on(Context& context, std::string node, std::string claim, std::vector<model::ClaimUser> users) {
  Call call = context.call;
  call.deadline = Clock::now() + std::min<Clock::duration>(kMaxWait, call.remaining() / 2);
  const auto may = co_await caller_may(context, node);
  if (!may) co_return unanswered(std::move(node), may.error());
  if (!*may) co_return missing(std::move(node), "Forbidden", "the caller may get neither nodes/stats nor nodes/proxy");
  const auto summary = co_await context.services.api.node_stats(node, std::move(call));
  if (!summary) co_return unanswered(std::move(node), summary.error());
  auto stats = model::volume_stats_from(summary->root(), context.at("namespace"), claim, users);
  if (!stats) co_return missing(std::move(node), "NotMeasured", "the node's kubelet has not measured it");
  Measured measured;
  measured.node = std::move(node);
  measured.stats = std::move(stats);
  co_return measured;
}

Task<Measured> measure(Context& context, std::string claim, std::vector<model::ClaimUser> users) {
  auto measured = missing("", "NotMounted", "no pod that is on a node uses it");
  for (const auto& node : nodes_of(users)) {
    measured = co_await measure_on(context, node, claim, users);
    if (measured.stats || context.call.stop.stop_requested()) break;
  }
  co_return measured;
}

void write(json::Writer& writer, const Measured& measured) {
  writer.begin_object().field("known", measured.stats.has_value());
  writer.field("reason", measured.reason).field("message", measured.message);
  writer.field("node", measured.node).field("time", measured.stats ? measured.stats->time : std::string());
  if (measured.stats) write_members(writer, *measured.stats);
  writer.end_object();
}

}  // namespace

Task<Result<http::Reply>> get_pvc_usage(Context& context) {
  const auto& ns = context.at("namespace");
  const auto& name = context.at("pvcname");
  const auto claim = co_await context.services.api.get(Kind::pvc, ns, name, {}, context.call);
  if (!claim) co_return about(claim.error(), "pvc", ns, name);
  const auto usage = co_await claim_usage(context.services.api, ns, context.call);
  if (!usage) co_return usage.error();
  const auto users = usage->users(name);
  const auto measured = co_await measure(context, name, users);

  std::string body;
  json::Writer writer(body);
  writer.begin_object().field("name", name).field("namespace", ns).key("users").begin_array();
  for (const auto& user : users) {
    writer.begin_object();
    write_members(writer, user);
    writer.field("node", user.node).end_object();
  }
  writer.end_array().key("stats");
  write(writer, measured);
  writer.end_object();
  co_return json_reply(200, std::move(body));
}

}  // namespace quartermaster::api
