// Plans deletes of claims.
#include "model/deletion_plan.hpp"

#include <array>
#include <utility>

#include "model/dto.hpp"

namespace quartermaster::model {
namespace {

void write(json::Writer& writer, const PlannedDelete& planned) {
  const auto& meta = planned.claim.meta;
  writer.begin_object();
  writer.field("name", meta.name).field("uid", meta.uid).field("resourceVersion", meta.resource_version);
  writer.field("action", to_string(planned.action)).field("reason", planned.reason).field("message", planned.message);
  writer.key("users").begin_array();
  for (const auto& user : planned.users) {
    writer.begin_object();
    write_members(writer, user);
    writer.end_object();
  }
  writer.end_array();
  writer.field("volume", planned.claim.volume_name).field("reclaimPolicy", planned.loss.reclaim_policy);
  writer.field("dataLost", to_string(planned.loss.answer)).field("dataLostMessage", planned.loss.message);
  write_field(writer, "finalizers", meta.finalizers);
  writer.end_object();
}

}  // namespace

// What the controller of persistent volumes does when a claim is gone:
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
DataLoss data_loss(const Pvc& claim, const VolumeLookup& found) {
  using enum DataLoss::Answer;
  const auto& name = claim.volume_name;
  if (name.empty()) return {no, "no volume is bound to it"};
  if (found.outcome == VolumeLookup::Outcome::unknown) return {unknown, found.why};
  if (found.outcome == VolumeLookup::Outcome::absent) return {no, "there is no volume " + name};
  const auto& volume = found.volume;
  DataLoss loss{unknown, "", volume.reclaim_policy, volume.meta.uid};
  if (!belongs_to(volume, claim.meta)) {
    loss.answer = no;
    loss.message = "the volume " + name + " is not bound to it";
  } else if (volume.reclaim_policy == "Retain") {
    loss.answer = no;
    loss.message = "the volume " + name + " is kept";
  } else if (volume.reclaim_policy == "Delete" || volume.reclaim_policy == "Recycle") {
    loss.answer = yes;
    loss.message = "the volume " + name + (volume.reclaim_policy == "Delete" ? " is deleted, too" : " is emptied");
  } else {
    loss.message = "the volume " + name + " has a reclaim policy that is not known here";
  }
  return loss;
}

std::string_view to_string(DataLoss::Answer answer) {
  constexpr std::array<std::string_view, 3> kWords = {"no", "yes", "unknown"};
  return kWords.at(static_cast<std::size_t>(answer));
}

std::string_view to_string(PlannedDelete::Action action) {
  constexpr std::array<std::string_view, 4> kWords = {"delete", "terminate", "refuse", "none"};
  return kWords.at(static_cast<std::size_t>(action));
}

PlannedDelete plan_delete(Pvc claim, std::vector<ClaimUser> users, const VolumeLookup& volume, bool force) {
  using enum PlannedDelete::Action;
  PlannedDelete planned{.claim = std::move(claim), .users = std::move(users), .loss = {}};
  planned.loss = data_loss(planned.claim, volume);
  const auto& meta = planned.claim.meta;
  const auto holding = terminating_state(meta).message;
  if (!planned.users.empty() && !force) {
    planned.action = refuse;
    planned.reason = "InUse";
    planned.message = "used by " + names_of(planned.users);
  } else if (meta.terminating) {
    planned.action = none;
    planned.reason = "Terminating";
    planned.message = holding.empty() ? "it is being deleted" : holding;
  } else if (!meta.finalizers.empty()) {
    planned.action = terminate;
    planned.message = holding;
  }
  return planned;
}

void write_plan(json::Writer& writer, std::string_view token, const std::vector<PlannedDelete>& plan) {
  writer.begin_object().field("token", token).key("claims").begin_array();
  for (const auto& planned : plan) write(writer, planned);
  writer.end_array().end_object();
}

}  // namespace quartermaster::model
