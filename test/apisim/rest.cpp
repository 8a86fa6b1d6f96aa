#include "test/apisim/rest.hpp"

#include "test/apisim/decode.hpp"
#include "test/apisim/discovery.hpp"
#include "test/apisim/events.hpp"
#include "test/apisim/eviction.hpp"
#include "test/apisim/list.hpp"
#include "test/apisim/patch.hpp"
#include "test/apisim/pod_log.hpp"
#include "test/apisim/reviews.hpp"
#include "test/apisim/table.hpp"
#include "test/apisim/watch.hpp"
#include "test/apisim/writes.hpp"

namespace quartermaster::apisim {
namespace {

http::Reply json_reply(unsigned status, std::string body) {
  http::Reply reply{.status = status, .body = std::move(body)};
  reply.header("Content-Type", "application/json");
  return reply;
}

/// An object as its type shows it; as a table to those who ask for one.
http::Reply object_reply(const ApiRequest& request, unsigned status, json::object value) {
  if (wants_table(request)) return json_reply(status, render_table(*request.type, value));
  return json_reply(status, render(*request.type, Object(std::move(value))) + "\n");
}

/// The parameter dryRun: "All" or absent.
Answer<bool> dry_run(const ApiRequest& request, std::string_view options) {
  const auto value = request.target.find("dryRun");
  if (!value || value->empty()) return false;
  if (*value == "All") return true;
  FieldError error{"dryRun", "FieldValueNotSupported",
                   "Unsupported value: []string{" + go_quoted(*value) + "}: supported values: \"All\""};
  return invalid("meta.k8s.io", options, "", {error});
}

Answer<http::Reply> get(Cluster& cluster, const ApiRequest& request) {
  const auto version = version_parameter(request);
  if (!version) return version.error();
  const auto current = cluster.cache_version(storage_of(*request.type));
  if (*version && **version > current) return too_large_version(**version, current, true);
  const auto found = cluster.store.find(storage_of(*request.type), request.ns, request.name);
  if (!found) return not_found(*request.type, request.name);
  return object_reply(request, 200, found->value());
}

/// A list that is larger than a piece.
class PageStream : public ByteStream {
 public:
  PageStream(std::string first, std::unique_ptr<PageText> rest) : piece_(std::move(first)), rest_(std::move(rest)) {}

  Task<Result<std::string_view>> read() override {
    if (!first_) piece_ = rest_->next();
    first_ = false;
    co_return std::string_view(piece_);
  }

 private:
  std::string piece_;
  std::unique_ptr<PageText> rest_;
  bool first_ = true;
};

Answer<http::Reply> list(const Cluster& cluster, const ApiRequest& request) {
  auto page = list_objects(cluster, request);
  if (!page) return page.error();
  if (wants_table(request)) return json_reply(200, render_table(*request.type, *page));
  auto text = std::make_unique<PageText>(*request.type, std::move(*page));
  auto reply = json_reply(200, text->next());
  if (!text->at_end()) reply.stream = std::make_unique<PageStream>(std::move(reply.body), std::move(text));
  return reply;
}

Answer<http::Reply> watch(Cluster& cluster, const ApiRequest& request, const Call& call) {
  auto stream = open_watch(cluster, request, call);
  if (!stream) return stream.error();
  http::Reply reply;
  reply.header("Content-Type", "application/json").stream = std::move(*stream);
  return reply;
}

/// Who binds a role must be allowed to bind it. That they have what the role gives would do, too, but there are no
/// roles here.
std::optional<Status> check_bind(const Cluster& cluster, const ApiRequest& request, const json::object& binding) {
  if (request.type->kind != "RoleBinding") return std::nullopt;
  const Action bind{.verb = "bind",
                    .group = std::string(text(binding, {"roleRef", "apiGroup"})),
                    .resource = text(binding, {"roleRef", "kind"}) == "Role" ? "roles" : "clusterroles",
                    .ns = request.ns,
                    .name = std::string(text(binding, {"roleRef", "name"})),
                    .path = {}};
  if (cluster.access.allows(request.user.name, request.user.groups, bind)) return std::nullopt;
  return forbidden(*request.type, name_of(binding),
                   "user " + go_quoted(request.user.name) +
                       " (groups=[]) is attempting to grant RBAC permissions not currently held:\n{}");
}

Answer<http::Reply> create(Cluster& cluster, const ApiRequest& request) {
  auto object = decode_body(*request.type, request.body, request.content_type);
  if (!object) return object.error();
  const auto dry = dry_run(request, "CreateOptions");
  if (!dry) return dry.error();
  if (request.type->review) {
    auto reviewed = review(cluster, request, std::move(*object));
    if (!reviewed) return reviewed.error();
    return object_reply(request, 201, std::move(*reviewed));
  }
  if (!request.type->stored_as.empty()) {
    if (const auto errors = validate_new_event(*object); !errors.empty()) {
      return invalid("", request.type->kind, name_of(*object), errors);
    }
    *object = from_new_event(*object);
  }
  if (auto refused = check_bind(cluster, request, *object)) return *refused;
  auto created = create_object(cluster, storage_of(*request.type), request.ns, std::move(*object), *dry);
  if (!created) return created.error();
  return object_reply(request, 201, std::move(*created));
}

Answer<http::Reply> change(Cluster& cluster, const ApiRequest& request, const Mutation& mutation, bool dry) {
  const Mutation checked = [&](const json::object& current) -> Answer<json::object> {
    auto changed = mutation(current);
    const auto* subjects = changed ? find(*changed, {"subjects"}) : nullptr;
    const auto* before = find(current, {"subjects"});
    const bool same = subjects != nullptr && before != nullptr && *subjects == *before;
    if (!changed || same) return changed;
    if (auto refused = check_bind(cluster, request, *changed)) return *refused;
    return changed;
  };
  auto changed =
      update_object(cluster, storage_of(*request.type), request.ns, request.name, request.subresource, checked, dry);
  if (!changed) return changed.error();
  return object_reply(request, 200, std::move(*changed));
}

Answer<http::Reply> update(Cluster& cluster, const ApiRequest& request) {
  auto object = decode_body(*request.type, request.body, request.content_type);
  if (!object) return object.error();
  const auto dry = dry_run(request, "UpdateOptions");
  if (!dry) return dry.error();
  if (!request.type->stored_as.empty()) *object = from_new_event(*object);
  return change(
      cluster, request, [&](const json::object&) -> Answer<json::object> { return *object; }, *dry);
}

Answer<http::Reply> patch(Cluster& cluster, const ApiRequest& request) {
  const auto dry = dry_run(request, "PatchOptions");
  if (!dry) return dry.error();
  const auto mutation = [&](const json::object& current) -> Answer<json::object> {
    auto patched = apply_patch(current, request.content_type, request.body);
    if (!patched) return patched.error();
    return check_types(*request.type, std::move(*patched), request.body);
  };
  return change(cluster, request, mutation, *dry);
}

/// Options of a delete: in the body and as parameters.
Answer<DeleteRequest> delete_request(const ApiRequest& request) {
  json::object options;
  if (!request.body.empty()) {
    auto parsed = parse_json(request.body);
    if (!parsed) return internal_error("couldn't get version/kind; json parse error: " + parsed.error().message);
    if (parsed->is_object()) options = std::move(parsed->get_object());
  }
  DeleteRequest result;
  result.uid = text(options, {"preconditions", "uid"});
  result.resource_version = text(options, {"preconditions", "resourceVersion"});
  const auto grace = number_parameter(request, "gracePeriodSeconds");
  if (!grace) return grace.error();
  if (!request.query("gracePeriodSeconds").empty()) result.grace_seconds = *grace;
  if (const auto* given = find(options, {"gracePeriodSeconds"}); given != nullptr && given->is_int64()) {
    result.grace_seconds = given->get_int64();
  }
  result.propagation = text(options, {"propagationPolicy"});
  if (result.propagation.empty()) result.propagation = request.query("propagationPolicy");
  const auto& policy = result.propagation;
  if (!policy.empty() && find(options, {"orphanDependents"}) != nullptr) {
    return invalid(
        "meta.k8s.io", "DeleteOptions", "",
        {invalid_value("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set")});
  }
  if (!policy.empty() && policy != "Foreground" && policy != "Background" && policy != "Orphan") {
    return invalid("meta.k8s.io", "DeleteOptions", "",
                   {not_supported("propagationPolicy", policy, {"Foreground", "Background", "Orphan", "nil"})});
  }
  const auto dry = dry_run(request, "DeleteOptions");
  if (!dry) return dry.error();
  const auto* list = find_array(options, {"dryRun"});
  result.dry_run = *dry || (list != nullptr && !list->empty());
  return result;
}

Answer<http::Reply> remove(Cluster& cluster, const ApiRequest& request) {
  const auto options = delete_request(request);
  if (!options) return options.error();
  auto deleted = delete_object(cluster, storage_of(*request.type), request.ns, request.name, *options);
  if (!deleted) return deleted.error();
  if (deleted->finished && !request.type->returns_deleted) {
    return json_reply(200, json::serialize(deleted_status(*request.type, deleted->object)) + "\n");
  }
  return object_reply(request, 200, std::move(deleted->object));
}

Answer<http::Reply> remove_all(Cluster& cluster, const ApiRequest& request) {
  const auto options = delete_request(request);
  if (!options) return options.error();
  auto page = list_objects(cluster, request);
  if (!page) return page.error();
  for (const auto& object : page->objects) {
    auto deleted = delete_object(cluster, storage_of(*request.type), namespace_of(object->value()),
                                 name_of(object->value()), *options);
    if (!deleted && deleted.error().code != 404) return deleted.error();
  }
  PageText text(*request.type, std::move(*page));
  std::string body;
  while (!text.at_end()) body += text.next();
  return json_reply(200, std::move(body));
}

Answer<http::Reply> log(Cluster& cluster, const ApiRequest& request, const Call& call) {
  auto stream = open_pod_log(cluster, request, call.stop);
  if (!stream) return stream.error();
  http::Reply reply;
  if (!*stream) {
    reply.status = 204;
    return reply;
  }
  reply.header("Content-Type", "text/plain").stream = std::move(*stream);
  return reply;
}

Answer<http::Reply> create_eviction(Cluster& cluster, const ApiRequest& request) {
  const auto dry = dry_run(request, "CreateOptions");
  if (!dry) return dry.error();
  const auto done = evict(cluster, request, *dry);
  if (!done) return done.error();
  return json_reply(201, json::serialize(*done) + "\n");
}

/// What a node's kubelet answers: only its statistics.
Answer<http::Reply> node_proxy(const Cluster& cluster, const ApiRequest& request) {
  const auto found = cluster.node_stats.find(request.name);
  if (found == cluster.node_stats.end()) return not_found(*request.type, request.name);
  if (request.subpath == "stats/summary") return json_reply(200, found->second);
  http::Reply reply{.status = 404, .body = "404 page not found\n"};
  reply.header("Content-Type", "text/plain; charset=utf-8");
  return reply;
}

/// The subresources, and the object itself.
Answer<http::Reply> serve_one(Cluster& cluster, const ApiRequest& request, const Call& call) {
  const auto& sub = request.subresource;
  const auto& verb = request.verb;
  const auto& type = *request.type;
  if (type.kind == "Pod" && sub == "log") return verb == "get" ? log(cluster, request, call) : method_not_allowed();
  if (type.kind == "Pod" && sub == "eviction") {
    return verb == "create" ? create_eviction(cluster, request) : method_not_allowed();
  }
  if (type.kind == "Node" && sub == "proxy") return verb == "get" ? node_proxy(cluster, request) : method_not_allowed();
  const bool finalize = type.kind == "Namespace" && sub == "finalize";
  if (!sub.empty() && !finalize && !(sub == "status" && type.has_status)) return no_such_path();
  if (verb == "get") return get(cluster, request);
  if (verb == "update") return update(cluster, request);
  if (verb == "patch" && !finalize) return patch(cluster, request);
  if (verb == "delete" && sub.empty()) return remove(cluster, request);
  if (verb == "watch" && sub.empty()) return watch(cluster, request, call);
  return method_not_allowed();
}

Answer<http::Reply> serve_collection(Cluster& cluster, const ApiRequest& request, const Call& call) {
  const auto& verb = request.verb;
  if (verb == "create") {
    if (request.type->namespaced && request.ns.empty()) return method_not_allowed();
    return create(cluster, request);
  }
  if (request.type->review) return method_not_allowed();
  if (verb == "list") return list(cluster, request);
  if (verb == "watch") return watch(cluster, request, call);
  if (verb == "deletecollection" && (!request.type->namespaced || !request.ns.empty()))
    return remove_all(cluster, request);
  return method_not_allowed();
}

}  // namespace

http::Reply status_reply(const Status& status) {
  auto reply = json_reply(status.code, json::serialize(status.to_json()) + "\n");
  if (status.details) {
    if (const auto seconds = integer(*status.details, {"retryAfterSeconds"}); seconds > 0) {
      reply.header("Retry-After", std::to_string(seconds));
    }
  }
  return reply;
}

http::Reply respond(Cluster& cluster, ApiRequest& request, const Call& call) {
  resolve(request);
  if (!cluster.access.allows(request.user.name, request.user.groups, request.action())) {
    return status_reply(not_allowed(request));
  }
  if (request.type == nullptr) {
    if (auto reply = answer_discovery(request, cluster.address)) return std::move(*reply);
    return status_reply(no_such_path());
  }
  auto reply = request.name.empty() ? serve_collection(cluster, request, call) : serve_one(cluster, request, call);
  if (!reply) return status_reply(reply.error());
  return std::move(*reply);
}

}  // namespace quartermaster::apisim
