// Our parsers against a real API server's answers, which test/differential/record.cpp has asked for. Where we differ on
// purpose, the table says why.
#include <catch2/catch.hpp>
#include <fstream>

#include "model/json.hpp"
#include "model/label_selector.hpp"
#include "model/names.hpp"
#include "model/quantity.hpp"
#include "model/timestamp.hpp"

namespace quartermaster {
namespace {

const std::string kFolder = QUARTERMASTER_SOURCE_DIR "/test/differential/";
const std::string kRefused = "refused";

std::string quantity(const std::string& text) {
  const auto quantity = Quantity::parse(text);
  return quantity ? quantity->to_string() : kRefused;
}

std::string timestamp(const std::string& text) {
  const auto time = parse_timestamp(text);
  return time ? format_timestamp(std::chrono::floor<std::chrono::seconds>(*time)) : kRefused;
}

std::string selected(const std::string& text) {
  std::ifstream file(kFolder + "selected.json");
  static const auto objects = json::parse(std::string(std::istreambuf_iterator<char>(file), {})).value();
  const auto selector = LabelSelector::parse(text);
  if (!selector) return kRefused;
  std::map<std::string_view, StringMap> sorted;
  for (const json::Member object : objects.root().members()) sorted.emplace(object.key, string_map(object.value));
  std::string names;
  for (const auto& [name, labels] : sorted)
    if (selector->matches(labels)) names.append(names.empty() ? "" : " ").append(name);
  return names;
}

template <std::string (*check)(std::string_view)>
std::string accepted(const std::string& text) {
  return check(text).empty() ? "accepted" : kRefused;
}

struct Table {
  const char* name;
  std::string (*ours)(const std::string& text);
};

const Table kTables[] = {
    {"quantities", quantity},
    {"timestamps", timestamp},
    {"selectors", selected},
    {"subdomains", accepted<check_dns1123_subdomain>},
    {"labels", accepted<check_dns1123_label>},
    {"label_keys", accepted<check_qualified_name>},
    {"label_values", accepted<check_label_value>},
    {"annotation_keys", accepted<check_annotation_key>},
    {"data_keys", accepted<check_config_map_key>},
};

std::string text_of(std::string_view json) { return std::string(json::parse(json).value().root().string()); }

}  // namespace

TEST_CASE("Texts are taken, refused and printed as a real API server does") {
  for (const auto& table : kTables) {
    std::ifstream file(kFolder + table.name + ".tsv");
    std::size_t rows = 0;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with('#')) continue;
      INFO(table.name << ": " << line);
      const auto first = line.find('\t'), second = line.find('\t', first + 1);
      const auto theirs = text_of(line.substr(first + 1, second - first - 1));
      const bool differs = second != std::string::npos;  // and a reason follows
      CHECK((table.ours(text_of(line.substr(0, first))) == theirs) == !differs);
      ++rows;
    }
    CHECK(rows > 50);
  }
}

}  // namespace quartermaster
