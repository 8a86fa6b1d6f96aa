// Finds the route of a path.
#pragma once

#include <string>
#include <vector>

#include "server/api/route.hpp"

namespace quartermaster::api {

struct Match {
  const Route* route = nullptr;
  PathParameters path;  // {parameter} -> decoded, checked segment
};

class Router {
 public:
  explicit Router(std::span<const Route> routes);

  /// HEAD finds the route of GET. Error: not_found for an unknown path; method_not_allowed, whose causes' fields are
  /// the methods that there are; bad_request for a segment that is not the name it stands for.
  Result<Match> find(http::Verb method, const std::vector<std::string>& segments) const;

 private:
  struct Entry {
    const Route* route;
    std::vector<std::string> pattern;
  };
  std::vector<Entry> entries_;
};

}  // namespace quartermaster::api
