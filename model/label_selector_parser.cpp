// The grammar of label selectors. Words are keys, values and the operators "in" and "notin", which are words like any
// other elsewhere: "in in (in)" is a selector.
//
//   selector    = [requirement *("," requirement)]
//   requirement = ["!"] key / key ("=" / "==" / "!=" / ">" / "<") [value] / key ("in" / "notin") "(" values ")"
//   values      = [value] *("," [value])
#include <algorithm>
#include <optional>
#include <utility>

#include "model/integer.hpp"
#include "model/label_selector.hpp"
#include "model/names.hpp"

namespace quartermaster {
namespace {

using Operator = LabelSelector::Operator;

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kSpacesAndSymbols = " \t\r\n=!(),<>";

struct Token {
  std::string_view text;  // a symbol or a word; empty at the end
  std::size_t offset;
  bool is_word;

  bool is(std::string_view symbol) const { return !is_word && text == symbol; }
  bool ends_requirement() const { return is("") || is(","); }
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) { advance(); }

  const Token& peek() const { return next_; }

  Token take() {
    const Token token = next_;
    advance();
    return token;
  }

 private:
  void advance() {
    const std::size_t start = std::min(text_.find_first_not_of(kSpaces, at_), text_.size());
    const std::string_view rest = text_.substr(start);
    const std::size_t word = std::min(rest.find_first_of(kSpacesAndSymbols), rest.size());
    const bool is_long = rest.starts_with("==") || rest.starts_with("!=");
    const std::size_t size = word > 0 ? word : std::min<std::size_t>(is_long ? 2 : 1, rest.size());
    next_ = {rest.substr(0, size), start, word > 0};
    at_ = start + size;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Token next_{};
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lexer_(text) {}

  Result<LabelSelector> parse() {
    if (lexer_.peek().is("")) return LabelSelector();
    std::vector<LabelSelector::Requirement> requirements;
    do {
      if (!parse_requirement(requirements.emplace_back())) return Error{ErrorCode::bad_request, std::move(error_)};
    } while (lexer_.take().is(","));
    return LabelSelector(std::move(requirements));
  }

 private:
  bool parse_requirement(LabelSelector::Requirement& requirement) {
    const bool negated = lexer_.peek().is("!");
    if (negated) lexer_.take();
    const Token key = lexer_.take();
    if (!key.is_word) return expected(negated ? "a label key" : "a label key or '!'", key);
    if (const std::string wrong = check_qualified_name(key.text); !wrong.empty())
      return fail("invalid label key: " + wrong, key);
    requirement.key = key.text;
    requirement.op = negated ? Operator::not_exists : Operator::exists;
    if (!negated && !lexer_.peek().ends_requirement() && !parse_comparison(requirement)) return false;
    return lexer_.peek().ends_requirement() || expected("',' or the end", lexer_.peek());
  }

  bool parse_comparison(LabelSelector::Requirement& requirement) {
    const Token token = lexer_.take();
    const std::optional<Operator> op = to_operator(token.text);
    if (!op) return expected("'=', '==', '!=', '<', '>', 'in' or 'notin'", token);
    requirement.op = *op;
    if (*op == Operator::in || *op == Operator::not_in) return parse_values(requirement);
    const bool is_order = *op == Operator::greater_than || *op == Operator::less_than;
    if (is_order && !parse_integer(lexer_.peek().text)) return expected("an integer", lexer_.peek());
    if (!lexer_.peek().ends_requirement()) return parse_value(requirement);
    requirement.values = {""};
    return true;
  }

  static std::optional<Operator> to_operator(std::string_view text) {
    if (text == "=" || text == "==") return Operator::equals;
    if (text == "!=") return Operator::not_equals;
    if (text == "in") return Operator::in;
    if (text == "notin") return Operator::not_in;
    if (text == ">") return Operator::greater_than;
    if (text == "<") return Operator::less_than;
    return std::nullopt;
  }

  // What is missing between commas and parentheses is the empty value.
  bool parse_values(LabelSelector::Requirement& requirement) {
    if (const Token open = lexer_.take(); !open.is("(")) return expected("'('", open);
    for (;;) {
      if (lexer_.peek().is(",") || lexer_.peek().is(")"))
        requirement.values.emplace_back();
      else if (!parse_value(requirement))
        return false;
      const Token next = lexer_.take();
      if (next.is(")")) return true;
      if (!next.is(",")) return expected("',' or ')'", next);
    }
  }

  bool parse_value(LabelSelector::Requirement& requirement) {
    const Token value = lexer_.take();
    if (!value.is_word) return expected("a label value", value);
    if (const std::string wrong = check_label_value(value.text); !wrong.empty())
      return fail("invalid label value: " + wrong, value);
    requirement.values.emplace_back(value.text);
    return true;
  }

  bool expected(std::string_view what, const Token& at) { return fail("expected " + std::string(what), at); }

  bool fail(std::string_view message, const Token& at) {
    const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    const std::string_view before = text_.substr(0, at.offset);
    const auto position = std::count_if(before.begin(), before.end(), is_start) + 1;
    error_ = "at position " + std::to_string(position) + ": " + std::string(message);
    return false;
  }

  std::string_view text_;
  Lexer lexer_;
  std::string error_;
};

}  // namespace

Result<LabelSelector> LabelSelector::parse(std::string_view text) { return Parser(text).parse(); }

}  // namespace quartermaster
