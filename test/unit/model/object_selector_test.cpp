// Label selectors as objects hold them.
#include "model/object_selector.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

std::string text_of(std::string_view selector) {
  const auto made = from_json(selector, object_selector_from);
  return made ? made->to_string() : "none";
}

TEST_CASE("A selector in an object is one in text") {
  CHECK(text_of(R"({"matchLabels": {"b": "2", "a": "1"}})") == "a=1,b=2");
  CHECK(text_of(R"({"matchLabels": {"a": "1"}, "matchExpressions": [
      {"key": "tier", "operator": "In", "values": ["x", "y"]}, {"key": "old", "operator": "DoesNotExist"},
      {"key": "zone", "operator": "NotIn", "values": ["z"]}, {"key": "new", "operator": "Exists"}]})") ==
        "a=1,new,!old,tier in (x,y),zone notin (z)");
  CHECK(text_of("{}").empty());
}

TEST_CASE("No selector is none, and neither is one that cannot be understood") {
  CHECK(text_of("null") == "none");
  CHECK(text_of(R"({"matchExpressions": [{"key": "a", "operator": "Like", "values": ["b"]}]})") == "none");
}

}  // namespace
}  // namespace quartermaster::model
