// Kubeconfig files.
#include <sys/mman.h>
#include <unistd.h>

#include "kubeapi/cluster_config.hpp"
#include "kubeapi/endpoint.hpp"
#include "test/fuzz/fuzz.hpp"

namespace kubeapi = quartermaster::kubeapi;
using quartermaster::fuzz::check;

namespace {

/// A file that is nowhere but in memory.
class File {
 public:
  explicit File(std::string_view text) : number_(::memfd_create("kubeconfig", MFD_CLOEXEC)) {
    check(number_ >= 0 && ::write(number_, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "a file");
  }
  ~File() { ::close(number_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(number_); }

 private:
  int number_;
};

}  // namespace

FUZZ_TARGET(kubeconfig) {
  const File file(input);
  try {
    const auto config = kubeapi::load_kubeconfig(file.path());
    check(kubeapi::is_host(config.host) && config.port != 0, "the server has an address");
    check(config.client_certificate.empty() == config.client_key.empty(), "certificate and key come together");
    check(!kubeapi::url(config).empty() && !config.base_path.ends_with('/'), "the server has a URL");
  } catch (const kubeapi::ConfigError& error) {
    check(std::string_view(error.what()).starts_with("kubeconfig "), "an error names the file");
  }
}
