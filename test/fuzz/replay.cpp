// Replays the corpora without a fuzzer: each file of CORPUS/<target>/ goes to that target, and each target must have a
// corpus. Without arguments after the folder all targets are tried.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "test/fuzz/fuzz.hpp"

namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// How many there were.
std::size_t replay(const fs::path& corpus, quartermaster::fuzz::Target target) {
  std::vector<fs::path> files;
  if (fs::is_directory(corpus)) std::ranges::copy(fs::directory_iterator(corpus), std::back_inserter(files));
  std::ranges::sort(files);
  for (const auto& file : files) {
    std::cout << file.string() << std::endl;  // the last line tells which input it was that crashed
    // In memory of just its size, so that the address sanitizer sees what is read past its end.
    const auto text = contents(file);
    const std::vector<char> input(text.begin(), text.end());
    target({input.data(), input.size()});
  }
  return files.size();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_corpus CORPUS\n";
    return 2;
  }
  std::size_t count = 0;
  for (const auto& [name, target] : quartermaster::fuzz::targets()) {
    const auto found = replay(fs::path(argv[1]) / name, target);
    if (found == 0) {
      std::cerr << "no corpus for " << name << '\n';
      return 1;
    }
    count += found;
  }
  std::cout << count << " inputs, " << quartermaster::fuzz::targets().size() << " targets\n";
}
