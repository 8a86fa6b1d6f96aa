// The pod that takes the place of one that is restarted: waiting for it, and finding out why it does not come.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/pod.hpp"
#include "server/api/owners.hpp"

namespace quartermaster::api {

/// Something that an object of the owner chain tells of what goes wrong.
struct Obstacle {
  std::string kind, name;
  std::string reason;  // a CamelCase word
  std::string message;
};

struct Replacement {
  std::optional<model::Pod> pod = {};  // none: it has not come
  std::vector<Obstacle> causes = {};   // if it is not ready, why, as far as anything says so
};

/// {"name", "uid", "node", "ready", "state", "causes": [{kind, name, reason, message}]}
void write(json::Writer& writer, const Replacement& replacement);

/// Looks for a replacement. It asks the API server again and again, and keeps nothing but names.
class ReplacementFinder {
 public:
  /// `maker` is what makes the new pod: the old one's controller, or the workload that is rolled out.
  ReplacementFinder(Context& context, model::Pod old, Owner maker);

  /// Notes what there is before the restart: none of that is the replacement.
  Task<Result<void>> prepare();
  /// Waits until the replacement is ready or has done its work, for `at_most` so long, and as long as the service is
  /// not shutting down. From then on it extends the request's deadline. Error: cancelled only, as the restart is done.
  Task<Result<Replacement>> wait(Clock::duration at_most);

 private:
  Task<Result<void>> read_sets();
  Task<Result<void>> look();
  Task<void> explain();
  Task<void> add_events(Owner about);
  Task<std::vector<Owner>> chain();
  bool is_candidate(const model::Pod& pod) const;
  void add(const Owner& about, std::string reason, std::string message);

  Context& context_;
  const std::string ns_;
  const model::Pod old_;
  const Owner maker_;
  std::string selector_ = {};          // of its pods, as far as it is known
  std::set<std::string> before_ = {};  // uids of pods, or of a deployment's replica sets
  std::vector<Owner> sets_ = {};       // that a deployment has made since
  Timestamp since_ = {};

  std::optional<model::Pod> found_ = {};
  std::optional<model::Pod> old_now_ = {};  // if it is still there
  std::optional<Error> failure_ = {};       // of the last look
  bool looked_ = false;                     // one look was not in vain
  std::vector<Obstacle> causes_ = {};
};

}  // namespace quartermaster::api
