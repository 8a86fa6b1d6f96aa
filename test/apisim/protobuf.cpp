#include "test/apisim/protobuf.hpp"

#include <map>
#include <vector>

#include "model/base64.hpp"

namespace quartermaster::apisim {
namespace {

/// One field on the wire.
struct WireField {
  std::uint64_t number = 0;
  std::uint64_t value = 0;   // of a varint
  std::string_view bytes{};  // of anything with a length
};

class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  /// Nothing at the end, and for what is malformed: then ok() is false.
  std::optional<WireField> next() {
    if (bytes_.empty()) return std::nullopt;
    WireField field;
    const auto tag = varint();
    field.number = tag >> 3;
    if ((tag & 7) == 0) {
      field.value = varint();
    } else if ((tag & 7) == 2) {
      const auto size = varint();
      ok_ = ok_ && size <= bytes_.size();
      field.bytes = bytes_.substr(0, size);
      bytes_.remove_prefix(std::min<std::size_t>(size, bytes_.size()));
    } else {
      ok_ = false;
    }
    return ok_ ? std::optional(field) : std::nullopt;
  }
  bool ok() const { return ok_; }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if ((byte & 0x80) == 0) return value;
    }
    ok_ = false;
    return 0;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

enum class Type { text, texts, number, boolean, message, messages, text_map, bytes_map, quantity_map };

struct Field {
  std::uint64_t number;
  std::string_view name;
  Type type;
  std::string_view message = {};
};

/// The messages' fields: k8s.io/api/*/v1/generated.proto.
const std::map<std::string_view, std::vector<Field>>& messages() {
  using enum Type;
  static const std::map<std::string_view, std::vector<Field>> all = {
      {"ObjectMeta",
       {{1, "name", text},
        {2, "generateName", text},
        {3, "namespace", text},
        {5, "uid", text},
        {6, "resourceVersion", text},
        {11, "labels", text_map},
        {12, "annotations", text_map},
        {14, "finalizers", texts}}},
      {"Namespace", {{1, "metadata", message, "ObjectMeta"}}},
      {"Secret",
       {{1, "metadata", message, "ObjectMeta"},
        {2, "data", bytes_map},
        {3, "type", text},
        {4, "stringData", text_map},
        {5, "immutable", boolean}}},
      {"ConfigMap",
       {{1, "metadata", message, "ObjectMeta"},
        {2, "data", text_map},
        {3, "binaryData", bytes_map},
        {4, "immutable", boolean}}},
      {"ServiceAccount", {{1, "metadata", message, "ObjectMeta"}}},
      {"ResourceQuota", {{1, "metadata", message, "ObjectMeta"}, {2, "spec", message, "ResourceQuotaSpec"}}},
      {"ResourceQuotaSpec", {{1, "hard", quantity_map}, {2, "scopes", texts}}},
      {"Deployment", {{1, "metadata", message, "ObjectMeta"}, {2, "spec", message, "DeploymentSpec"}}},
      {"DeploymentSpec",
       {{1, "replicas", number},
        {2, "selector", message, "LabelSelector"},
        {3, "template", message, "PodTemplateSpec"}}},
      {"LabelSelector", {{1, "matchLabels", text_map}}},
      {"PodTemplateSpec", {{1, "metadata", message, "ObjectMeta"}, {2, "spec", message, "PodSpec"}}},
      {"PodSpec", {{2, "containers", Type::messages, "Container"}, {3, "restartPolicy", text}, {10, "nodeName", text}}},
      {"Container",
       {{1, "name", text},
        {2, "image", text},
        {3, "command", texts},
        {4, "args", texts},
        {8, "resources", message, "ResourceRequirements"}}},
      {"ResourceRequirements", {{1, "limits", quantity_map}, {2, "requests", quantity_map}}},
      {"SelfSubjectAccessReview", {{2, "spec", message, "SelfSubjectAccessReviewSpec"}}},
      {"SelfSubjectAccessReviewSpec",
       {{1, "resourceAttributes", message, "ResourceAttributes"},
        {2, "nonResourceAttributes", message, "NonResourceAttributes"}}},
      {"ResourceAttributes",
       {{1, "namespace", text},
        {2, "verb", text},
        {3, "group", text},
        {4, "version", text},
        {5, "resource", text},
        {6, "subresource", text},
        {7, "name", text}}},
      {"NonResourceAttributes", {{1, "path", text}, {2, "verb", text}}},
  };
  return all;
}

bool decode(std::string_view bytes, std::string_view message, json::object& out);

/// A map's entry: key 1, value 2; a quantity is a message with its text as field 1.
bool decode_entry(std::string_view bytes, Type type, json::object& map) {
  std::string_view key, value;
  WireReader reader(bytes);
  while (const auto field = reader.next()) (field->number == 1 ? key : value) = field->bytes;
  if (type == Type::quantity_map) {
    WireReader quantity(value);
    const auto text = quantity.next();
    value = text ? text->bytes : std::string_view();
  }
  map[key] = type == Type::bytes_map ? json::string(encode_base64(value)) : json::string(value);
  return reader.ok();
}

json::array& array_at(json::object& out, std::string_view name) {
  auto& member = out[name];
  if (!member.is_array()) member.emplace_array();
  return member.get_array();
}

bool decode_field(const WireField& wire, const Field& field, json::object& out) {
  switch (field.type) {
    case Type::text:  // the encoder writes empty ones, too
      if (!wire.bytes.empty()) out[field.name] = json::string(wire.bytes);
      return true;
    case Type::texts:
      array_at(out, field.name).emplace_back(json::string(wire.bytes));
      return true;
    case Type::number:
      out[field.name] = static_cast<std::int64_t>(wire.value);
      return true;
    case Type::boolean:
      out[field.name] = wire.value != 0;
      return true;
    case Type::message:
      return decode(wire.bytes, field.message, make_object(out, {field.name}));
    case Type::messages: {
      auto& item = array_at(out, field.name).emplace_back(json::object());
      return decode(wire.bytes, field.message, item.get_object());
    }
    case Type::text_map:
    case Type::bytes_map:
    case Type::quantity_map:
      return decode_entry(wire.bytes, field.type, make_object(out, {field.name}));
  }
  return false;
}

bool decode(std::string_view bytes, std::string_view message, json::object& out) {
  const auto& fields = messages().at(message);
  WireReader reader(bytes);
  while (const auto wire = reader.next()) {
    for (const auto& field : fields) {
      if (field.number == wire->number && !decode_field(*wire, field, out)) return false;
    }
  }
  return reader.ok();
}

}  // namespace

std::optional<json::object> decode_protobuf(std::string_view body) {
  constexpr std::string_view kMagic("k8s\0", 4);
  if (!body.starts_with(kMagic)) return std::nullopt;
  std::string_view type_meta, raw;  // of runtime.Unknown
  WireReader unknown(body.substr(kMagic.size()));
  while (const auto field = unknown.next()) {
    if (field->number == 1) type_meta = field->bytes;
    if (field->number == 2) raw = field->bytes;
  }
  json::object result;
  WireReader type(type_meta);
  while (const auto field = type.next())
    result[field->number == 1 ? "apiVersion" : "kind"] = json::string(field->bytes);
  const auto kind = std::string(text(result, {"kind"}));
  if (!unknown.ok() || !type.ok() || !messages().contains(kind) || !decode(raw, kind, result)) return std::nullopt;
  return result;
}

std::string empty_openapi_protobuf() {
  return std::string("\x0a\x03") + "2.0";  // field 1: swagger
}

}  // namespace quartermaster::apisim
