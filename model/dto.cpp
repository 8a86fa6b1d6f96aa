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

void write_head(json::Writer& writer, Kind kind, const ObjectMeta& meta, const State& state) {
  writer.field("name", meta.name).field("namespace", meta.ns).field("kind", info(kind).name);
  write_field(writer, "state", state);
}

}  // namespace quartermaster::model
