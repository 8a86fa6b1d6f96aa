// Who uses a secret. What the caller, or the service, may not list is said, and the rest told all the same.
#include <string>
#include <vector>

#include "model/pod.hpp"
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"
#include "server/api/secret_users.hpp"
#include "server/http/error_table.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

struct Usage {
  bool exists = false;
  std::vector<User<model::Pod>> pods = {};
  std::vector<User<model::ObjectMeta>> accounts = {}, ingresses = {};
  std::vector<Unread> unread = {};

  bool any() const { return !pods.empty() || !accounts.empty() || !ingresses.empty(); }
};

/// Fills `users`; what is forbidden, or not there in this cluster, goes to `unread`. Error: anything else.
template <class T>
Task<Result<void>> read_part(Context& context, Kind kind, PlacesOf places_of, T (*read)(json::Value),
                             std::vector<User<T>>& users, std::vector<Unread>& unread) {
  const std::string all, secret = context.at("secretname");
  const auto allowed = co_await may(context, Moment::part, kind, all);
  Error why;
  if (allowed) {
    auto found = co_await users_of(context, kind, secret, places_of, read);
    if (found) {
      users = std::move(*found);
      co_return Result<void>();
    }
    why = found.error();
  } else {
    why = allowed.error();
  }
  if (why.code != ErrorCode::forbidden && why.code != ErrorCode::not_found) co_return why;
  unread.push_back({kind, std::move(why)});
  co_return Result<void>();
}

Task<Result<void>> read_users(Context& context, Usage& usage) {
  auto done =
      co_await read_part(context, Kind::pod, model::secret_places_in_pod, model::pod_from, usage.pods, usage.unread);
  if (!done) co_return done.error();
  done = co_await read_part(context, Kind::service_account, model::secret_places_in_service_account,
                            model::object_meta_from, usage.accounts, usage.unread);
  if (!done) co_return done.error();
  done = co_await read_part(context, Kind::ingress, model::secret_places_in_ingress, model::object_meta_from,
                            usage.ingresses, usage.unread);
  if (!done) co_return done.error();
  co_return Result<void>();
}

void write_pods(json::Writer& writer, const std::vector<User<model::Pod>>& users) {
  writer.key("pods").begin_array();
  for (const auto& [pod, places] : users) {
    const auto* const owner = model::controller(pod.meta);
    writer.begin_object().field("name", pod.meta.name);
    write_field(writer, "state", model::state_of(pod));
    writer.key("controller").begin_object();
    writer.field("kind", owner == nullptr ? "" : owner->kind).field("name", owner == nullptr ? "" : owner->name);
    writer.end_object();
    model::write_field(writer, "references", places);
    writer.end_object();
  }
  writer.end_array();
}

void write_named(json::Writer& writer, std::string_view member, const std::vector<User<model::ObjectMeta>>& users) {
  writer.key(member).begin_array();
  for (const auto& [meta, places] : users) {
    writer.begin_object().field("name", meta.name);
    model::write_field(writer, "references", places);
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

void write_unread(json::Writer& writer, const std::vector<Unread>& unread) {
  writer.key("unread").begin_array();
  for (const auto& [kind, why] : unread) {
    const auto& info = model::info(kind);
    std::string resource(info.resource);
    if (!info.group.empty()) resource.append(".").append(info.group);
    writer.begin_object().field("resource", resource).field("reason", http::error_row(why.code).reason);
    writer.field("message", why.message).end_object();
  }
  writer.end_array();
}

Task<Result<http::Reply>> get_secret_usage(Context& context) {
  const auto& ns = context.at("namespace");
  const auto& name = context.at("secretname");
  const auto raw = co_await context.services.api.get(Kind::secret, ns, name, {}, context.call);
  if (!raw && raw.error().code != ErrorCode::not_found) co_return raw.error();
  Usage usage{.exists = raw.has_value()};
  const auto done = co_await read_users(context, usage);
  if (!done) co_return done.error();
  // Those who wait for a secret that is gone are worth knowing.
  if (!usage.exists && !usage.any()) co_return about(raw.error(), "secret", ns, name);

  std::string body;
  json::Writer writer(body);
  writer.begin_object().field("name", name).field("namespace", ns).field("exists", usage.exists);
  write_pods(writer, usage.pods);
  write_named(writer, "serviceAccounts", usage.accounts);
  write_named(writer, "ingresses", usage.ingresses);
  write_unread(writer, usage.unread);
  writer.end_object();
  co_return json_reply(200, std::move(body));
}

}  // namespace quartermaster::api
