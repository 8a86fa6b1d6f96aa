// Who calls, and what they may do: bearer tokens and a table of rules.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "test/apisim/api_server.hpp"

namespace quartermaster::apisim {

/// What somebody wants to do.
struct Action {
  std::string verb;      // "get", "deletecollection"
  std::string group;     // API group
  std::string resource;  // "pods", "pods/log"; "" for a path that is no resource
  std::string ns, name;
  std::string path;  // "/metrics", where there is no resource
};

class Access {
 public:
  void reset(const std::map<std::string, User>& tokens, bool anonymous);
  void set_token(std::string token, User user) { tokens_[std::move(token)] = std::move(user); }
  void remove_token(const std::string& token) { tokens_.erase(token); }
  void refuse_all(bool refuse) { refuse_all_ = refuse; }
  void set_rules(const std::string& user, std::vector<Rule> rules) { rules_[user] = std::move(rules); }

  /// Of a request's Authorization header; nothing: 401.
  std::optional<User> authenticate(std::string_view authorization) const;
  std::optional<User> find_token(std::string_view token) const;
  bool allows(std::string_view user, const std::vector<std::string>& groups, const Action& action) const;

 private:
  std::map<std::string, User, std::less<>> tokens_;
  std::map<std::string, std::vector<Rule>, std::less<>> rules_;
  bool anonymous_ = false;
  bool refuse_all_ = false;
};

}  // namespace quartermaster::apisim
