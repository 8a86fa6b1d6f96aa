#include "test/apisim/decode.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "model/base64.hpp"
#include "model/quantity.hpp"
#include "test/apisim/protobuf.hpp"

namespace quartermaster::apisim {
namespace {

using FieldType = enum { string_type, object_type, string_map, string_list, base64_map, quantity_map };

struct Field {
  std::string_view path;  // "spec.hard"; "[]" is each item of a list
  FieldType type;
  std::string_view go_path;    // as it shows in error messages
  std::string_view kind = {};  // only in this kind; "" is all
};

constexpr Field kFields[] = {
    {"metadata", object_type, "ObjectMeta"},
    {"metadata.name", string_type, "ObjectMeta: v1.ObjectMeta.Name"},
    {"metadata.generateName", string_type, "ObjectMeta: v1.ObjectMeta.GenerateName"},
    {"metadata.namespace", string_type, "ObjectMeta: v1.ObjectMeta.Namespace"},
    {"metadata.uid", string_type, "ObjectMeta: v1.ObjectMeta.UID"},
    {"metadata.resourceVersion", string_type, "ObjectMeta: v1.ObjectMeta.ResourceVersion"},
    {"metadata.labels", string_map, "ObjectMeta: v1.ObjectMeta.Labels"},
    {"metadata.annotations", string_map, "ObjectMeta: v1.ObjectMeta.Annotations"},
    {"metadata.finalizers", string_list, "ObjectMeta: v1.ObjectMeta.Finalizers"},
    {"spec", object_type, "Spec"},
    {"status", object_type, "Status"},
    {"type", string_type, "Type", "Secret"},
    {"data", base64_map, "Data", "Secret"},
    {"stringData", string_map, "StringData", "Secret"},
    {"data", string_map, "Data", "ConfigMap"},
    {"spec.hard", quantity_map, "Spec: v1.ResourceQuotaSpec.Hard", "ResourceQuota"},
    {"status.hard", quantity_map, "Status: v1.ResourceQuotaStatus.Hard", "ResourceQuota"},
    {"status.used", quantity_map, "Status: v1.ResourceQuotaStatus.Used", "ResourceQuota"},
    {"spec.capacity", quantity_map, "Spec: v1.PersistentVolumeSpec.Capacity", "PersistentVolume"},
    {"status.capacity", quantity_map, "Status: v1.PersistentVolumeClaimStatus.Capacity", "PersistentVolumeClaim"},
    {"spec.resources.requests", quantity_map,
     "Spec: v1.PersistentVolumeClaimSpec.Resources: v1.ResourceRequirements.Requests", "PersistentVolumeClaim"},
    {"spec.containers.[].resources.limits", quantity_map,
     "Spec: v1.PodSpec.Containers: []v1.Container: v1.Container.Resources: v1.ResourceRequirements.Limits", "Pod"},
    {"spec.containers.[].resources.requests", quantity_map,
     "Spec: v1.PodSpec.Containers: []v1.Container: v1.Container.Resources: v1.ResourceRequirements.Requests", "Pod"},
    {"spec.limits.[].default", quantity_map,
     "Spec: v1.LimitRangeSpec.Limits: []v1.LimitRangeItem: "
     "v1.LimitRangeItem.Default",
     "LimitRange"},
    {"spec.limits.[].defaultRequest", quantity_map,
     "Spec: v1.LimitRangeSpec.Limits: []v1.LimitRangeItem: "
     "v1.LimitRangeItem.DefaultRequest",
     "LimitRange"},
    {"spec.limits.[].max", quantity_map,
     "Spec: v1.LimitRangeSpec.Limits: []v1.LimitRangeItem: "
     "v1.LimitRangeItem.Max",
     "LimitRange"},
    {"spec.limits.[].maxLimitRequestRatio", quantity_map,
     "Spec: v1.LimitRangeSpec.Limits: []v1.LimitRangeItem: "
     "v1.LimitRangeItem.MaxLimitRequestRatio",
     "LimitRange"},
    {"spec.limits.[].min", quantity_map,
     "Spec: v1.LimitRangeSpec.Limits: []v1.LimitRangeItem: "
     "v1.LimitRangeItem.Min",
     "LimitRange"},
};

/// Checks one object; remembers the first error.
class TypeCheck {
 public:
  TypeCheck(const ResourceType& type, std::string_view body) : type_(type), body_(body) {}

  void field(json::value& value, std::string_view path, const Field& field) {
    if (error_) return;
    const auto dot = path.find('.');
    const auto head = path.substr(0, dot);
    const auto rest = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (head == "[]") {
      if (auto* list = value.if_array()) {
        for (auto& item : *list) this->field(item, rest, field);
      }
      return;
    }
    auto* object = value.if_object();
    auto* member = object == nullptr ? nullptr : object->if_contains(head);
    if (member == nullptr || member->is_null()) return;
    if (!rest.empty()) return this->field(*member, rest, field);
    check(*member, head, field);
  }

  std::optional<Status> error() const { return error_; }

 private:
  void check(json::value& value, std::string_view key, const Field& field) {
    switch (field.type) {
      case string_type:
        return string(value, key, field);
      case object_type:
        if (!value.is_object()) fail(field, "readObjectStart: expect { or n, but found " + found(value), key, value);
        return;
      case string_list:
        if (!value.is_array()) return fail(field, "decode slice: expect [ or n, but found " + found(value), key, value);
        for (auto& item : value.get_array()) string(item, key, field);
        return;
      case string_map:
      case base64_map:
      case quantity_map:
        return map(value, key, field);
    }
  }

  void string(const json::value& value, std::string_view key, const Field& field) {
    if (!value.is_string() && !value.is_null()) {
      fail(field, "ReadString: expects \" or n, but found " + found(value), key, value);
    }
  }

  void map(json::value& value, std::string_view key, const Field& field) {
    if (!value.is_object()) return fail(field, "ReadMapCB: expect { or n, but found " + found(value), key, value);
    auto& object = value.get_object();
    std::vector<std::pair<std::string, json::value>> sorted;
    for (auto& [name, item] : object) {
      if (item.is_null()) item = field.type == quantity_map ? "0" : "";
      if (field.type == quantity_map) {
        quantity(item, name, field);
      } else {
        string(item, name, field);
        if (field.type == base64_map && item.is_string()) base64(item, name, field);
      }
      sorted.emplace_back(name, item);
    }
    std::ranges::sort(sorted, {}, &std::pair<std::string, json::value>::first);
    object = json::object(sorted.begin(), sorted.end());
  }

  void quantity(json::value& value, std::string_view key, const Field& field) {
    const auto as_text = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
    const auto quantity = Quantity::parse(as_text);
    if (quantity && (value.is_string() || value.is_number())) {
      value = quantity->to_string();
      return;
    }
    fail(field,
         "unmarshalerDecoder: quantities must match the regular expression "
         "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
         key, value);
  }

  void base64(json::value& value, std::string_view key, const Field& field) {
    const std::string_view coded(value.get_string().data(), value.get_string().size());
    const auto bytes = decode_base64(coded);
    if (bytes) {
      value = encode_base64(*bytes);
      return;
    }
    auto at = coded.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n");
    if (at == std::string_view::npos) at = coded.size() / 4 * 4;
    fail(field, "decode base64: illegal base64 data at input byte " + std::to_string(at), key, value);
  }

  static std::string found(const json::value& value) { return json::serialize(value).substr(0, 1); }

  /// With the pieces of the body around the place, as jsoniter gives them: values of secrets, too.
  void fail(const Field& field, const std::string& what, std::string_view key, const json::value& value) {
    if (error_) return;
    const auto token = json::serialize(value);
    auto at = body_.find("\"" + std::string(key) + "\"");
    at = at == std::string_view::npos ? at : body_.find(token, at + key.size() + 2);
    const auto end = at == std::string_view::npos ? body_.size() : at + token.size();
    const auto around = [&](std::size_t n) {
      const auto from = end - std::min(end, n);
      return std::string(body_.substr(from, std::min(body_.size(), end + n) - from));
    };
    error_ = bad_request(std::string(type_.kind) + " in version \"" + std::string(type_.version) +
                         "\" cannot be handled as a " + std::string(type_.kind) + ": " + std::string(type_.version) +
                         "." + std::string(type_.kind) + "." + std::string(field.go_path) + ": " + what +
                         ", error found in #" + std::to_string(std::min<std::size_t>(end, 10)) + " byte of ...|" +
                         around(10) + "|..., bigger context ...|" + around(50) + "|...");
  }

  const ResourceType& type_;
  std::string_view body_;
  std::optional<Status> error_;
};

std::string parse_problem(std::string_view body, const boost::system::error_code& ec) {
  if (ec == json::error::incomplete || body.empty()) return "unexpected end of JSON input";
  return "invalid character '" + std::string(body.substr(0, 1)) + "' looking for beginning of value";
}

Answer<json::value> parse(std::string_view body, const std::string& prefix, const std::string& suffix) {
  boost::system::error_code ec;
  json::parse_options options;
  options.max_depth = 1000;
  auto value = json::parse(body, ec, {}, options);
  if (ec) return bad_request(prefix + parse_problem(body, ec) + suffix);
  return value;
}

}  // namespace

Answer<json::value> parse_json(std::string_view text) { return parse(text, "", ""); }

Answer<json::object> decode_body(const ResourceType& type, std::string_view body, std::string_view content_type) {
  const auto media_type = content_type.substr(0, content_type.find(';'));
  if (media_type == "application/vnd.kubernetes.protobuf") {
    const auto decoded = decode_protobuf(body);
    return decoded ? decode_body(type, json::serialize(*decoded), "application/json") : unsupported_media_type();
  }
  if (!media_type.empty() && media_type != "application/json") return unsupported_media_type();
  const auto kind = std::string(type.kind);
  const auto excerpt = body.empty() ? std::string("<empty>") : std::string(body.substr(0, 1024));
  auto value = parse(body,
                     "the object provided is unrecognized (must be of type " + kind +
                         "): couldn't get version/kind; json parse error: ",
                     " (" + excerpt + ")");
  if (!value) return value.error();
  if (!value->is_object()) {
    return bad_request("the object provided is unrecognized (must be of type " + kind +
                       "): couldn't get version/kind; json parse error: json: cannot unmarshal value into Go value (" +
                       excerpt + ")");
  }
  auto object = std::move(value->get_object());
  const auto given_kind = std::string(text(object, {"kind"}));
  const auto given_version = std::string(text(object, {"apiVersion"}));
  const auto wrong = (given_kind.empty() ? kind : given_kind) + " in version \"" +
                     (given_version.empty() ? type.api_version() : given_version) + "\" cannot be handled as a " +
                     kind + ": ";
  if ((!given_kind.empty() && given_kind != type.kind) ||
      (!given_version.empty() && given_version != type.api_version())) {
    const auto version = given_version.empty() ? type.api_version() : given_version;
    if (find_kind(version, given_kind.empty() ? kind : given_kind) != nullptr) {
      return bad_request(wrong + "converting (v1." + given_kind + ") to (core." + kind + "): unknown conversion");
    }
    return bad_request(wrong + "no kind \"" + (given_kind.empty() ? kind : given_kind) +
                       "\" is registered for version \"" + version +
                       "\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"");
  }
  return check_types(type, std::move(object), body);
}

Answer<json::object> check_types(const ResourceType& type, json::object object, std::string_view body) {
  TypeCheck check(type, body);
  json::value value = std::move(object);
  for (const auto& field : kFields) {
    if (field.kind.empty() || field.kind == type.kind) check.field(value, field.path, field);
  }
  if (check.error()) return *check.error();
  return std::move(value.get_object());
}

}  // namespace quartermaster::apisim
