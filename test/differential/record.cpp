// Asks a real API server for its opinion: what it makes of texts that we parse ourselves. Each table (*.tsv) has a row
// for a text: the text, the answer ("refused", or what the API server makes of it) and, where we differ on purpose,
// why; texts and answers as JSON strings. A new text is a line with nothing but the text; this program asks about all
// of them anew. test/unit/model/differential_test.cpp holds our parsers against the tables.
//
//   KUBEBUILDER_ASSETS=... build/release/test/differential_record test/differential
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>

#include "test/contract/cluster.hpp"

namespace quartermaster::test {
namespace {

constexpr const char* kConfigMaps = "/api/v1/namespaces/default/configmaps";

/// What a dry run of a create answers: the object, or nothing if it was refused. Throws if it failed otherwise.
std::optional<json::value> dry_run(const Cluster& cluster, const std::string& collection, const json::value& object) {
  const auto answer = cluster.raw("POST", collection + "?dryRun=All", print(object));
  if (answer.status == 400 || answer.status == 422) return std::nullopt;
  if (answer.status != 201) throw std::runtime_error(collection + ": " + answer.body);
  return answer.json();
}

const std::string kRefused = "refused";

/// Where there is no default that would round it; such fields are not negative.
json::value volume_of_size(const std::string& quantity) {
  return {{"metadata", {{"name", "x"}}},
          {"spec",
           {{"containers", json::array{{{"name", "c"}, {"image", "i"}}}},
            {"volumes", json::array{{{"name", "v"}, {"emptyDir", {{"sizeLimit", quantity}}}}}}}}};
}

json::value limit(const std::string& quantity) {
  return {{"metadata", {{"name", "x"}}},
          {"spec", {{"limits", json::array{{{"type", "Container"}, {"max", {{"memory", quantity}}}}}}}}};
}

std::string quantity(const Cluster& cluster, const std::string& text) {
  if (text.starts_with('-')) {
    const auto made = dry_run(cluster, "/api/v1/namespaces/default/limitranges", limit(text));
    return made ? text_at(*made, "/spec/limits/0/max/memory") : kRefused;
  }
  const auto made = dry_run(cluster, "/api/v1/namespaces/default/pods", volume_of_size(text));
  return made ? text_at(*made, "/spec/volumes/0/emptyDir/sizeLimit") : kRefused;
}

std::string timestamp(const Cluster& cluster, const std::string& text) {
  const json::value event = {{"metadata", {{"name", "x"}, {"namespace", "default"}}},
                             {"involvedObject", {{"namespace", "default"}}},
                             {"firstTimestamp", text}};
  const auto made = dry_run(cluster, "/api/v1/namespaces/default/events", event);
  if (!made) return kRefused;
  const auto& time = at(*made, "/firstTimestamp");
  return time.is_string() ? std::string(time.as_string()) : "";
}

std::string accepted(const Cluster& cluster, const json::object& metadata, const json::object& data = {}) {
  const json::value object = {{"metadata", metadata}, {"data", data}};
  return dry_run(cluster, kConfigMaps, object) ? "accepted" : kRefused;
}

std::string subdomain(const Cluster& cluster, const std::string& text) { return accepted(cluster, {{"name", text}}); }

std::string label(const Cluster& cluster, const std::string& text) {
  const json::value object = {{"metadata", {{"name", text}}}};
  return dry_run(cluster, "/api/v1/namespaces", object) ? "accepted" : kRefused;
}

std::string label_key(const Cluster& cluster, const std::string& text) {
  return accepted(cluster, {{"name", "x"}, {"labels", {{text, ""}}}});
}

std::string label_value(const Cluster& cluster, const std::string& text) {
  return accepted(cluster, {{"name", "x"}, {"labels", {{"x", text}}}});
}

std::string annotation_key(const Cluster& cluster, const std::string& text) {
  return accepted(cluster, {{"name", "x"}, {"annotations", {{text, ""}}}});
}

std::string data_key(const Cluster& cluster, const std::string& text) {
  return accepted(cluster, {{"name", "x"}}, {{text, ""}});
}

std::string percent_encoded(const std::string& text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.append("%").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
  }
  return out;
}

/// Which of the objects in selected.json are selected: their names, in order.
std::string selector(const Cluster& cluster, const std::string& text) {
  const auto answer = cluster.raw("GET", kConfigMaps + ("?labelSelector=" + percent_encoded(text)));
  if (answer.status == 400) return kRefused;
  if (answer.status != 200) throw std::runtime_error(text + ": " + answer.body);
  std::string names;
  for (const auto& item : at(answer.json(), "/items").as_array()) {
    const auto name = text_at(item, "/metadata/name");
    if (name.starts_with("selected-")) names += (names.empty() ? "" : " ") + name.substr(9);
  }
  return names;
}

void make_selected(const Cluster& cluster, const std::string& folder) {
  std::ifstream file(folder + "/selected.json");
  const auto labels = parse_json(std::string(std::istreambuf_iterator<char>(file), {}));
  for (const auto& [name, map] : labels.as_object())
    cluster.create(kConfigMaps, {{"metadata", {{"name", "selected-" + std::string(name)}, {"labels", map}}}});
}

struct Table {
  const char* name;
  std::string (*ask)(const Cluster& cluster, const std::string& text);
};

constexpr Table kTables[] = {
    {"quantities", quantity},
    {"timestamps", timestamp},
    {"selectors", selector},
    {"subdomains", subdomain},
    {"labels", label},
    {"label_keys", label_key},
    {"label_values", label_value},
    {"annotation_keys", annotation_key},
    {"data_keys", data_key},
};

void record(const Cluster& cluster, const std::string& path, const Table& table) {
  std::ifstream in(path);
  std::string out;
  std::size_t rows = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) {
      out += line + "\n";
      continue;
    }
    const auto text_end = std::min(line.find('\t'), line.size());
    const auto answer_end = std::min(line.find('\t', text_end + 1), line.size());
    const auto text = line.substr(0, text_end);
    const auto answer = table.ask(cluster, std::string(parse_json(text).as_string()));
    out += text + "\t" + print(json::string(answer)) + line.substr(answer_end) + "\n";
    ++rows;
  }
  in.close();
  std::ofstream(path) << out;
  std::cout << table.name << ": " << rows << " rows" << std::endl;
}

}  // namespace
}  // namespace quartermaster::test

int main(int argc, char** argv) {
  const char* assets = std::getenv("KUBEBUILDER_ASSETS");
  if (argc != 2 || assets == nullptr) {
    std::cerr << "usage: KUBEBUILDER_ASSETS=... differential_record FOLDER\n";
    return 2;
  }
  using namespace quartermaster::test;
  try {
    const auto cluster = make_real_cluster(assets);
    make_selected(*cluster, argv[1]);
    for (const auto& table : kTables) record(*cluster, argv[1] + std::string("/") + table.name + ".tsv", table);
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
