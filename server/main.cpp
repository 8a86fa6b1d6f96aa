// quartermaster: see --help.
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <exception>

#include "server/app.hpp"
#include "server/observe/log.hpp"

namespace {

/// Larger bodies, as of lists that are filled in, go back to the system as soon as they are sent. Otherwise the heap
/// keeps as much as there ever were at once.
constexpr int kLargeBlock = 256 << 10;

/// No core, and nobody but root looks into the memory: there are secrets in it while they are under way.
void keep_memory_private() {
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__  // whose search for leaks traces the process
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory_private();
  std::signal(SIGPIPE, SIG_IGN);
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  try {
    const auto config = quartermaster::parse_config(argc, argv);
    if (!config) return EXIT_SUCCESS;
    quartermaster::App(*config).run();
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    quartermaster::observe::log(quartermaster::observe::Level::error, "cannot start", {{"why", e.what()}});
    return EXIT_FAILURE;
  }
}
