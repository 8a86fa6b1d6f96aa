#include "test/support/event_stream.hpp"

#include <algorithm>
#include <utility>

namespace quartermaster::test {

void EventParser::feed(std::string_view bytes) {
  rest_ += bytes;
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    take_line(std::string_view(rest_).substr(begin, end - begin));
    begin = end + 1;
  }
  rest_.erase(0, begin);
}

void EventParser::take_line(std::string_view line) {
  if (line.empty()) {
    last_id_ = id_;
    event_.id = last_id_;
    if (any_data_) events_.push_back(std::exchange(event_, {}));
    event_ = {};
    any_data_ = false;
    return;
  }
  const auto colon = std::min(line.find(':'), line.size());
  const auto field = line.substr(0, colon);
  auto value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_.name = value;
  if (field == "id") id_ = value;  // it counts once the event is whole
  if (field == "retry") retry_ = value;
  if (field != "data") return;
  if (std::exchange(any_data_, true)) event_.data += '\n';
  event_.data += value;
}

std::optional<StreamEvent> EventParser::next() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.erase(events_.begin());
  return event;
}

void ListView::apply(const StreamEvent& event) {
  if (event.name == "reset") ++resets_;
  if (event.name == "closed") closed_ = event.data;
  if (event.name == "list") {
    ++lists_;
    items_.clear();
    const auto list = parse_json(event.data);
    for (const auto& item : at(list, "/items").as_array()) items_[text_at(item, "/" + key_)] = print(item);
    if (at(list, "/num") != json::value(items_.size())) surprises_.push_back("num is wrong: " + event.data);
  }
  const bool set = event.name == "added" || event.name == "modified";
  if (!set && event.name != "deleted") return;
  const auto item = parse_json(event.data);
  const auto name = text_at(item, "/" + key_);
  const bool known = items_.contains(name);
  if (known == (event.name == "added")) surprises_.push_back(event.name + " " + name);
  if (set)
    items_[name] = print(item);
  else
    items_.erase(name);
}

}  // namespace quartermaster::test
