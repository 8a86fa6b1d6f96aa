// Server-Sent Events as a browser reads them, and a list as one knows it who follows them.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "test/support/json.hpp"

namespace quartermaster::test {

struct StreamEvent {
  std::string name = {};
  std::string data = {};
  std::string id = {};  // the last one seen, be it of this event or an earlier one
};

class EventParser {
 public:
  /// Takes bytes as they come.
  void feed(std::string_view bytes);
  /// The next whole event.
  std::optional<StreamEvent> next();

  const std::string& last_id() const { return last_id_; }
  const std::string& retry() const { return retry_; }

 private:
  void take_line(std::string_view line);

  std::string rest_;
  StreamEvent event_;
  bool any_data_ = false;
  std::string id_, last_id_, retry_;
  std::vector<StreamEvent> events_;  // whole ones
};

/// What a listener knows of a list.
class ListView {
 public:
  /// `key`: the member that names an item.
  explicit ListView(std::string key = "name") : key_(std::move(key)) {}

  void apply(const StreamEvent& event);

  /// Items by name, printed.
  const std::map<std::string, std::string>& items() const { return items_; }
  std::size_t lists() const { return lists_; }
  std::size_t resets() const { return resets_; }
  /// What was told though it made no sense: added what is there, deleted what is not.
  const std::vector<std::string>& surprises() const { return surprises_; }
  /// The data of the event "closed".
  const std::optional<std::string>& closed() const { return closed_; }

 private:
  std::string key_;
  std::map<std::string, std::string> items_;
  std::size_t lists_ = 0, resets_ = 0;
  std::vector<std::string> surprises_;
  std::optional<std::string> closed_;
};

}  // namespace quartermaster::test
