// Events; an array of them is sorted.
#include "model/event.hpp"

#include "test/fuzz/object.hpp"

namespace json = quartermaster::json;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;

FUZZ_TARGET(event) {
  const auto document = json::parse(input);
  if (!document) return;
  std::vector<model::Event> events{model::event_from(document->root()), model::Event{}};
  for (const json::Value item : document->root().items()) events.push_back(model::event_from(item));
  const auto count = events.size();
  sort_by_time(events);
  check(events.size() == count, "sorting loses nothing");
  for (std::size_t i = 0; i < count; ++i) {
    quartermaster::fuzz::written([&](json::Writer& writer) { write(writer, events[i]); });
    if (i > 0) check(!(events[i].last < events[i - 1].last), "sorted by time");
    is_about(events[i], model::Pod{});
  }
}
