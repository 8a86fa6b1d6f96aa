// Secrets: create, update, patch, delete.
#include <string>
#include <vector>

#include "model/names.hpp"
#include "model/secret.hpp"
#include "server/api/body_reader.hpp"
#include "server/api/checks.hpp"
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"
#include "server/api/require.hpp"
#include "server/api/secret_body.hpp"
#include "server/api/secret_consumers.hpp"
#include "server/api/secret_types.hpp"
#include "server/api/versions.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

constexpr int kMaxConflicts = 10;

http::Reply secret_reply(unsigned status, const model::Secret& secret, bool dry_run,
                         const std::optional<Consumers>& consumers = {}) {
  std::string body;
  json::Writer writer(body);
  model::write(writer, secret);
  if (consumers) {
    std::string member;
    json::Writer member_writer(member);
    write(member_writer, *consumers);
    append_member(body, "consumers", member);
  }
  auto reply = json_reply(status, std::move(body));
  reply.header("Cache-Control", "no-store");
  if (!dry_run) set_version(reply, secret.meta.resource_version);
  return reply;
}

/// Why `current` may not become `wanted`.
std::optional<Error> immutable(const model::Secret& current, const SecretBody& wanted, const std::string& ns) {
  const auto which = "secret " + ns + "/" + wanted.name;
  if (wanted.type && *wanted.type != current.type) {
    return Error{ErrorCode::immutable,
                 which + " is of the type " + current.type + ", which cannot be changed",
                 {{"type", "Immutable", "the type of a secret cannot be changed"}}};
  }
  if (current.immutable) return Error{ErrorCode::immutable, which + " is immutable"};
  return std::nullopt;
}

Error stale(const model::Secret& current, const SecretBody& wanted, const std::string& ns) {
  return {ErrorCode::conflict,
          "secret " + ns + "/" + wanted.name + " is at resource version " + current.meta.resource_version +
              " by now: read it again",
          {{"resourceVersion", "Conflict", "the secret was changed by someone else"}}};
}

/// `current` with the entries of a patch.
StringMap patched(StringMap current, const model::MapPatch& changes) {
  for (const auto& [key, value] : changes) {
    if (value) current[key] = *value;
    if (!value) current.erase(key);
  }
  return current;
}

/// What is wrong with what an update would make of `current`, as far as it is the update's: nobody has to mend what was
/// there before to change something else.
std::optional<Error> mistyped(const model::Secret& current, const SecretBody& wanted) {
  Causes causes;
  if (wanted.data) {
    check_typed_data(current.type, *wanted.data, wanted.text_keys, causes);
  } else if (touches_type(current.type, wanted.changes)) {
    check_typed_data(current.type, patched(current.data, wanted.changes), wanted.text_keys, causes);
  }
  if (!wanted.annotations.empty()) {
    check_typed_annotations(current.type, patched(current.meta.annotations, wanted.annotations), causes);
  }
  if (causes.empty()) return std::nullopt;
  return invalid(std::move(causes));
}

/// Why `current` may not be updated so.
std::optional<Error> refusal_of(const model::Secret& current, const SecretBody& wanted, const std::string& ns) {
  if (!wanted.resource_version.empty() && wanted.resource_version != current.meta.resource_version) {
    return stale(current, wanted, ns);
  }
  if (auto refusal = immutable(current, wanted, ns)) return refusal;
  return mistyped(current, wanted);
}

/// The answer to an update; with restartConsumers, once they are restarted. Whatever comes of that, the update is done.
Task<http::Reply> updated_reply(Context& context, const model::Secret& before, model::Secret after) {
  std::optional<Consumers> consumers;
  if (context.query.boolean("restartConsumers")) {
    consumers.emplace();
    if (before.data != after.data) consumers = co_await restart_consumers(context, after.meta.name);
  }
  co_return secret_reply(200, after, context.query.boolean("dryRun"), consumers);
}

/// Reads the secret, checks and patches it; again and again if somebody else is faster and the body names no version.
/// The answer shows what was kept of the secret only if that was checked: `shows_kept`.
Task<Result<http::Reply>> change_secret(Context& context, SecretBody body, bool shows_kept) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const bool dry_run = context.query.boolean("dryRun");
  for (int conflicts = 0;; ++conflicts) {
    const auto raw = co_await api.get(Kind::secret, ns, body.name, {}, context.call);
    if (!raw) co_return about(raw.error(), "secret", ns, body.name);
    const auto current = model::secret_from(raw->root());
    if (auto refusal = refusal_of(current, body, ns)) co_return std::move(*refusal);

    std::string patch;
    json::Writer writer(patch);
    model::write_patch(writer, current,
                       {.data = body.data,
                        .changes = body.changes,
                        .metadata = {.labels = body.labels, .annotations = body.annotations},
                        .immutable = body.immutable});
    const auto updated =
        co_await api.patch(Kind::secret, ns, body.name, std::move(patch), {.dry_run = dry_run}, context.call);
    if (updated) {
      auto after = model::secret_from(updated->root());
      if (!shows_kept) after.meta.annotations.erase(std::string(model::kLastAppliedAnnotation));
      co_return co_await updated_reply(context, current, std::move(after));
    }
    const bool again = updated.error().code == ErrorCode::conflict && body.resource_version.empty();
    if (!again || conflicts == kMaxConflicts) co_return about(updated.error(), "secret", ns, body.name);
  }
}

Task<Result<http::Reply>> remove_secret(Context& context, std::string name) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  kubeapi::DeleteOptions options;
  options.dry_run = context.query.boolean("dryRun");
  auto deleted = co_await api.remove(Kind::secret, ns, name, options, context.call);
  if (!deleted) co_return not_deleted(context, deleted.error(), "secret", ns, name);
  const bool finished = deleted->finished;
  std::string version;
  if (!options.dry_run)
    version = co_await version_after_delete(api, Kind::secret, ns, std::move(*deleted), context.call);
  co_return deleted_reply(name, finished, version);
}

}  // namespace

Task<Result<http::Reply>> create_secret(Context& context) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  auto body = parse_secret_body(context.body, false);
  if (!body) co_return body.error();
  context.trail.names = {body->name};
  model::SecretSpec spec{.name = body->name,
                         .data = std::move(body->data).value_or(StringMap()),
                         .labels = values_of(body->labels),
                         .annotations = values_of(body->annotations),
                         .immutable = body->immutable};
  if (body->type) spec.type = std::move(*body->type);
  Causes causes;
  check_typed_data(spec.type, spec.data, body->text_keys, causes);
  check_typed_annotations(spec.type, spec.annotations, causes);
  if (!causes.empty()) co_return invalid(std::move(causes));
  std::string manifest;
  json::Writer writer(manifest);
  model::write_manifest(writer, spec);
  const bool dry_run = context.query.boolean("dryRun");
  const auto created = co_await api.create(Kind::secret, ns, std::move(manifest), {.dry_run = dry_run}, context.call);
  if (!created) co_return about(created.error(), "namespace", "", ns);
  co_return secret_reply(201, model::secret_from(created->root()), dry_run);
}

Task<Result<http::Reply>> update_secret(Context& context) {
  auto body = parse_secret_body(context.body, true);
  if (!body) co_return body.error();
  const std::vector<std::string> names = {body->name};
  context.trail.names = names;
  const auto allowed = co_await require(context, Moment::name, names);
  if (!allowed) co_return allowed.error();
  if (!body->data) {
    const auto visible = co_await require(context, Moment::kept_data, names);
    if (!visible) co_return visible.error();
  }
  const bool shows_kept = !body->data.has_value();
  co_return co_await change_secret(context, std::move(*body), shows_kept);
}

Task<Result<http::Reply>> patch_secret(Context& context) {
  // There are no entity tags of secrets, and a precondition must not go unheard.
  if (context.request.count(http::Field::if_match) > 0) {
    co_return Error{ErrorCode::bad_request, "If-Match: not known here; say resourceVersion in the body instead"};
  }
  auto body = parse_secret_patch(context.body, context.at("secretname"));
  if (!body) co_return body.error();
  co_return co_await change_secret(context, std::move(*body), true);
}

Task<Result<http::Reply>> delete_secret(Context& context) {
  co_return co_await remove_secret(context, context.at("secretname"));
}

Task<Result<http::Reply>> delete_secret_by_body(Context& context) {
  std::optional<std::string> in_body;
  if (context.body.exists()) {
    FirstError error;
    ObjectReader reader(context.body, "", error);
    in_body = reader.string("name");
    reader.finish();
    if (error) co_return std::move(*error);
  }
  const auto in_query = context.query.text("name");
  if (in_body && context.query.has("name") && *in_body != in_query) {
    co_return Error{ErrorCode::bad_request, "name: the body names another secret than the parameter"};
  }
  auto name = context.query.has("name") ? in_query : in_body.value_or("");
  if (name.empty()) co_return Error{ErrorCode::bad_request, "name: must be given, as parameter or in the body"};
  if (auto what = check_dns1123_subdomain(name); !what.empty()) {
    co_return Error{ErrorCode::bad_request, "name: " + what};
  }
  const std::vector<std::string> names = {name};
  context.trail.names = names;
  const auto allowed = co_await require(context, Moment::name, names);
  if (!allowed) co_return allowed.error();
  co_return co_await remove_secret(context, std::move(name));
}

}  // namespace quartermaster::api
