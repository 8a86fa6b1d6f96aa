// Label selectors. A Kubernetes 1.20 API server accepts and refuses the same texts, with two exceptions: for it a NUL
// ends the selector, so that "\0" selects everything, and it takes "a in (b,)" and "a in (b,,c)", but not "a in (b,,)".
#include "model/label_selector.hpp"

#include <catch2/catch.hpp>

namespace quartermaster {
namespace {

using namespace std::string_literals;

TEST_CASE("Selectors are parsed and printed in canonical form") {
  const auto [text, canonical] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"  ", ""},
      {"a", "a"},
      {"!a", "!a"},
      {"! a", "!a"},
      {"a=b", "a=b"},
      {"a==b", "a=b"},
      {"a!=b", "a!=b"},
      {"a !=b", "a!=b"},
      {" a = b ", "a=b"},
      {"\ta\n=\rb", "a=b"},
      {"a=", "a="},
      {"a= ", "a="},
      {"a==", "a="},
      {"a!=", "a!="},
      {"a=,b=c", "a=,b=c"},
      {"a in (b)", "a in (b)"},
      {"a in(b)", "a in (b)"},
      {"a  in  ( c , b )", "a in (b,c)"},
      {"a in (b,c,b)", "a in (b,c)"},
      {"a in ()", "a in ()"},
      {"a in ( )", "a in ()"},
      {"a in (,)", "a in ()"},
      {"a in (,b)", "a in (,b)"},
      {"a in (b,)", "a in (,b)"},
      {"a in (b,,c)", "a in (,b,c)"},
      {"a in (b,,)", "a in (,b)"},
      {"a notin (b)", "a notin (b)"},
      {"a notin(c,b)", "a notin (b,c)"},
      {"a notin ()", "a notin ()"},
      {"a>1", "a>1"},
      {"a < 0", "a<0"},
      {"a>01", "a>01"},
      {"a>9223372036854775807", "a>9223372036854775807"},
      // Words that are operators elsewhere.
      {"in", "in"},
      {"!in", "!in"},
      {"notin", "notin"},
      {"in,notin", "in,notin"},
      {"in in (in)", "in in (in)"},
      {"notin in (a)", "notin in (a)"},
      {"a in (in,notin)", "a in (in,notin)"},
      {"in=notin", "in=notin"},
      // Several requirements.
      {"b,a", "a,b"},
      {"b=1 , a = 2", "a=2,b=1"},
      {"a,!a", "a,!a"},
      {"a=c,a=b", "a=b,a=c"},
      {"a,a,a=b,a", "a=b,a"},
      {"a > 1, a < 5", "a>1,a<5"},
      {"c,a notin (x),b in (y)", "a notin (x),b in (y),c"},
      // Keys and values at their limits.
      {"a.b/C_d=e.F-g_h", "a.b/C_d=e.F-g_h"},
      {"a=" + std::string(63, 'v'), "a=" + std::string(63, 'v')},
      {std::string(63, 'k') + "=a", std::string(63, 'k') + "=a"},
      {std::string(253, 'p') + "/k", std::string(253, 'p') + "/k"},
  }));
  CAPTURE(text);
  const Result<LabelSelector> selector = LabelSelector::parse(text);
  REQUIRE(selector.has_value());
  CHECK(selector->to_string() == canonical);
  CHECK(selector->empty() == canonical.empty());
  CHECK(LabelSelector::parse(canonical).value() == *selector);
}

constexpr const char* kKeyOrNot = "expected a label key or '!'";
constexpr const char* kKey = "expected a label key";
constexpr const char* kOperator = "expected '=', '==', '!=', '<', '>', 'in' or 'notin'";
constexpr const char* kValue = "expected a label value";
constexpr const char* kInteger = "expected an integer";
constexpr const char* kOpen = "expected '('";
constexpr const char* kInList = "expected ',' or ')'";
constexpr const char* kEnd = "expected ',' or the end";
constexpr const char* kBadKey =
    "invalid label key: must consist of letters, digits, '-', '_' and '.', and start and end with a letter or digit";
constexpr const char* kBadValue =
    "invalid label value: must consist of letters, digits, '-', '_' and '.', and start and end with a letter or digit";

TEST_CASE("Faulty selectors are refused with the position of the fault") {
  const auto [text, position, fault] = GENERATE(table<std::string, int, std::string>({
      {",", 1, kKeyOrNot},
      {" , ", 2, kKeyOrNot},
      {",a", 1, kKeyOrNot},
      {"a,", 3, kKeyOrNot},
      {"a=b, ", 6, kKeyOrNot},
      {"a,,b", 3, kKeyOrNot},
      {"a in (b),", 10, kKeyOrNot},
      {"(a)", 1, kKeyOrNot},
      {"=b", 1, kKeyOrNot},
      {"==", 1, kKeyOrNot},
      {"!=b", 1, kKeyOrNot},
      {">1", 1, kKeyOrNot},
      {"!", 2, kKey},
      {"!!a", 2, kKey},
      {"a b", 3, kOperator},
      {"a!", 2, kOperator},
      {"a!b", 2, kOperator},
      {"a!!=b", 2, kOperator},
      {"a ! = b", 3, kOperator},
      {"a)", 2, kOperator},
      {"a not in (b)", 3, kOperator},
      {"a IN (b)", 3, kOperator},
      {"a NotIn (b)", 3, kOperator},
      {"ain (b)", 5, kOperator},
      {"in (a)", 4, kOperator},
      {"a in", 5, kOpen},
      {"a notin", 8, kOpen},
      {"a in b", 6, kOpen},
      {"a in b)", 6, kOpen},
      {"a in (", 7, kValue},
      {"a in (!b)", 7, kValue},
      {"a in ((b))", 7, kValue},
      {"a in (b", 8, kInList},
      {"a in (b b)", 9, kInList},
      {"a in (b=c)", 8, kInList},
      {"a in (b))", 9, kEnd},
      {"a in (b) c", 10, kEnd},
      {"!a=b", 3, kEnd},
      {"!a in (b)", 4, kEnd},
      {"! in (b)", 6, kEnd},
      {"!a>1", 3, kEnd},
      {"a=b c", 5, kEnd},
      {"a=b=c", 4, kEnd},
      {"a==b==c", 5, kEnd},
      {"a=b)", 4, kEnd},
      {"a=b!c", 4, kEnd},
      {"a=b<", 4, kEnd},
      {"a>1 2", 5, kEnd},
      {"a===b", 4, kValue},
      {"a!==b", 4, kValue},
      {"a=!b", 3, kValue},
      {"a=(b)", 3, kValue},
      {"a=<", 3, kValue},
      {"a>", 3, kInteger},
      {"a>,b", 3, kInteger},
      {"a>b", 3, kInteger},
      {"a>=1", 3, kInteger},
      {"a>1.5", 3, kInteger},
      {"a>+1", 3, kInteger},
      {"a>0x1", 3, kInteger},
      {"a<>1", 3, kInteger},
      {"a>9223372036854775808", 3, kInteger},
      {"a>-1", 3, kBadValue},
      {"a=-b", 3, kBadValue},
      {"a=b-", 3, kBadValue},
      {"a=b/c", 3, kBadValue},
      {"a=b:c", 3, kBadValue},
      {"a=\"b\"", 3, kBadValue},
      {"a=\u00e4", 3, kBadValue},
      {"a=\0"s, 3, kBadValue},
      {"a in (b,c,-)", 11, kBadValue},
      {"a=" + std::string(64, 'v'), 3, "invalid label value: must be at most 63 characters"},
      {"-a=b", 1, kBadKey},
      {"a-=b", 1, kBadKey},
      {"_a", 1, kBadKey},
      {"x,  !a_", 6, kBadKey},
      {"\"a\"=b", 1, kBadKey},
      {"a;b", 1, kBadKey},
      {"a&b", 1, kBadKey},
      {"\u00e4", 1, kBadKey},
      {"\xff", 1, kBadKey},
      {"\0"s, 1, kBadKey},
      {"a\0b"s, 1, kBadKey},
      {std::string(64, 'k'), 1, "invalid label key: must be at most 63 characters"},
      {"a,/b=c", 3, "invalid label key: its prefix must not be empty"},
      {"a/=c", 1, "invalid label key: its name must not be empty"},
      {std::string(254, 'p') + "/k", 1, "invalid label key: its prefix must be at most 253 characters"},
  }));
  CAPTURE(text);
  const Result<LabelSelector> selector = LabelSelector::parse(text);
  REQUIRE(selector.has_error());
  CHECK(selector.error().code == ErrorCode::bad_request);
  CHECK(selector.error().message == "at position " + std::to_string(position) + ": " + fault);
}

TEST_CASE("Selectors match") {
  const StringMap labels = {{"app", "web"}, {"tier", ""}, {"size", "10"}, {"neg", "007"}, {"example.com/x", "y"}};
  const auto [text, matches] = GENERATE(table<std::string, bool>({
      {"", true},
      {"app", true},
      {"none", false},
      {"!app", false},
      {"!none", true},
      {"app=web", true},
      {"app==web", true},
      {"app=Web", false},
      {"app=", false},
      {"none=", false},
      {"tier=", true},
      {"tier", true},
      {"tier!=", false},
      {"app!=web", false},
      {"app!=db", true},
      {"none!=web", true},
      {"none!=", true},
      {"app in (db,web)", true},
      {"app in (db)", false},
      {"app in ()", false},
      {"tier in (,a)", true},
      {"none in (web)", false},
      {"none in ()", false},
      {"app notin (db,web)", false},
      {"app notin (db)", true},
      {"none notin (db)", true},
      {"tier notin ()", false},
      {"example.com/x=y", true},
      {"size>9", true},
      {"size>10", false},
      {"size<11", true},
      {"size<10", false},
      {"neg<8,neg>6", true},
      {"app>1", false},
      {"app<1", false},
      {"tier<1", false},
      {"none>1", false},
      {"none<1", false},
      {"app=web,tier=,size=10", true},
      {"app=web,none", false},
      {"app,!app", false},
      {"app=web,app=db", false},
  }));
  CAPTURE(text);
  CHECK(LabelSelector::parse(text).value().matches(labels) == matches);
}

TEST_CASE("A selector can be narrowed") {
  using Operator = LabelSelector::Operator;
  LabelSelector selector = LabelSelector::parse("b=1").value();
  selector.add({"c", Operator::in, {"z", "y", "z"}});
  selector.add({"a", Operator::exists, {}});
  selector.add({"a", Operator::exists, {}});
  CHECK(selector.to_string() == "a,b=1,c in (y,z)");
  CHECK(selector.matches({{"a", ""}, {"b", "1"}, {"c", "z"}}));
  CHECK_FALSE(selector.matches({{"b", "1"}, {"c", "z"}}));
  CHECK(LabelSelector().to_string().empty());
}

TEST_CASE("Very long selectors are handled in one go") {
  std::string text = "k in (";
  for (int i = 0; i < 100'000; ++i) text += "v" + std::to_string(i) + ",";
  CHECK(LabelSelector::parse(text + ")").value().matches(StringMap{{"k", "v4711"}}));
  std::string keys;
  for (int i = 100'000; i > 0; --i) keys += "!k" + std::to_string(i) + ",";
  CHECK_FALSE(LabelSelector::parse(keys + "end").value().matches(StringMap{{"k4711", ""}}));
  CHECK(LabelSelector::parse(std::string(1'000'000, '!')).has_error());
  CHECK(LabelSelector::parse("a in " + std::string(1'000'000, '(')).has_error());
}

}  // namespace
}  // namespace quartermaster
