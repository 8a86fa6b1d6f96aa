// The parts that the answers (DTOs) of all kinds share.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/kinds.hpp"
#include "model/labels.hpp"
#include "model/object_meta.hpp"
#include "model/record.hpp"

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

// For functions that write DTOs and records alike: with a `record`, they note in it where things are.

/// The member that holds the labels that selectors go by.
void write_labels(json::Writer& writer, std::string_view name, const StringMap& labels, Record* record);
/// A hole in place of the value that would come next. For a value that is always there, and for items of an array.
void leave_hole(json::Writer& writer, Record& record);
/// A record of the object, with an empty DTO.
Record record_of(const ObjectMeta& meta);

/// The lines of a text, each of which ends in a newline.
std::vector<std::string_view> split_lines(std::string_view text);

/// The members that open a DTO: name, namespace, kind, state.
void write_head(json::Writer& writer, Kind kind, const ObjectMeta& meta, const State& state);

}  // namespace quartermaster::model
