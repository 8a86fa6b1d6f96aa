// Replies in the shapes that all routes share.
#include "server/api/replies.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>

#include "server/http/error_table.hpp"
#include "server/http/header_values.hpp"

namespace quartermaster::api {
namespace {

/// A strong validator: the bytes are the same or the tag is not.
std::string entity_tag(std::string_view body) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(body.data(), body.size(), digest.data(), &size, EVP_sha256(), nullptr);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string tag = "\"";
  for (std::size_t i = 0; i < 16; ++i) {
    tag += kDigits[digest[i] >> 4];
    tag += kDigits[digest[i] & 15];
  }
  return tag + '"';
}

/// If-None-Match compares weakly (RFC 9110 section 13.1.2).
bool matches(std::string_view header, std::string_view tag) {
  return std::ranges::any_of(http::list_items(header), [&](std::string_view item) {
    if (item.starts_with("W/")) item.remove_prefix(2);
    return item == "*" || item == tag;
  });
}

}  // namespace

http::Reply json_reply(unsigned status, std::string body) {
  http::Reply reply{.status = status, .body = std::move(body)};
  reply.header("Content-Type", "application/json");
  return reply;
}

http::Reply error_reply(const Error& error, std::string_view request_id) {
  const auto& row = http::error_row(error.code);
  std::string body;
  json::Writer writer(body);
  writer.begin_object()
      .field("errCode", static_cast<std::int64_t>(row.status))
      .field("errMessage", error.message)
      .field("reason", row.reason)
      .field("requestId", request_id);
  if (!error.causes.empty()) {
    writer.key("details").begin_object().key("causes").begin_array();
    for (const auto& [field, reason, message] : error.causes) {
      writer.begin_object().field("field", field).field("reason", reason).field("message", message).end_object();
    }
    writer.end_array().end_object();
  }
  writer.end_object();

  auto reply = json_reply(row.status, std::move(body));
  if (row.status == 401) reply.header("WWW-Authenticate", "Bearer");
  if (row.status == 503 || row.status == 429) {
    reply.header("Retry-After", std::to_string(error.retry_after.value_or(std::chrono::seconds(1)).count()));
  }
  return reply;
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

Freshness freshness(const Context& context) {
  const auto& request = context.request;
  const auto is_no_cache = [](std::string_view item) { return boost::beast::iequals(item, "no-cache"); };
  return {.not_older_than = context.query.text("resourceVersion"),
          .bypass_cache = std::ranges::any_of(http::list_items(request[http::Field::cache_control]), is_no_cache)};
}

ListRequest list_request(const Context& context, std::string ns) {
  return {.ns = std::move(ns),
          .selector = context.query.selector(),
          .limit = static_cast<std::size_t>(context.query.number("limit").value_or(0)),
          .continue_token = context.query.text("continue"),
          .freshness = freshness(context)};
}

std::string list_body(const ListAnswer& answer) {
  std::string body;
  body.reserve(answer.items.size() + answer.continue_token.size() + 64);
  body.append("{\"num\":").append(std::to_string(answer.num)).append(",\"items\":[").append(answer.items).append("]");
  if (!answer.continue_token.empty()) {
    body += ",\"continue\":";
    json::Writer(body).string(answer.continue_token);
  }
  return body += '}';
}

http::Reply cacheable_reply(const Context& context, std::string body, std::string_view version) {
  auto tag = entity_tag(body);
  const auto condition = context.request.find(http::Field::if_none_match);
  const bool known = condition != context.request.end() && matches(condition->value(), tag);
  auto reply = known ? http::Reply{.status = 304} : json_reply(200, std::move(body));
  reply.header("ETag", std::move(tag));
  set_version(reply, version);
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
  const auto answer = co_await context.services.reader.list(resource, std::move(request), context.call);
  if (!answer) co_return answer.error();
  co_return cacheable_reply(context, list_body(*answer), answer->resource_version);
}

Task<Result<http::Reply>> get_object(Context& context, Resource resource, std::string_view kind, std::string ns,
                                     std::string name) {
  auto answer = co_await context.services.reader.get(resource, ns, name, freshness(context), context.call);
  if (!answer) co_return about(answer.error(), kind, ns, name);
  co_return cacheable_reply(context, std::move(answer->body), answer->resource_version);
}

}  // namespace quartermaster::api
