// How far an answer with the logs of one or many containers has come, as a text that goes with each line of it: with
// the last one a caller goes on later, on any replica.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "kubeapi/log_resume.hpp"

namespace quartermaster::api {

class LogCursor {
 public:
  /// Positions in more logs would not fit into a request.
  static constexpr std::size_t kMost = 200;

  /// Short, and the same for the same container of the same pod.
  static std::string source_of(std::string_view uid, std::string_view container);

  /// Nothing, if it is not the text of one.
  static std::optional<LogCursor> parse(std::string_view text);
  /// Letters, digits, '.', '_' and '-'. "" for none.
  std::string text() const;
  void append_to(std::string& out) const;

  const kubeapi::LogPosition* find(std::string_view source) const;
  void set(std::string_view source, const kubeapi::LogPosition& at);
  void erase(std::string_view source);
  bool empty() const { return positions_.empty(); }

 private:
  std::map<std::string, kubeapi::LogPosition, std::less<>> positions_;
};

}  // namespace quartermaster::api
