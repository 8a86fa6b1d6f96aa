// Flags and environment, by Boost.Program_options.
#include "server/config.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <iostream>

#include "model/names.hpp"
#include "model/quantity.hpp"
#include "server/api/query.hpp"

namespace quartermaster {
namespace {

namespace po = boost::program_options;
using kubeapi::ConfigError;

/// Flags that are limits of the HTTP layer.
struct NumberFlag {
  const char* name;
  std::size_t http::Limits::*limit;
  const char* help;
};
constexpr NumberFlag kNumberFlags[] = {
    {"max-connections", &http::Limits::connections, "of callers"},
    {"max-connections-per-peer", &http::Limits::connections_per_peer, "of callers at one address"},
    {"max-requests-per-connection", &http::Limits::requests_per_connection, "then it is closed"},
    {"max-requests-in-flight", &http::Limits::requests_in_flight,
     "in all; a caller has at most as many as are left free"},
    {"max-streams", &http::Limits::streams, "logs that are sent at once, shared likewise"},
    {"max-streams-per-caller", &http::Limits::streams_per_caller, "likewise, of one caller"},
    {"max-watchers", &http::Limits::watchers, "who listen to changes of lists at once, shared likewise"},
    {"max-watchers-per-caller", &http::Limits::watchers_per_caller, "likewise, of one caller"},
    {"max-header-bytes", &http::Limits::head_bytes, "of a request line and its header fields"},
    {"max-headers", &http::Limits::header_count, "header fields of a request"},
    {"max-target-bytes", &http::Limits::target_bytes, "of a request's path and query"},
    {"max-body-bytes", &http::Limits::body_bytes, "of a request's body"},
    {"max-body-bytes-in-flight", &http::Limits::bodies_bytes, "of all requests, shared likewise"},
    {"max-answer-bytes-in-flight", &http::Limits::answers_bytes, "of all large answers, shared likewise"},
};

struct TimeFlag {
  const char* name;
  Clock::duration http::Limits::*limit;
  const char* help;
};
constexpr TimeFlag kTimeFlags[] = {
    {"tls-handshake-timeout", &http::Limits::tls_handshake, "for a TLS handshake"},
    {"header-timeout", &http::Limits::head, "for a request's header, from its first byte"},
    {"body-timeout", &http::Limits::body, "for a request's body"},
    {"write-timeout", &http::Limits::write, "for the caller to take a piece of an answer, 256 KiB at most"},
    {"idle-timeout", &http::Limits::idle, "between requests"},
};

std::string in_seconds(Clock::duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + "s";
}

void describe_limits(po::options_description& flags) {
  const http::Limits limits;
  for (const auto& [name, limit, help] : kNumberFlags) {
    flags.add_options()(name, po::value<std::string>()->default_value(std::to_string(limits.*limit)), help);
  }
  for (const auto& [name, limit, help] : kTimeFlags) {
    flags.add_options()(name, po::value<std::string>()->default_value(in_seconds(limits.*limit)), help);
  }
}

po::options_description describe_flags() {
  po::options_description flags("quartermaster: pods, claims, secrets, storage classes and tenants over REST", 110, 60);
  const api::Settings settings;
  const kubeapi::ClientOptions client;
  // All are texts here: what they must be is checked below, with messages that Boost does not have.
  auto text = [](const std::string& value) { return po::value<std::string>()->default_value(value); };
  auto number = [&text](std::size_t value) { return text(std::to_string(value)); };
  flags.add_options()                                                                                               //
      ("listen", text("127.0.0.1:8080"), "address and port; \":8080\" is all addresses, port 0 any free one")       //
      ("tls-cert", text(""), "file with the certificate to serve TLS with, and its chain; plain HTTP without it")   //
      ("tls-key", text(""), "file with its key")                                                                    //
      ("tls-client-ca", text(""), "file with the CA whose client certificates callers need; probes need none")      //
      ("kubeconfig", text(""), "kubeconfig file; without it, the pod's service account is used")                    //
      ("context", text(""), "context of the kubeconfig; its current-context by default")                            //
      ("service-account-dir", text(kubeapi::kServiceAccountDir), "where token, ca.crt and namespace are")           //
      ("auth-mode", text("delegated"), "none, or delegated: the API server's TokenReview and SubjectAccessReview")  //
      ("auth-audiences", text(""),
       "callers' tokens must be for one of these, as in a,b; empty: for the API server")  //
      ("auth-stale-max", text("0s"),
       "while the API server cannot be reached, let an earlier yes that is not older serve cached reads")  //
      ("audit-log", text("-"), "where audit lines go: a file, - for standard output, or off")              //
      ("insecure-allow-anonymous", text("false")->implicit_value("true"),
       "allow --auth-mode none on addresses that others can reach")      //
      ("log-level", text("info"), "debug, info, warning, error or off")  //
      ("measure-turns", text("false")->implicit_value("true"),
       "measure the CPU time of each turn of the event loop, for debugging")                            //
      ("shutdown-delay", text("0s"), "after SIGTERM, go on for so long with readiness red")             //
      ("drain-timeout", text("25s"), "then let requests under way finish for so long")                  //
      ("no-cache", text("false")->implicit_value("true"), "read from the API server each time")         //
      ("namespaces", text(""), "cache only these, as in a,b; the others are read from the API server")  //
      ("cache-self-check", text("0s"),
       "compare the caches with the API server this often, for debugging; 0s: never")                                //
      ("max-upstream-connections", number(client.max_connections), "to the API server, beside those of the caches")  //
      ("own-namespace", text(""), "never a tenant; by default the service account's, or the context's")              //
      ("tenant-limit-range", text(settings.tenant_limit_range ? "true" : "false"),
       "give each new tenant a LimitRange")                                                      //
      ("tenant-limit-cpu", text(settings.tenant_limit_cpu), "its default limit of a container")  //
      ("tenant-limit-memory", text(settings.tenant_limit_memory), "likewise");
  describe_limits(flags);
  flags.add_options()("version", po::bool_switch(), "print the version")("help", po::bool_switch(), "print this");
  return flags;
}

/// QUARTERMASTER_LOG_LEVEL is --log-level. Others are not ours: a Service named quartermaster gives each pod of its
/// namespace QUARTERMASTER_SERVICE_HOST, QUARTERMASTER_PORT and the like.
std::string flag_of_variable(const po::options_description& flags, const std::string& variable) {
  constexpr std::string_view kPrefix = "QUARTERMASTER_";
  if (!variable.starts_with(kPrefix)) return "";
  auto name = variable.substr(kPrefix.size());
  std::ranges::transform(name, name.begin(), [](char c) {
    return c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return name != "help" && name != "version" && flags.find_nothrow(name, false) != nullptr ? name : "";
}

ConfigError bad(const std::string& flag, const std::string& value, const std::string& why) {
  return ConfigError("--" + flag + " " + value + ": " + why);
}

Clock::duration duration_of(const po::variables_map& values, const std::string& flag) {
  const auto& text = values[flag].as<std::string>();
  const auto duration = api::parse_duration(text);
  if (!duration) throw bad(flag, text, "must be a duration such as 5s or 1m30s");
  return *duration;
}

AuthMode auth_mode_of(const std::string& text) {
  if (text == "none") return AuthMode::none;
  if (text == "delegated") return AuthMode::delegated;
  throw bad("auth-mode", text, "must be none or delegated");
}

observe::Level level_of(const std::string& text) {
  if (text == "debug") return observe::Level::debug;
  if (text == "info") return observe::Level::info;
  if (text == "warning") return observe::Level::warning;
  if (text == "error") return observe::Level::error;
  if (text == "off") return observe::Level::off;
  throw bad("log-level", text, "must be debug, info, warning, error or off");
}

std::size_t positive_of(const po::variables_map& values, const std::string& flag) {
  const auto& text = values[flag].as<std::string>();
  std::uint32_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size() || number == 0) {
    throw bad(flag, text, "must be a whole number, 1 or more");
  }
  return number;
}

http::Limits limits_of(const po::variables_map& values) {
  http::Limits limits;
  for (const auto& [name, limit, help] : kNumberFlags) limits.*limit = positive_of(values, name);
  if (limits.body_bytes > limits.bodies_bytes / 2) {
    throw ConfigError("--max-body-bytes: must be at most half of --max-body-bytes-in-flight, a caller's share");
  }
  for (const auto& [name, limit, help] : kTimeFlags) {
    limits.*limit = duration_of(values, name);
    if (limits.*limit <= Clock::duration::zero()) throw bad(name, "0s", "must be more than nothing");
  }
  return limits;
}

bool boolean_of(const po::variables_map& values, const std::string& flag) {
  const auto& text = values[flag].as<std::string>();
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  throw bad(flag, text, "must be true or false");
}

/// Or "".
std::string namespace_of(const po::variables_map& values, const std::string& flag) {
  const auto& text = values[flag].as<std::string>();
  if (const auto what = check_dns1123_label(text); !text.empty() && !what.empty()) throw bad(flag, text, what);
  return text;
}

/// "a,b" -> a and b; "" -> none. What is between two commas may be empty.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::vector<std::string> namespaces_of(const po::variables_map& values, const std::string& flag) {
  const auto& text = values[flag].as<std::string>();
  auto names = split(text);
  for (const auto& name : names) {
    if (const auto what = check_dns1123_label(name); !what.empty()) throw bad(flag, text, "\"" + name + "\": " + what);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string quantity_of(const po::variables_map& values, const std::string& flag) {
  const auto& text = values[flag].as<std::string>();
  const auto quantity = Quantity::parse(text);
  if (!quantity) throw bad(flag, text, quantity.error().message);
  if (quantity->is_negative()) throw bad(flag, text, "must not be negative");
  return text;
}

/// An audience may be any text, as a URL.
std::vector<std::string> audiences_of(const po::variables_map& values, const std::string& flag) {
  const auto& text = values[flag].as<std::string>();
  auto all = split(text);
  const auto is_odd = [](char c) { return c <= ' ' || c >= 0x7f; };
  for (const auto& audience : all) {
    if (audience.empty() || std::ranges::any_of(audience, is_odd)) {
      throw bad(flag, text, "must be audiences with commas between them, as in a,b");
    }
  }
  return all;
}

http::TlsFiles tls_of(const po::variables_map& values) {
  const auto text = [&values](const char* flag) { return values[flag].as<std::string>(); };
  http::TlsFiles files{text("tls-cert"), text("tls-key"), text("tls-client-ca")};
  if (files.certificate.empty() != files.key.empty())
    throw ConfigError("--tls-cert and --tls-key: one needs the other");
  if (!files.client_ca.empty() && files.certificate.empty()) throw ConfigError("--tls-client-ca needs --tls-cert");
  return files;
}

void check_listen(const Config& config) {
  Tcp::endpoint endpoint;
  try {
    endpoint = http::parse_listen_address(config.listen);
  } catch (const std::runtime_error& e) {
    throw ConfigError(std::string("--listen: ") + e.what());
  }
  if (config.auth_mode == AuthMode::none && !endpoint.address().is_loopback() && !config.allow_anonymous) {
    throw ConfigError("--auth-mode none on " + config.listen +
                      " would let anyone in who can reach it: listen on 127.0.0.1, or give --insecure-allow-anonymous");
  }
}

}  // namespace

std::optional<Config> parse_config(int argc, const char* const* argv) {
  const auto flags = describe_flags();
  po::variables_map values;
  try {
    constexpr auto kStyle = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(argc, argv).options(flags).positional({}).style(kStyle).run(), values);
    po::store(po::parse_environment(flags, [&](const std::string& name) { return flag_of_variable(flags, name); }),
              values);
    po::notify(values);
  } catch (const po::error& e) {
    throw ConfigError(std::string(e.what()) + "; --help lists the flags");
  }
  if (values["help"].as<bool>()) {
    std::cout << flags << "\nEach flag can be given in the environment, too: --log-level as QUARTERMASTER_LOG_LEVEL.\n";
    return std::nullopt;
  }
  if (values["version"].as<bool>()) {
    std::cout << "quartermaster " QUARTERMASTER_VERSION "\n";
    return std::nullopt;
  }
  const auto text = [&values](const char* flag) { return values[flag].as<std::string>(); };
  Config config;
  config.listen = text("listen");
  config.kubeconfig = text("kubeconfig");
  config.context = text("context");
  config.service_account_dir = text("service-account-dir");
  config.auth_mode = auth_mode_of(text("auth-mode"));
  config.auth_audiences = audiences_of(values, "auth-audiences");
  config.auth_stale_max = duration_of(values, "auth-stale-max");
  config.audit_log = text("audit-log");
  if (config.audit_log.empty()) throw ConfigError("--audit-log: must be a file, - or off");
  config.allow_anonymous = boolean_of(values, "insecure-allow-anonymous");
  config.log_level = level_of(text("log-level"));
  config.measure_turns = boolean_of(values, "measure-turns");
  config.shutdown_delay = duration_of(values, "shutdown-delay");
  config.drain_timeout = duration_of(values, "drain-timeout");
  config.cache = !boolean_of(values, "no-cache");
  config.cache_self_check = duration_of(values, "cache-self-check");
  config.namespaces = namespaces_of(values, "namespaces");
  config.limits = limits_of(values);
  config.tls = tls_of(values);
  config.settings.client_certificates = !config.tls.client_ca.empty();
  config.client.max_connections = positive_of(values, "max-upstream-connections");
  config.client.user_agent = "quartermaster/" QUARTERMASTER_VERSION;
  config.settings.own_namespace = namespace_of(values, "own-namespace");
  config.settings.tenant_limit_range = boolean_of(values, "tenant-limit-range");
  config.settings.tenant_limit_cpu = quantity_of(values, "tenant-limit-cpu");
  config.settings.tenant_limit_memory = quantity_of(values, "tenant-limit-memory");
  check_listen(config);
  return config;
}

}  // namespace quartermaster
