#include "test/bench/load.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "test/support/wait.hpp"

namespace quartermaster::bench {

namespace {

/// The number behind `name` in what wrk prints; 0 if it is not there.
double number_after(const std::string& text, const std::string& name) {
  const auto at = text.find(name);
  return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size()));
}

/// Debian's defaults, but for: no access log, no end of connections that are kept, headers as the service has, and one
/// process, so that none is left behind.
constexpr const char* kConfiguration = R"(daemon off;
master_process off;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  access_log off;
  keepalive_requests 1000000000;
  types {}
  default_type application/json;
  add_header X-Request-Id $request_id;
  add_header X-Resource-Version 123456;
)";

}  // namespace

Load run_wrk(const std::string& url, int seconds, const std::vector<std::string>& headers) {
  std::vector<std::string> command = {"wrk", "-t1", "-c16", "-d" + std::to_string(seconds) + "s"};
  for (const std::string& header : headers) command.insert(command.end(), {"-H", header});
  command.push_back(url);
  test::Subprocess wrk(on_core(kLoadCore, command));
  const auto code = wrk.wait(std::chrono::seconds(seconds + 30));
  wrk.wait_for_line([](std::string_view line) { return line.starts_with("Transfer/sec"); }, std::chrono::seconds(5));
  const std::string output = wrk.output();
  if (code != 0 || output.find("Non-2xx") != std::string::npos || output.find("Socket errors") != std::string::npos) {
    throw std::runtime_error("wrk " + url + ": " + output);
  }
  const auto total = output.find(" requests in ");
  const double requests = std::stod(output.substr(output.rfind('\n', total) + 1));
  return {.per_second = number_after(output, "Requests/sec:"), .requests = requests};
}

Nginx::Nginx(const std::map<std::string, std::string>& files) : port_(free_port()) {
  std::filesystem::create_directory(directory_.path("files"));
  for (const auto& [name, content] : files) directory_.write("files/" + name, content);
  std::string configuration = "pid " + directory_.path("pid") + ";\nerror_log " + directory_.path("log") + ";\n";
  configuration += kConfiguration;
  for (const char* module : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    configuration += std::string("  ") + module + "_temp_path " + directory_.path(module) + ";\n";
  }
  configuration +=
      "  server { listen 127.0.0.1:" + std::to_string(port_) + "; root " + directory_.path("files") + "; }\n}\n";
  process_ = std::make_unique<test::Subprocess>(
      on_core(kServerCore, {"nginx", "-c", directory_.write("nginx.conf", configuration)}),
      test::Subprocess::Options{.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}});
  const bool up = test::poll_until([this] {
    try {
      const test::Connection connection({.port = port_});
      return true;
    } catch (const std::exception&) {
      return !process_->running();
    }
  });
  if (!up || !process_->running()) throw std::runtime_error("nginx does not start: " + process_->output());
}

std::string Nginx::url(const std::string& name) const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/" + name;
}

}  // namespace quartermaster::bench
