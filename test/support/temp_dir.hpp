// A folder of a test's own, with its files; gone at the end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace quartermaster::test {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "quartermaster-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string path(std::string_view name) const { return (path_ / name).string(); }

  /// Writes a file, readable by us alone, in one step: a reader sees the old content or the new one. Its path.
  std::string write(std::string_view name, std::string_view content) const {
    std::string target = path(name);
    {
      std::ofstream file(target + ".new", std::ios::binary | std::ios::trunc);
      file << content;
      if (!file.flush()) throw std::runtime_error("cannot write " + target);
    }
    std::filesystem::permissions(target + ".new",
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::rename(target + ".new", target);
    return target;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace quartermaster::test
