// SubjectAccessReview: writes the question, reads the answer.
#include "model/subject_access_review.hpp"

#include "model/json.hpp"

namespace quartermaster::model {
namespace {

void write_user(json::Writer& out, const UserInfo& user) {
  out.field("user", user.name);
  if (!user.uid.empty()) out.field("uid", user.uid);
  out.key("groups").begin_array();
  for (const auto& group : user.groups) out.string(group);
  out.end_array();
  if (user.extra.empty()) return;
  out.key("extra").begin_object();
  for (const auto& [key, values] : user.extra) {
    out.key(key).begin_array();
    for (const auto& value : values) out.string(value);
    out.end_array();
  }
  out.end_object();
}

void write_attributes(json::Writer& out, const AccessAttributes& attributes) {
  const auto field = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out.field(name, value);
  };
  if (!attributes.path.empty()) {
    out.key("nonResourceAttributes").begin_object();
    field("path", attributes.path);
    field("verb", attributes.verb);
    out.end_object();
    return;
  }
  out.key("resourceAttributes").begin_object();
  field("verb", attributes.verb);
  field("group", attributes.group);
  field("resource", attributes.resource);
  field("subresource", attributes.subresource);
  field("namespace", attributes.ns);
  field("name", attributes.name);
  out.end_object();
}

}  // namespace

std::string subject_access_review(const UserInfo& user, const AccessAttributes& attributes) {
  std::string body;
  json::Writer out(body);
  out.begin_object().field("apiVersion", "authorization.k8s.io/v1").field("kind", "SubjectAccessReview");
  out.key("spec").begin_object();
  write_attributes(out, attributes);
  write_user(out, user);
  out.end_object().end_object();
  return body;
}

Result<bool> access_verdict(std::string_view answer) {
  const Error senseless{ErrorCode::bad_gateway, "the API server's answer to a SubjectAccessReview makes no sense"};
  const auto document = json::parse(answer);
  if (!document || document->root()["kind"].string() != "SubjectAccessReview") return senseless;
  const auto status = document->root()["status"];
  if (!status.is_object()) return senseless;
  return status["allowed"].boolean() && !status["denied"].boolean(status["denied"].exists());
}

std::string to_string(const AccessAttributes& attributes) {
  std::string text(attributes.verb);
  const auto quoted = [&text](std::string_view before, std::string_view value) {
    text.append(before).append("\"").append(value).append("\"");
  };
  if (!attributes.path.empty()) {
    quoted(" path ", attributes.path);
    return text;
  }
  std::string resource(attributes.resource);
  if (!attributes.subresource.empty()) resource.append("/").append(attributes.subresource);
  quoted(" resource ", resource);
  quoted(" in API group ", attributes.group);
  if (attributes.ns.empty()) return text.append(" at the cluster scope");
  quoted(" in the namespace ", attributes.ns);
  return text;
}

}  // namespace quartermaster::model
