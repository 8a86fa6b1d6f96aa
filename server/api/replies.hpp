// Replies in the shapes that all routes share.
#pragma once

#include <string>
#include <string_view>

#include "model/object_meta.hpp"
#include "server/api/route.hpp"

namespace quartermaster::api {

http::Reply json_reply(unsigned status, std::string body);

/// {"errCode", "errMessage", "reason", "requestId", "details"?, "plan"?} with WWW-Authenticate or Retry-After where
/// they belong. `plan` is JSON, or "".
http::Reply error_reply(const Error& error, std::string_view request_id, std::string_view plan = {});

/// For HEAD: the body of an answer whose length is not known, and that is not read.
std::unique_ptr<ByteStream> nothing_to_read();

/// 406, which only the choice of a media type or a content coding can come to.
http::Reply not_acceptable(std::string_view message, std::string_view request_id);

/// Adds one more member, whose value is JSON, to the text of an object that has some.
void append_member(std::string& object, std::string_view name, std::string_view value);

/// A readable kind in place of the API server's words: "pvc demo/data-1 is not found". Other errors stay.
Error about(Error error, std::string_view kind, std::string_view ns, std::string_view name);

/// Sets X-Resource-Version, unless `version` is "".
void set_version(http::Reply& reply, std::string_view version);

/// From labelselector, limit, continue, resourceVersion and Cache-Control.
/// Whether Cache-Control asks for an answer that is not from a cache.
bool bypasses_cache(const http::Message& request);
ListRequest list_request(const Context& context, std::string ns);
Freshness freshness(const Context& context);

/// {"num", "items", "continue"?}
std::string list_body(const ListAnswer& answer);

/// A cacheable answer, still without its body: X-Resource-Version, ETag, Age, and 304 if the caller has it already.
http::Reply cacheable_reply(const Context& context, const kubeapi::Digest& digest, std::string_view version,
                            const std::optional<std::chrono::seconds>& age);

/// What a finished or scheduled delete answers: 200 "deleted" or 202 "terminating".
http::Reply deleted_reply(std::string_view name, bool finished, std::string_view version);

/// What a delete answers whose object could not be read or deleted: with ignoreNotFound, one that is not there is as
/// good as deleted.
Result<http::Reply> not_deleted(const Context& context, Error error, std::string_view kind, std::string_view ns,
                                std::string_view name);

/// Deletes this very object, and no other that has its name by now.
kubeapi::DeleteOptions delete_by_uid(const Context& context, const model::ObjectMeta& meta);

/// The answers of the list and detail routes of what is read through the Reader; `kind` is its word in messages.
Task<Result<http::Reply>> list_objects(Context& context, Resource resource, ListRequest request);
Task<Result<http::Reply>> get_object(Context& context, Resource resource, std::string_view kind, std::string ns,
                                     std::string name);

}  // namespace quartermaster::api
