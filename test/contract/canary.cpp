#include "test/contract/canary.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "model/base64.hpp"

namespace quartermaster::test {

namespace {

/// What base64 makes of the canary, whatever stands around it, behind 0, 1 and 2 other bytes.
const std::vector<std::string>& spellings() {
  static const auto all = [] {
    std::vector<std::string> found{std::string(kCanary)};
    for (const std::size_t before : {0U, 1U, 2U}) {
      const auto text = encode_base64(std::string(before, 'x') + std::string(kCanary));
      const std::size_t first = (before * 8 + 5) / 6, last = (before + kCanary.size()) * 8 / 6;
      found.push_back(text.substr(first, last - first));
    }
    return found;
  }();
  return all;
}

/// For a person: what stands around it.
std::string around(std::string_view text, std::size_t at) {
  const auto begin = at < 40 ? 0 : at - 40;
  std::string shown(text.substr(begin, 120));
  for (char& c : shown)
    if (c < ' ' || c > '~') c = '.';
  return shown;
}

void search(std::string_view text, const std::vector<std::string>& wanted, const std::string& place,
            std::vector<std::string>& found) {
  for (const auto& spelling : wanted)
    for (auto at = text.find(spelling); at != text.npos; at = text.find(spelling, at + 1))
      found.push_back(place + "+" + std::to_string(at) + ": " + around(text, at));
}

}  // namespace

std::string canary_in(std::string_view text) {
  for (const auto& spelling : spellings())
    if (text.find(spelling) != text.npos) return spelling;
  return {};
}

std::vector<std::string> canaries_in_memory(pid_t process, const std::vector<std::string>& others) {
  auto wanted = spellings();
  wanted.insert(wanted.end(), others.begin(), others.end());
  const auto folder = "/proc/" + std::to_string(process);
  const int memory = ::open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0) throw std::runtime_error("the memory of the service cannot be read");
  std::vector<std::string> found;
  std::ifstream maps(folder + "/maps");
  std::size_t bytes = 0;
  for (std::string line; std::getline(maps, line);) {
    std::uint64_t begin = 0, end = 0;
    char dash = 0;
    std::string rights;
    std::istringstream(line) >> std::hex >> begin >> dash >> end >> rights;
    if (!rights.starts_with("rw")) continue;
    std::string text(end - begin, '\0');
    const auto n = ::pread(memory, text.data(), text.size(), static_cast<off_t>(begin));
    if (n <= 0) continue;
    bytes += static_cast<std::size_t>(n);
    search(std::string_view(text).substr(0, static_cast<std::size_t>(n)), wanted,
           line.substr(0, 12) + line.substr(std::min<std::size_t>(line.size(), 48)), found);
  }
  ::close(memory);
  if (bytes < 100'000) throw std::runtime_error("the memory of the service was not read");
  return found;
}

}  // namespace quartermaster::test
