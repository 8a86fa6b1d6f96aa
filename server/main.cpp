// quartermaster: see --help.
#include <csignal>
#include <cstdlib>
#include <exception>

#include "server/app.hpp"
#include "server/observe/log.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
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
