// Reads the sources: what may include what, and what every file must have.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

const fs::path kRoot = QUARTERMASTER_SOURCE_DIR;

/// Which folders the files of a folder may include.
const std::map<std::string, std::set<std::string>, std::less<>> kArrows = {
    {"model", {"model"}},
    {"kubeapi", {"kubeapi", "model"}},
    {"server", {"server", "kubeapi", "model"}},
    {"test", {"test", "server", "kubeapi", "model"}},
    {"cmake", {}},
};

/// The model is pure: no network, no event loop.
constexpr std::string_view kNotInModel[] = {"boost/asio", "boost/beast", "openssl/", "sys/socket.h", "netinet/"};

std::string first_folder(std::string_view path) { return std::string(path.substr(0, path.find('/'))); }

std::vector<std::string> includes_of(const std::string& text) {
  std::vector<std::string> includes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::erase_if(line, [](char c) { return c == ' ' || c == '\t'; });
    if (!line.starts_with("#include")) continue;
    const auto end = line.find_first_of("\">", 9);
    if (line.size() > 9 && end != std::string::npos) includes.push_back(line.substr(9, end - 9));
  }
  return includes;
}

/// "" if a file of `folder` may include it.
std::string objection(const std::string& folder, const std::string& include) {
  const auto target = first_folder(include);
  if (kArrows.contains(target)) {
    return kArrows.at(folder).contains(target) ? "" : folder + " must not include " + include;
  }
  if (target == "rapidjson" && folder != "model") return "RapidJSON is for model only: " + include;
  if (include.find('/') == std::string::npos && include.ends_with(".hpp")) {
    return "not spelled from the top of the tree: " + include;
  }
  if (include.starts_with("..")) return "not spelled from the top of the tree: " + include;
  const bool impure =
      std::ranges::any_of(kNotInModel, [&](std::string_view prefix) { return include.starts_with(prefix); });
  return folder == "model" && impure ? "model is pure, and must not include " + include : "";
}

/// A source that opens with the header of its name leaves it to that.
bool says_what_it_is_for(const std::string& path, const std::string& text) {
  const auto header = "#include \"" + path.substr(0, path.rfind('.')) + ".hpp\"\n";
  return text.starts_with("//") || (path.ends_with(".cpp") && text.starts_with(header));
}

/// What is wrong with a source file; `path` is relative to the top of the tree.
std::vector<std::string> objections(const std::string& path, const std::string& text) {
  std::vector<std::string> found;
  if (!says_what_it_is_for(path, text)) found.push_back("does not open with a comment that says what it is for");
  for (const auto& include : includes_of(text)) {
    if (auto why = objection(first_folder(path), include); !why.empty()) found.push_back(std::move(why));
  }
  return found;
}

/// Sources and others alike: what lies beside a checkout is not ours to know, but for CI.
bool mentions_neighbour(const std::string& path, const std::string& text) {
  return path != ".ci/run" && text.find(
                                  "../"
                                  "shared"sv) != std::string::npos;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// All files of the tree but what is made here, relative to its top.
std::vector<std::string> files() {
  const std::set<std::string> skipped = {".git", "build", ".cache"};
  std::vector<std::string> found;
  for (auto i = fs::recursive_directory_iterator(kRoot); i != fs::recursive_directory_iterator(); ++i) {
    if (i.depth() == 0 && skipped.contains(i->path().filename().string())) {
      i.disable_recursion_pending();
    } else if (i->is_regular_file()) {
      found.push_back(i->path().lexically_relative(kRoot).string());
    }
  }
  return found;
}

}  // namespace

TEST_CASE("server includes kubeapi and model, kubeapi includes model, and no other way") {
  std::map<std::string, int> sources;
  for (const auto& path : files()) {
    INFO(path);
    const auto text = read(kRoot / path);
    CHECK_FALSE(mentions_neighbour(path, text));
    if (!path.ends_with(".cpp") && !path.ends_with(".hpp")) continue;
    const auto folder = first_folder(path);
    REQUIRE(kArrows.contains(folder));
    CHECK(objections(path, text) == std::vector<std::string>{});
    ++sources[folder];
  }
  for (const auto& [folder, arrows] : kArrows) {
    INFO(folder);
    CHECK(sources[folder] > 0);
  }
}

TEST_CASE("what the architecture forbids is found") {
  struct Row {
    std::string path, text;
    std::vector<std::string> objections;
  };
  const Row row = GENERATE(values<Row>({
      {"model/a.cpp", "// A.\n#include \"model/a.hpp\"\n#include <rapidjson/reader.h>\n#include <vector>\n", {}},
      {"server/api/a.cpp", "// A.\n#include <boost/asio.hpp>\n#include \"kubeapi/api.hpp\"\n", {}},
      {"test/unit/a.cpp", "// A.\n#include \"server/app.hpp\"\n", {}},
      {"test/unit/a.cpp", "#include \"test/unit/a.hpp\"\n", {}},
      {"model/a.cpp", "// A.\n#include \"kubeapi/api.hpp\"\n", {"model must not include kubeapi/api.hpp"}},
      {"kubeapi/a.cpp", "// A.\n#include <server/app.hpp>\n", {"kubeapi must not include server/app.hpp"}},
      {"server/a.cpp",
       "// A.\n# include  \"test/support/wait.hpp\"\n",
       {"server must not include test/support/wait.hpp"}},
      {"kubeapi/a.cpp", "// A.\n#include <rapidjson/reader.h>\n", {"RapidJSON is for model only: rapidjson/reader.h"}},
      {"test/a.cpp", "// A.\n#include <rapidjson/reader.h>\n", {"RapidJSON is for model only: rapidjson/reader.h"}},
      {"model/a.cpp", "// A.\n#include <boost/asio.hpp>\n", {"model is pure, and must not include boost/asio.hpp"}},
      {"server/a.cpp", "// A.\n#include \"app.hpp\"\n", {"not spelled from the top of the tree: app.hpp"}},
      {"model/a.cpp",
       "// A.\n#include \"../server/app.hpp\"\n",
       {"not spelled from the top of the tree: ../server/app.hpp"}},
      {"model/a.hpp", "#pragma once\n", {"does not open with a comment that says what it is for"}},
      {"model/a.cpp", "#include \"model/b.hpp\"\n", {"does not open with a comment that says what it is for"}},
      {"model/a.hpp", "#include \"model/a.hpp\"\n", {"does not open with a comment that says what it is for"}},
      {"model/a.hpp", "", {"does not open with a comment that says what it is for"}},
  }));
  INFO(row.path << ":\n" << row.text);
  CHECK(objections(row.path, row.text) == row.objections);
}

TEST_CASE("only CI may know what lies beside the checkout") {
  const auto mention = std::string("see ..") + "/shared/docs";
  CHECK(mentions_neighbour("README.md", mention));
  CHECK(mentions_neighbour("model/a.cpp", "// " + mention));
  CHECK_FALSE(mentions_neighbour(".ci/run", mention));
  CHECK_FALSE(mentions_neighbour("README.md", "shared/docs"));
}
