// What belongs to the story of a pod.
#include "server/api/timeline.hpp"

#include <algorithm>
#include <set>

#include "model/names.hpp"
#include "model/pod.hpp"
#include "server/api/owners.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

constexpr std::string_view kNodesNamespace = "default";  // where events of what has no namespace are

std::string name_of(Kind kind) { return std::string(model::info(kind).name); }

/// Names come from objects; whatever they hold, they stay within a field selector.
void add(std::vector<Subject>& subjects, Subject subject) {
  if (check_dns1123_subdomain(subject.name).empty()) subjects.push_back(std::move(subject));
}

Subject pod_itself(const std::string& ns, const model::Pod& pod) {
  Subject subject{.ns = ns, .kind = name_of(Kind::pod), .name = pod.meta.name, .uids = {pod.meta.uid}};
  if (const auto hash = model::mirror_hash(pod); !hash.empty()) subject.uids.emplace_back(hash);
  return subject;
}

/// What the pod belongs to, up to the deployment.
Task<void> add_owners(Context& context, std::optional<Owner> owner, Timeline& timeline) {
  const auto& ns = context.at("namespace");
  while (owner) {
    add(timeline.subjects, {.ns = ns, .kind = owner->kind, .name = owner->name, .uids = {owner->uid}});
    auto above = co_await owner_above(context, *owner);
    if (!above && above.error().code != ErrorCode::not_found) {
      timeline.unread.push_back({Kind::replica_set, above.error()});
    }
    owner = above ? *above : std::nullopt;
  }
}

void add_claims(const std::string& ns, const model::Pod& pod, Timeline& timeline) {
  std::set<std::string> claims;
  for (const auto& mount : pod.claims) claims.insert(mount.claim);
  for (const auto& claim : claims) add(timeline.subjects, {.ns = ns, .kind = name_of(Kind::pvc), .name = claim});
}

/// The node of the pod, now or later.
Task<void> add_place(Context& context, model::Pod pod, Timeline& timeline) {
  const bool homeless = pod.node_name.empty();
  if (homeless && !context.query.boolean("follow")) co_return;
  const auto allowed = co_await may(context, Moment::part, Kind::event, "");
  if (!allowed) {
    timeline.unread.push_back({Kind::node, allowed.error()});
  } else if (homeless) {
    timeline.homeless = pod.meta.uid;
  } else {
    add_node(timeline.subjects, pod.node_name);
  }
}

}  // namespace

bool is_about(const model::Event& event, const Subject& subject) {
  const auto& about = event.involved;
  if (about.kind != subject.kind || (!subject.name.empty() && about.name != subject.name)) return false;
  return subject.uids.empty() || std::ranges::find(subject.uids, about.uid) != subject.uids.end();
}

bool is_about_any(const model::Event& event, const std::vector<Subject>& subjects) {
  return std::ranges::any_of(subjects, [&event](const auto& subject) { return is_about(event, subject); });
}

void add_node(std::vector<Subject>& subjects, std::string node) {
  add(subjects, {.ns = std::string(kNodesNamespace), .kind = name_of(Kind::node), .name = std::move(node)});
}

Task<Result<Timeline>> read_timeline(Context& context) {
  const auto& ns = context.at("namespace");
  const auto& name = context.at("pod");
  Timeline timeline;
  const auto raw = co_await context.services.api.get(Kind::pod, ns, name, {}, context.call);
  if (!raw && raw.error().code != ErrorCode::not_found) co_return raw.error();
  if (!raw) {
    add(timeline.subjects, {.ns = ns, .kind = name_of(Kind::pod), .name = name});
    co_return timeline;
  }
  timeline.pod_exists = true;
  const auto pod = model::pod_from(raw->root());
  add(timeline.subjects, pod_itself(ns, pod));
  const auto owner = owner_of(pod.meta);
  co_await add_owners(context, owner, timeline);
  add_claims(ns, pod, timeline);
  co_await add_place(context, pod, timeline);
  co_return timeline;
}

Task<Result<kubeapi::AllObjects<model::Event>>> events_about(kubeapi::Api& api, Subject subject, Call call) {
  kubeapi::ListOptions options;
  options.field_selector = "involvedObject.kind=" + subject.kind;
  if (!subject.name.empty()) options.field_selector += ",involvedObject.name=" + subject.name;
  auto listed =
      co_await kubeapi::list_all(api, Kind::event, subject.ns, std::move(options), std::move(call), model::event_from);
  if (!listed) co_return listed.error();
  std::erase_if(listed->objects, [&subject](const auto& event) { return !is_about(event, subject); });
  co_return listed;
}

}  // namespace quartermaster::api
