#include "test/contract/service.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "test/contract/canary.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::test {

namespace {

std::optional<OpenApi> description;

/// The first null in `value`, as a JSON pointer.
std::optional<std::string> find_null(const json::value& value, const std::string& place) {
  std::optional<std::string> found;
  if (value.is_null()) return place.empty() ? "/" : place;
  if (value.is_object()) {
    for (const auto& [key, member] : value.as_object()) {
      if (!found) found = find_null(member, place + "/" + std::string(key));
    }
  }
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      if (!found) found = find_null(value.as_array()[i], place + "/" + std::to_string(i));
    }
  }
  return found;
}

void check_error(const HttpAnswer& answer) {
  CHECK(answer.header("Content-Type").starts_with("application/json"));
  const json::value body = answer.json();
  CHECK(at(body, "/errCode") == json::value(answer.status));
  CHECK_FALSE(text_at(body, "/errMessage").empty());
  CHECK_FALSE(text_at(body, "/reason").empty());
  CHECK(text_at(body, "/requestId") == answer.header("X-Request-Id"));
}

std::optional<std::string> listening_address(std::string_view line) {
  json::error_code error;
  const json::value record = json::parse(json::string_view(line.data(), line.size()), error);
  if (error || find(record, "/msg") == nullptr || text_at(record, "/msg") != "listening") return std::nullopt;
  return text_at(record, "/address");
}

}  // namespace

std::string service_program() {
  const char* const given = std::getenv("QUARTERMASTER_BINARY");
  if (given != nullptr) return given;
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "quartermaster";
}

std::vector<std::string> service_command(const std::string& kubeconfig, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {service_program(), "--listen", "127.0.0.1:0", "--kubeconfig", kubeconfig};
  if (std::find(arguments.begin(), arguments.end(), "--auth-mode") == arguments.end())
    command.insert(command.end(), {"--auth-mode", "none"});
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

OpenApi& api_description() { return description.value(); }

Service::Service(const std::string& kubeconfig, const std::vector<std::string>& arguments,
                 std::vector<std::string> environment) {
  process_ = std::make_unique<Subprocess>(service_command(directory_.write("kubeconfig", kubeconfig), arguments),
                                          Subprocess::Options{.environment = std::move(environment)});
  const auto line = process_->wait_for_line([](std::string_view l) { return listening_address(l).has_value(); },
                                            std::chrono::seconds(60));
  if (!line) throw std::runtime_error("the service does not listen: " + process_->output());
  endpoint_ = parse_endpoint(*listening_address(*line));
  if (!description) description.emplace(exchange(endpoint_, {.target = "/openapi.json"}).json());
}

Service::~Service() {
  process_->signal(SIGTERM);
  process_->wait(std::chrono::seconds(1));
}

HttpAnswer Service::call(const HttpRequest& request) {
  HttpAnswer answer = exchange(endpoint_, request);
  CHECK(answer.complete);
  check_answer(request, answer);
  return answer;
}

void Service::wait_until_ready() {
  if (!poll_until([this] { return exchange(endpoint_, {.target = "/readyz"}).status == 200; }))
    throw std::runtime_error("the service does not become ready: " + process_->output());
}

void Service::settle(const std::string& target) {
  const auto path = target.substr(0, target.find('?'));
  static const std::regex cached("/api/v1/(pod|pvc)/[^/]+(/name/[^/]+)?|/api/v1/(tenant|storageclass)(/[^/]+)?");
  if (!std::regex_match(path, cached) || target.find("resourceVersion") != std::string::npos) return;
  const auto shown = [&](const HeaderList& headers) {
    static const std::regex age(R"("age":"[^"]*")");
    const auto answer = exchange(endpoint_, {.target = path, .headers = headers});
    return std::to_string(answer.status) + (answer.status == 200 ? std::regex_replace(answer.body, age, "") : "");
  };
  CHECK(poll_until([&] { return shown({}) == shown({{"Cache-Control", "no-cache"}}); }, std::chrono::seconds(20)));
}

HttpAnswer Service::get(const std::string& target, const HeaderList& headers) {
  if (settle_) settle(target);
  return call({.target = target, .headers = headers});
}

HttpAnswer Service::post(const std::string& target, const std::string& body) {
  return call({"POST", target, {{"Content-Type", "application/json"}}, body});
}

HttpAnswer Service::put(const std::string& target, const std::string& body) {
  return call({"PUT", target, {{"Content-Type", "application/json"}}, body});
}

HttpAnswer Service::patch(const std::string& target, const std::string& body) {
  return call({"PATCH", target, {{"Content-Type", "application/merge-patch+json"}}, body});
}

HttpAnswer Service::del(const std::string& target) { return call({.method = "DELETE", .target = target}); }

HttpAnswer Service::del(const std::string& target, const std::string& body) {
  return call({"DELETE", target, {{"Content-Type", "application/json"}}, body});
}

AnswerReader Service::open(const HttpRequest& request, int receive_buffer) {
  AnswerReader reader = open_exchange(endpoint_, request, receive_buffer);
  check_answer(request, reader.head());
  return reader;
}

std::uint64_t Service::upstream_requests() {
  std::istringstream lines(get("/metrics").body);
  std::uint64_t total = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("quartermaster_upstream_requests_total") && line.find("/cache\"") == std::string::npos) {
      total += static_cast<std::uint64_t>(std::stod(line.substr(line.rfind(' '))));
    }
  }
  return total;
}

std::string outcome(const HttpAnswer& answer) {
  std::string result = std::to_string(answer.status);
  if (answer.status >= 400) result += " " + text_at(answer.json(), "/reason");
  return result;
}

std::vector<std::string> item_names(const HttpAnswer& answer) {
  std::vector<std::string> names;
  const json::value list = answer.json();
  for (const json::value& item : at(list, "/items").as_array()) names.push_back(text_at(item, "/name"));
  return names;
}

void check_answer(const HttpRequest& request, const HttpAnswer& answer) {
  INFO(request.method + " " + request.target + " -> " + std::to_string(answer.status) + " " +
       answer.body.substr(0, 2000));
  CHECK_FALSE(answer.header("X-Request-Id").empty());
  const bool has_body = answer.complete && request.method != "HEAD" && answer.status != 304;
  if (has_body && answer.status >= 400 && !request.target.starts_with("/readyz") &&
      !request.target.starts_with("/readiness")) {
    check_error(answer);
  }
  if (has_body && answer.status < 300 && answer.header("Content-Type").starts_with("application/json") &&
      !request.target.starts_with("/openapi.json")) {
    const auto null = find_null(answer.json(), "");
    INFO("null at " + null.value_or("no place"));
    CHECK_FALSE(null.has_value());
  }
  const bool of_secrets = answer.status < 300 && request.target.starts_with("/api/v1/secret/");
  if (!of_secrets) CHECK(canary_in(answer.body).empty());
  for (const auto& field : answer.headers) CHECK(canary_in({field.value().data(), field.value().size()}).empty());
  for (const std::string& message : api_description().check(request, answer)) FAIL_CHECK("openapi.json: " + message);
}

}  // namespace quartermaster::test
