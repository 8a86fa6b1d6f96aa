// What a caller must be allowed to do for a route: declared beside it.
#pragma once

#include <boost/container/small_vector.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/kinds.hpp"
#include "model/subject_access_review.hpp"
#include "server/api/query.hpp"

namespace quartermaster::api {

/// When a requirement can be checked. Those that come before `name` are checked at the head, all others by the handler:
/// by require(), or by may() and not_allowed() where a no refuses nobody, and the answer is just the poorer: `told` and
/// those below it.
enum class Moment {
  head,           // always, before the body is read
  prune,          // likewise, with prune=true
  restart,        // likewise, with restartConsumers=true
  mode_delete,    // likewise, with mode=delete, or without a mode
  mode_evict,     // likewise, with mode=evict
  mode_rollout,   // likewise, with mode=rollout
  wait,           // likewise, with a wait
  follow,         // likewise, with follow=true
  stream,         // likewise, if text/event-stream is accepted
  name,           // on the name that the body or the query gives
  kept_data,      // on that name, if the body has no data, so that the answer shows what the secret has
  workload,       // on the workload that a pod belongs to, before it is restarted
  each_selected,  // on each object that is selected; on all, if none is
  new_quota,      // before a quota is created
  contents,       // before limits, isolation or members of a tenant are written: what is done to each, and bind
  told,           // so that a refusal names the objects that are selected
  volume,         // on the volume of each claim, with dryRun or a plan, so that it tells the reclaim policy
  node_stats,     // on the node of a pod that mounts the claim, for how full it is
  node_proxy,     // the same, instead
  part,           // for a part of the answer: without it, the answer says what it lacks
  default_class,  // for claims that name no class, where a quota counts by class; likewise
  consumer,       // on each workload before it is restarted: without it, the answer says so
};

/// A verb on objects of a kind. Namespace and name are those of path parameters; "" where there is none.
struct Requirement {
  std::string_view verb;
  model::Kind kind;
  std::string_view ns = {};
  std::string_view name = {};
  std::string_view subresource = {};
  Moment moment = Moment::head;
};

/// There is no default: a route cannot be declared without it.
class Access {
 public:
  enum class Who { anyone, path, resources };

  /// No check, not even of a token that is given.
  static Access anyone() { return Access(Who::anyone, {}); }
  /// "get" on the route's path, which is no resource.
  static Access path() { return Access(Who::path, {}); }
  /// All of these.
  static Access to(std::vector<Requirement> all) { return Access(Who::resources, std::move(all)); }
  /// The same for a read that can be answered from a cache alone: `--auth-stale-max` is for these.
  static Access to_cached(std::vector<Requirement> all) {
    auto access = to(std::move(all));
    access.cached_ = true;
    return access;
  }

  Who who() const { return who_; }
  const std::vector<Requirement>& requirements() const { return requirements_; }
  bool cached() const { return cached_; }

 private:
  Access(Who who, std::vector<Requirement> requirements) : who_(who), requirements_(std::move(requirements)) {}

  Who who_;
  std::vector<Requirement> requirements_;
  bool cached_ = false;
};

using PathParameters = std::map<std::string, std::string, std::less<>>;
using Actions = boost::container::small_vector<model::AccessAttributes, 3>;

/// The attributes of a requirement, without those of its moment. Views of `path` and of what lives for ever.
model::AccessAttributes attributes_of(const Requirement& requirement, const PathParameters& path);

/// What must be allowed before the body is read. `stream`: for a stream of events.
Actions actions_at_head(const Access& access, std::string_view pattern, const PathParameters& path, const Query& query,
                        bool stream = false);

}  // namespace quartermaster::api
