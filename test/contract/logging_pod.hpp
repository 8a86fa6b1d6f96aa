// A pod that logs, for the cases about logs.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "test/contract/suite.hpp"

namespace quartermaster::test {

/// A running pod with one container, "main", and its log; in a namespace of its own, unless one is given.
class LoggingPod {
 public:
  explicit LoggingPod(const std::vector<std::string>& containers = {"main"}, const json::object& extra = {})
      : own_(std::make_unique<Namespace>(cluster())), ns_(*own_), name_("p") {
    create_running_pod(cluster(), ns_, name_, containers, extra);
  }
  LoggingPod(const Namespace& ns, std::string name, const json::object& extra = {}) : ns_(ns), name_(std::move(name)) {
    create_running_pod(cluster(), ns_, name_, {"main"}, extra);
  }

  void write(const std::string& line, const std::string& container = "main") const {
    cluster().logs().append(id(container), line);
  }
  /// The container "main" is started again.
  void restart() { restart_container(cluster(), ns_, name_, ++restarts_); }
  /// It has ended for good, and the pod with it.
  void finish() const {
    cluster().logs().finish(id());
    show_restarts(cluster(), ns_.path("pods", name_), restarts_, true);
  }

  apisim::ContainerId id(const std::string& container = "main") const { return {ns_.name(), name_, container}; }
  std::string target(const std::string& query = {}) const {
    return "/api/v1/pod/" + ns_.name() + "/name/" + name_ + "/logs" + (query.empty() ? "" : "?" + query);
  }
  HttpAnswer read(const std::string& query = {}) const { return service().get(target(query)); }
  const Namespace& ns() const { return ns_; }
  const std::string& name() const { return name_; }

 private:
  std::unique_ptr<Namespace> own_;
  const Namespace& ns_;
  std::string name_;
  int restarts_ = 0;
};

/// Reads until the text so far ends with `end`; what was read.
inline std::string read_until(AnswerReader& reader, const std::string& end) {
  std::string text;
  while (!text.ends_with(end)) {
    const std::string piece = reader.more();
    if (piece.empty()) break;
    text += piece;
  }
  return text;
}

}  // namespace quartermaster::test
