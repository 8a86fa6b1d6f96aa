// Lists: selectors, pages on one consistent version, resourceVersion and its match.
#pragma once

#include <optional>

#include "test/apisim/request.hpp"

namespace quartermaster::apisim {

/// Query parameters of lists and watches that are numbers; absent is 0. Error: 400.
Answer<std::int64_t> number_parameter(const ApiRequest& request, std::string_view name);
/// The parameter resourceVersion; nothing if absent. Error: 500, as that's what the API server says.
Answer<std::optional<std::uint64_t>> version_parameter(const ApiRequest& request);

struct Page {
  std::vector<ObjectPtr> objects;
  std::uint64_t version = 0;
  std::string continue_token;                 // "" on the last page
  std::optional<std::size_t> remaining = {};  // after this page, where it is known
};

/// Carries out a list request.
Answer<Page> list_objects(const Cluster& cluster, const ApiRequest& request);

/// The JSON of one object, with its kind; of the whole list.
std::string render(const ResourceType& type, const Object& object);
std::string render(const ResourceType& type, const Page& page);

}  // namespace quartermaster::apisim
