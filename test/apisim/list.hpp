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

/// The errors of the parameter resourceVersionMatch.
FieldErrors check_match(const ApiRequest& request);
/// The order of the API server's own cache, which is none; this one is at least always the same.
void shuffle(std::vector<ObjectPtr>& objects);

/// The JSON of one object, with its kind.
std::string render(const ResourceType& type, const Object& object);

/// The JSON of a list, piece by piece.
class PageText {
 public:
  PageText(const ResourceType& type, Page page) : type_(type), page_(std::move(page)) {}
  /// About 64 KiB; "" at the end.
  std::string next();
  bool at_end() const { return done_; }

 private:
  const ResourceType& type_;
  Page page_;
  std::size_t sent_ = 0;
  bool begun_ = false, done_ = false;
};

}  // namespace quartermaster::apisim
