// Label selectors. The first line is one, the others are labels, key=value.
#include "model/label_selector.hpp"

#include "test/fuzz/fuzz.hpp"

using quartermaster::LabelSelector;
using quartermaster::fuzz::check;

namespace {

quartermaster::StringMap labels_of(std::string_view lines) {
  quartermaster::StringMap labels;
  while (!lines.empty()) {
    const auto line = quartermaster::fuzz::Front(lines).line();
    const auto equals = std::min(line.find('='), line.size());
    labels.emplace(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())));
  }
  return labels;
}

}  // namespace

FUZZ_TARGET(label_selector) {
  const auto selector = LabelSelector::parse(quartermaster::fuzz::Front(input).line());
  if (!selector) return;
  const auto text = selector->to_string();
  const auto again = LabelSelector::parse(text);
  check(again && *again == *selector, "what is printed is the same selector");
  check(again->to_string() == text, "what is printed is canonical");

  const auto labels = labels_of(input);
  std::string rendered;
  {
    quartermaster::json::Writer writer(rendered);
    quartermaster::write(writer, labels);
  }
  const auto from_json = quartermaster::json::parse(rendered);
  check(from_json.has_value(), "labels are written as JSON");
  const auto plain = quartermaster::string_map(from_json->root());
  check(selector->matches(plain) == selector->matches(quartermaster::RenderedLabels(rendered)),
        "rendered labels match as plain ones do");
  if (selector->empty()) check(selector->matches(labels), "the empty selector matches all");
}
