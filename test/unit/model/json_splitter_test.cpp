// JSON that comes in pieces. Each text is cut at each place, as nobody knows where a network cuts.
#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "model/json_splitter.hpp"

namespace quartermaster::json {
namespace {

using Parts = std::vector<std::string>;

struct Outcome {
  Parts parts;
  std::string error;  // "" if none
  std::string rest;   // of a list
  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  for (const auto& part : outcome.parts) out << part << " | ";
  return out << "error: " << outcome.error << " rest: " << outcome.rest;
}

Result<void> end(const StreamSplitter& splitter, Outcome&) { return splitter.finish(); }
Result<void> end(const ListSplitter& splitter, Outcome& outcome) {
  const auto list = splitter.finish();
  if (!list) return list.error();
  outcome.rest = list->root().text();
  return {};
}

template <class Splitter>
Outcome cut(const Parts& pieces, std::size_t max) {
  Splitter splitter(max);
  Outcome outcome;
  for (const auto& piece : pieces) {
    splitter.feed(piece);
    for (;;) {
      const auto part = splitter.next();
      if (!part) {
        outcome.error = part.error().message;
        CHECK(part.error().code == ErrorCode::bad_gateway);
        return outcome;
      }
      if (!*part) break;
      outcome.parts.emplace_back(**part);
    }
  }
  if (const auto ended = end(splitter, outcome); !ended) {
    outcome.error = ended.error().message;
    CHECK(ended.error().code == ErrorCode::bad_gateway);
  }
  return outcome;
}

/// However it is cut, the same comes out.
template <class Splitter>
Outcome cut_everywhere(const std::string& text, std::size_t max = 1000) {
  CAPTURE(text);
  Outcome whole = cut<Splitter>({text}, max);
  for (std::size_t a = 0; a <= text.size(); ++a) {
    for (std::size_t b = a; b <= text.size(); b += 1 + text.size() / 40) {
      CAPTURE(a, b);
      CHECK(cut<Splitter>({text.substr(0, a), text.substr(a, b - a), text.substr(b)}, max) == whole);
    }
  }
  Parts bytes;
  for (const char c : text) bytes.emplace_back(1, c);
  CHECK(cut<Splitter>(bytes, max) == whole);
  return whole;
}

TEST_CASE("a stream is cut into its objects", "[json_splitter]") {
  const auto [text, parts] = GENERATE(table<std::string, Parts>({
      {"", {}},
      {" \n", {}},
      {"{}", {"{}"}},
      {"{}{}\r\n\t {}\n", {"{}", "{}", "{}"}},
      {R"({"a":[1,{"b":{}}],"c":"}{]["} {"d":1})", {R"({"a":[1,{"b":{}}],"c":"}{]["})", R"({"d":1})"}},
      {R"({"a":"\"}","b\\":"\\"}{"\\\"{":0})", {R"({"a":"\"}","b\\":"\\"})", R"({"\\\"{":0})"}},
      {R"({"a":"é\u007d€"})", {R"({"a":"é\u007d€"})"}},
  }));
  const auto outcome = cut_everywhere<StreamSplitter>(text);
  CHECK(outcome.parts == parts);
  CHECK(outcome.error == "");
}

TEST_CASE("a stream that is none is an error after what came before", "[json_splitter]") {
  const auto [text, count, error] = GENERATE(table<std::string, std::size_t, std::string>({
      {"{}{", 1, "ends within an object"},
      {R"({}{"a":"})", 1, "ends within an object"},
      {R"({}{"a":"\)", 1, "ends within an object"},
      {"{}]", 1, "is no sequence of JSON objects"},
      {"{},{}", 1, "is no sequence of JSON objects"},
      {"<html>", 0, "is no sequence of JSON objects"},
      {std::string("{}\0", 3), 1, "is no sequence of JSON objects"},
      {"1", 0, "is no sequence of JSON objects"},
  }));
  const auto outcome = cut_everywhere<StreamSplitter>(text);
  CHECK(outcome.parts.size() == count);
  CHECK(outcome.error == "the API server's answer " + error);
}

TEST_CASE("a list is cut into its items and the rest", "[json_splitter]") {
  const auto [text, parts, rest] = GENERATE(table<std::string, Parts, std::string>({
      {R"({"items":[]})", {}, R"({"items":[]})"},
      {R"({"kind":"PodList","items":null})", {}, R"({"kind":"PodList","items":null})"},
      {R"( { "items" : [ {} , {"a":[{}]}, {"b":"]},{"} ] , "kind":"PodList" } )" + std::string("\n"),
       {"{}", R"({"a":[{}]})", R"({"b":"]},{"})"},
       R"({"items":[],"kind":"PodList"})"},
      {R"({"kind":"PodList","metadata":{"continue":"x","items":[1,{}]},"items":[{"items":[{}]}]})",
       {R"({"items":[{}]})"},
       R"({"kind":"PodList","metadata":{"continue":"x","items":[1,{}]},"items":[]})"},
      {R"({"a":"items","b":["items",[{}]],"\"items":[1],"items":[{"c":1}],"z":[2]})",
       {R"({"c":1})"},
       R"({"a":"items","b":["items",[{}]],"\"items":[1],"items":[],"z":[2]})"},
      {R"({"a":"\\","items":[{"\\":"\""}]})", {R"({"\\":"\""})"}, R"({"a":"\\","items":[]})"},
  }));
  const auto outcome = cut_everywhere<ListSplitter>(text);
  CHECK(outcome.parts == parts);
  CHECK(outcome.rest == rest);
  CHECK(outcome.error == "");
}

TEST_CASE("a list that is none is an error, never a short list", "[json_splitter]") {
  const std::string text = GENERATE(as<std::string>{},                   //
                                    "",                                  //
                                    "{}",                                // no items
                                    "[]",                                //
                                    "null",                              //
                                    R"(["items",[{}]])",                 //
                                    R"({"items":{}})",                   //
                                    R"({"items":0})",                    //
                                    R"({"items":"[{}]"})",               //
                                    R"({"items":[{},]})",                //
                                    R"({"items":[,{}]})",                //
                                    R"({"items":[{}{}]})",               //
                                    R"({"items":[{},,{}]})",             //
                                    R"({"items":[{}}})",                 //
                                    R"({"items":[0]})",                  //
                                    R"({"items":[{},null]})",            //
                                    R"({"items":[[{}]]})",               //
                                    R"({"items":[{}]}x)",                // garbage behind it
                                    R"({"items":[{}]}{})",               //
                                    R"({"items":[{}]}]})",               //
                                    R"({"items":[{}],})",                //
                                    R"({"items":[{}],"kind":})",         //
                                    R"({"items":[{}] "kind":""})",       //
                                    R"({"items":[{}],"items":[{}]})",    // twice
                                    R"({"\u0069tems":[{}],"a":1})",      // with an escape
                                    R"({"\u0069tems":[{}],"items":[]})"  //
  );
  CHECK(cut_everywhere<ListSplitter>(text).error.starts_with("the API server's answer "));
}

TEST_CASE("a list that is cut short anywhere is an error", "[json_splitter]") {
  const std::string text = R"({"kind":"L","items":[{"a":"]}"},{"b":[]}],"metadata":{"resourceVersion":"7"}})";
  REQUIRE(cut<ListSplitter>({text}, 1000).error == "");
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK(cut<ListSplitter>({text.substr(0, size)}, 1000).error != "");
  }
}

/// What parse() makes of the whole text; no items unless all of it is a list.
Outcome parsed_whole(const std::string& text) {
  Outcome outcome;
  const auto list = parse(text);
  const auto items = list ? list->root()["items"] : Value();
  if (!items.is_array() && items.type() != Type::null) outcome.error = "no list";
  for (const auto item : items.items()) {
    if (!item.is_object()) outcome.error = "no list of objects";
    outcome.parts.push_back(item.text());
  }
  return outcome;
}

/// The same by way of the splitter.
Outcome parsed_in_parts(const std::string& text) {
  auto outcome = cut<ListSplitter>({text.substr(0, text.size() / 2), text.substr(text.size() / 2)}, 1000);
  for (auto& part : outcome.parts) {
    const auto item = parse(part);
    if (!item) outcome.error = "an item that is none";
    part = item ? item->root().text() : "";
  }
  return outcome;
}

TEST_CASE("a spoiled list is cut into just what it would be parsed into, or into nothing", "[json_splitter]") {
  const std::string good = R"({"kind":"L","items":[{"a":"]}\""},{"b":[]}],"metadata":{"items":[1],"v":"7"}})";
  constexpr std::string_view kBytes = "{}[]\",:\\ a0\n";
  std::minstd_rand random(1);
  const auto any = [&](std::size_t below) { return static_cast<std::size_t>(random()) % below; };
  std::size_t still_lists = 0;
  for (int i = 0; i < 8'000; ++i) {
    std::string text = good;
    for (auto changes = 1 + any(3); changes > 0; --changes) {
      const auto at = any(text.size());
      const auto what = any(4);
      if (what == 0) text.erase(at, 1 + any(5));
      if (what == 1) text.insert(at, 1, kBytes[any(kBytes.size())]);
      if (what == 2) text[at] = kBytes[any(kBytes.size())];
      if (what == 3) text.insert(at, text.substr(any(text.size()), 1 + any(10)));
      if (text.empty()) text = " ";
    }
    CAPTURE(text);
    const auto parts = parsed_in_parts(text), whole = parsed_whole(text);
    if (parts.error.empty()) {
      REQUIRE(whole.error == "");
      REQUIRE(parts.parts == whole.parts);
      ++still_lists;
    }
  }
  CHECK(still_lists > 100);
}

TEST_CASE("an object may be as large as allowed, and no larger", "[json_splitter]") {
  const std::string object = R"({"a":")" + std::string(92, 'x') + R"("})";
  REQUIRE(object.size() == 100);
  CHECK(cut_everywhere<StreamSplitter>(object + object, 100).error == "");
  CHECK(cut_everywhere<StreamSplitter>(object, 99).error ==
        "the API server's answer holds an object that is too large");
  const std::string list = R"({"items":[)" + object + "," + object + "]}";
  CHECK(cut_everywhere<ListSplitter>(list, 100).error == "");
  CHECK(cut_everywhere<ListSplitter>(list, 99).error == "the API server's answer holds an object that is too large");
  const std::string large(std::size_t{3} << 20, ' ');
  CHECK(cut<ListSplitter>({"{" + large}, 100).error ==
        "the API server's answer is no list: it is too large besides its items");
}

TEST_CASE("an object that lies whole in what was fed is not copied", "[json_splitter]") {
  const std::string events = R"({"a":1} {"b":2}{"c")", rest = ":3}{}";
  StreamSplitter stream(100);
  stream.feed(events);
  CHECK(stream.next().value()->data() == events.data());
  CHECK(stream.next().value()->data() == events.data() + 8);
  CHECK_FALSE(stream.next().value());
  stream.feed(rest);
  CHECK(*stream.next().value() == R"({"c":3})");
  CHECK(stream.next().value()->data() == rest.data() + 3);

  const std::string list = R"({"items":[{"a":1}]})";
  ListSplitter items(100);
  items.feed(list);
  CHECK(items.next().value()->data() == list.data() + 10);
}

}  // namespace
}  // namespace quartermaster::json
