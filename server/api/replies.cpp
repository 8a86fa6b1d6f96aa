// Replies in the shapes that all routes share.
#include "server/api/replies.hpp"

#include <algorithm>
#include <boost/smart_ptr/make_local_shared.hpp>
#include <utility>

#include "model/ascii.hpp"
#include "server/api/entity_tag.hpp"
#include "server/api/watch_list.hpp"
#include "server/http/error_table.hpp"
#include "server/http/header_values.hpp"

namespace quartermaster::api {
namespace {

std::string list_head(const ListAnswer& answer) { return "{\"num\":" + std::to_string(answer.num) + ",\"items\":["; }

std::string list_tail(const ListAnswer& answer) {
  std::string tail = "]";
  if (!answer.continue_token.empty()) {
    tail += ",\"continue\":";
    json::Writer(tail).string(answer.continue_token);
  }
  return tail += '}';
}

void begin_error(json::Writer& writer, unsigned status, std::string_view message, std::string_view reason,
                 std::string_view request_id) {
  writer.begin_object()
      .field("errCode", static_cast<std::int64_t>(status))
      .field("errMessage", message)
      .field("reason", reason)
      .field("requestId", request_id);
}

class NothingToRead final : public ByteStream {
 public:
  Task<Result<std::string_view>> read() override { co_return std::string_view(); }
};

/// A list whose items are rendered while it is sent.
class ListStream final : public ByteStream {
 public:
  ListStream(std::string head, std::unique_ptr<ByteStream> items, std::string tail)
      : head_(std::move(head)), items_(std::move(items)), tail_(std::move(tail)) {}

  Task<Result<std::string_view>> read() override {
    if (!std::exchange(begun_, true)) co_return std::string_view(head_);
    if (ended_) co_return std::string_view();
    const auto piece = co_await items_->read();
    if (!piece || !piece->empty()) co_return piece;
    ended_ = true;
    co_return std::string_view(tail_);
  }

 private:
  const std::string head_;
  const std::unique_ptr<ByteStream> items_;
  const std::string tail_;
  bool begun_ = false, ended_ = false;
};

}  // namespace

http::Reply json_reply(unsigned status, std::string body) {
  http::Reply reply{.status = status, .body = std::move(body)};
  reply.header("Content-Type", "application/json");
  return reply;
}

http::Reply error_reply(const Error& error, std::string_view request_id, std::string_view plan) {
  const auto& row = http::error_row(error.code);
  std::string body;
  json::Writer writer(body);
  begin_error(writer, row.status, error.message, row.reason, request_id);
  if (!error.causes.empty()) {
    writer.key("details").begin_object().key("causes").begin_array();
    for (const auto& [field, reason, message] : error.causes) {
      writer.begin_object().field("field", field).field("reason", reason).field("message", message).end_object();
    }
    writer.end_array().end_object();
  }
  if (!plan.empty()) writer.key("plan").raw(plan);
  writer.end_object();

  auto reply = json_reply(row.status, std::move(body));
  if (row.status == 401) reply.header("WWW-Authenticate", "Bearer");
  if (row.status == 503 || row.status == 429) {
    reply.header("Retry-After", std::to_string(error.retry_after.value_or(std::chrono::seconds(1)).count()));
  }
  return reply;
}

std::unique_ptr<ByteStream> nothing_to_read() { return std::make_unique<NothingToRead>(); }

http::Reply not_acceptable(std::string_view message, std::string_view request_id) {
  constexpr unsigned kStatus = 406;
  std::string body;
  json::Writer writer(body);
  begin_error(writer, kStatus, message, "NotAcceptable", request_id);
  writer.end_object();
  return json_reply(kStatus, std::move(body));
}

void append_member(std::string& object, std::string_view name, std::string_view value) {
  object.pop_back();
  object.append(",\"").append(name).append("\":").append(value).append("}");
}

Error about(Error error, std::string_view kind, std::string_view ns, std::string_view name) {
  if (error.code != ErrorCode::not_found) return error;
  error.message.assign(kind).append(" ");
  if (!ns.empty()) error.message.append(ns).append("/");
  error.message.append(name).append(" is not found");
  error.causes.clear();
  return error;
}

void set_version(http::Reply& reply, std::string_view version) {
  if (!version.empty()) reply.header("X-Resource-Version", std::string(version));
}

bool bypasses_cache(const http::Message& request) {
  const auto is_no_cache = [](std::string_view item) { return equals_ignoring_case(item, "no-cache"); };
  return std::ranges::any_of(http::list_items(request[http::Field::cache_control]), is_no_cache);
}

Freshness freshness(const Context& context) {
  return {.not_older_than = context.query.text("resourceVersion"),
          .bypass_cache = bypasses_cache(context.request),
          .cache_only = context.trail.age.has_value()};
}

ListRequest list_request(const Context& context, std::string ns) {
  return {.ns = std::move(ns),
          .selector = context.query.selector(),
          .limit = static_cast<std::size_t>(context.query.number("limit").value_or(0)),
          .continue_token = context.query.text("continue"),
          .freshness = freshness(context)};
}

std::string list_body(const ListAnswer& answer) { return list_head(answer) + answer.items + list_tail(answer); }

http::Reply cacheable_reply(const Context& context, const kubeapi::Digest& digest, std::string_view version,
                            const std::optional<std::chrono::seconds>& age) {
  auto reply = reply_with_tag(context.request, entity_tag(digest), "application/json");
  set_version(reply, version);
  if (age) reply.header("Age", std::to_string(age->count()));
  return reply;
}

http::Reply deleted_reply(std::string_view name, bool finished, std::string_view version) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().field("name", name).field("result", finished ? "deleted" : "terminating").end_object();
  auto reply = json_reply(finished ? 200 : 202, std::move(body));
  set_version(reply, version);
  return reply;
}

Result<http::Reply> not_deleted(const Context& context, Error error, std::string_view kind, std::string_view ns,
                                std::string_view name) {
  const bool gone = error.code == ErrorCode::not_found;
  if (gone && context.query.boolean("ignoreNotFound")) return deleted_reply(name, true, "");
  return about(std::move(error), kind, ns, name);
}

kubeapi::DeleteOptions delete_by_uid(const Context& context, const model::ObjectMeta& meta) {
  kubeapi::DeleteOptions options;
  options.dry_run = context.query.boolean("dryRun");
  options.by_uid = true;
  options.uid = meta.uid;
  return options;
}

Task<Result<http::Reply>> list_objects(Context& context, Resource resource, ListRequest request) {
  if (wants_events(context.request)) co_return co_await watch_objects(context, resource, std::move(request));
  auto answer = co_await context.services.reader.list(resource, std::move(request), context.call);
  if (!answer) co_return answer.error();
  auto digest = answer->digest;
  if (!answer->continue_token.empty()) digest += kubeapi::Digest::of(answer->continue_token);
  auto reply = cacheable_reply(context, digest, answer->resource_version, answer->age);
  reply.header("Vary", "Accept");
  if (reply.status == 200 && answer->stream) {
    reply.stream = std::make_unique<ListStream>(list_head(*answer), std::move(answer->stream), list_tail(*answer));
  } else if (reply.status == 200) {
    reply.body = list_head(*answer);
    reply.pinned = std::move(answer->pinned);
    if (!answer->items.empty()) {
      const auto items = boost::make_local_shared<std::string>(std::move(answer->items));
      reply.pinned = {.pieces = {*items}, .owner = items, .owned = items->capacity()};
    }
    reply.tail = list_tail(*answer);
  }
  co_return reply;
}

Task<Result<http::Reply>> get_object(Context& context, Resource resource, std::string_view kind, std::string ns,
                                     std::string name) {
  auto answer = co_await context.services.reader.get(resource, ns, name, freshness(context), context.call);
  if (!answer) co_return about(answer.error(), kind, ns, name);
  auto reply = cacheable_reply(context, kubeapi::Digest::of(answer->body), answer->resource_version, answer->age);
  if (reply.status == 200) reply.body = std::move(answer->body);
  co_return reply;
}

}  // namespace quartermaster::api
