// The parts that the answers (DTOs) of all kinds share.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/json.hpp"
#include "model/kinds.hpp"
#include "model/labels.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

/// How an object is, in a word, and why: `state` of every DTO. Reason and message are "" when there is nothing to say.
struct State {
  std::string status;
  std::string reason;
  std::string message;
  bool operator==(const State&) const = default;
};

/// Ready: for kinds that have no phase of their own. Terminating when the object is being deleted.
State ready_state(const ObjectMeta& meta);
/// Terminating; the message names the finalizers that the object waits for.
State terminating_state(const ObjectMeta& meta);

void write_field(json::Writer& writer, std::string_view name, const State& state);
void write_field(json::Writer& writer, std::string_view name, const StringMap& map);
void write_field(json::Writer& writer, std::string_view name, std::span<const std::string> list);

/// The members that open a DTO: name, namespace, kind, state.
void write_head(json::Writer& writer, Kind kind, const ObjectMeta& meta, const State& state);

}  // namespace quartermaster::model
