// Writes what all DTOs share.
#include "model/dto.hpp"

namespace quartermaster::model {

State ready_state(const ObjectMeta& meta) {
  return meta.terminating ? terminating_state(meta) : State{"Ready", "", ""};
}

State terminating_state(const ObjectMeta& meta) {
  std::string message;
  for (const std::string& finalizer : meta.finalizers) {
    message.append(message.empty() ? "waiting for finalizers: " : ", ").append(finalizer);
  }
  return {"Terminating", "", std::move(message)};
}

void write_field(json::Writer& writer, std::string_view name, const State& state) {
  writer.key(name).begin_object();
  writer.field("status", state.status).field("reason", state.reason).field("message", state.message);
  writer.end_object();
}

void write_field(json::Writer& writer, std::string_view name, const StringMap& map) {
  writer.key(name);
  quartermaster::write(writer, map);
}

void write_field(json::Writer& writer, std::string_view name, std::span<const std::string> list) {
  writer.key(name).begin_array();
  for (const std::string& item : list) writer.string(item);
  writer.end_array();
}

void write_labels(json::Writer& writer, std::string_view name, const StringMap& labels, Record* record) {
  writer.key(name);
  const auto begin = writer.position() + 1;  // behind the colon
  quartermaster::write(writer, labels);
  if (record == nullptr) return;
  record->labels_begin = static_cast<std::uint32_t>(begin);
  record->labels_size = static_cast<std::uint32_t>(writer.position() - begin);
}

void leave_hole(json::Writer& writer, Record& record) {
  writer.raw("");
  record.holes.push_back(static_cast<std::uint32_t>(writer.position()));
}

Record record_of(const ObjectMeta& meta) { return {.ns = meta.ns, .name = meta.name, .dto = {}}; }

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

void write_head(json::Writer& writer, Kind kind, const ObjectMeta& meta, const State& state) {
  writer.field("name", meta.name).field("namespace", meta.ns).field("kind", info(kind).name);
  write_field(writer, "state", state);
}

}  // namespace quartermaster::model
