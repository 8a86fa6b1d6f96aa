// Plain POSIX reads: a stream would not say why it failed.
#include "kubeapi/read_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace quartermaster::kubeapi {
namespace {

struct FileDescriptor {
  int number;
  ~FileDescriptor() {
    if (number >= 0) ::close(number);
  }
};

Error failure(std::string why) { return {ErrorCode::internal, std::move(why)}; }
Error system_failure() { return failure(std::generic_category().message(errno)); }

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  // Not blocking: opening a FIFO would wait for its writer, and with it the whole loop.
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) return system_failure();
  struct stat about {};
  if (::fstat(file.number, &about) != 0) return system_failure();
  if (!S_ISREG(about.st_mode)) return failure("not a regular file");
  std::string text;
  char piece[8192];
  for (;;) {
    const auto n = ::read(file.number, piece, sizeof piece);
    if (n == 0) return text;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure();
    text.append(piece, static_cast<std::size_t>(n));
    if (text.size() > max_bytes) return failure("larger than " + std::to_string(max_bytes) + " bytes");
  }
}

std::string_view trim(std::string_view text) {
  constexpr const char* kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace quartermaster::kubeapi
