// What objects belong to.
#include "server/api/owners.hpp"

#include "server/api/replies.hpp"

namespace quartermaster::api {

using model::Kind;

std::optional<Owner> owner_of(const model::ObjectMeta& meta) {
  const auto* const owner = model::controller(meta);
  if (owner == nullptr) return std::nullopt;
  return Owner{owner->kind, owner->name, owner->uid};
}

std::optional<Kind> maker_kind(std::string_view kind) {
  for (const auto known : {Kind::deployment, Kind::replica_set, Kind::stateful_set, Kind::daemon_set}) {
    if (kind == model::info(known).name) return known;
  }
  return std::nullopt;
}

Task<Result<std::optional<Owner>>> owner_above(Context& context, Owner owner) {
  if (maker_kind(owner.kind) != Kind::replica_set) co_return std::optional<Owner>();
  const auto& ns = context.at("namespace");
  const auto raw = co_await context.services.api.get(Kind::replica_set, ns, owner.name, {}, context.call);
  if (!raw) co_return about(raw.error(), owner.kind, ns, owner.name);
  const auto meta = model::object_meta_from(raw->root());
  if (meta.uid != owner.uid) co_return gone(owner);
  co_return owner_of(meta);
}

Error gone(const Owner& owner) {
  return {ErrorCode::not_found, "there is no such " + owner.kind + " any more, or it was made anew"};
}

}  // namespace quartermaster::api
