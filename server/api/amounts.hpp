// Amounts of resources in bodies.
#pragma once

#include <string>
#include <string_view>

#include "model/resource_list.hpp"
#include "server/api/body_reader.hpp"
#include "server/api/checks.hpp"

namespace quartermaster::api {

void add_cause(Causes& causes, std::string field, std::string_view reason, std::string what);

/// False, and a cause, for more than `most`.
bool check_count(std::size_t count, std::size_t most, std::string field, Causes& causes);

/// An amount that is not negative; 0, and a cause, for what is none.
Quantity amount_of(const std::string& text, const std::string& field, Causes& causes);

/// A map of such amounts by resource name; empty if absent.
model::ResourceList amounts_of(ObjectReader& reader, std::string_view field, Causes& causes);

}  // namespace quartermaster::api
