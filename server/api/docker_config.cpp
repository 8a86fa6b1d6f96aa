// Checks what Docker writes to ~/.docker/config.json.
#include "server/api/docker_config.hpp"

#include <array>

#include "model/base64.hpp"
#include "model/json.hpp"

namespace quartermaster::api {
namespace {

/// Whether it is base64, padded or not, of "user:password".
bool is_auth(std::string_view text) {
  std::string padded(text);
  if (!text.ends_with('=')) padded.append((4 - text.size() % 4) % 4, '=');
  const auto decoded = decode_base64(padded);
  return decoded && decoded->find(':') != std::string::npos;
}

/// What is wrong with the credentials for a registry, or "".
std::string entry_problem(json::Value entry) {
  constexpr std::array<std::string_view, 6> kTexts{"auth",  "username",      "password",
                                                   "email", "identitytoken", "registrytoken"};
  if (!entry.is_object()) return "must be an object";
  for (const auto field : kTexts) {
    const auto value = entry[field];
    if (value.exists() && !value.is_string() && value.type() != json::Type::null) {
      return "has a field " + std::string(field) + " that is no string";
    }
  }
  const auto auth = entry["auth"].string();
  if (!auth.empty() && !is_auth(auth)) return "has a field auth that is not base64 of user:password";
  return "";
}

}  // namespace

std::string docker_config_problem(std::string_view text, DockerConfigForm form) {
  const auto document = json::parse(text);
  if (!document) {
    const auto& message = document.error().message;
    // Other messages have keys in them, and those are part of the value.
    return message.starts_with("byte ") ? "is not JSON: " + message : "is not acceptable JSON";
  }
  auto entries = document->root();
  if (!entries.is_object()) return "must be a JSON object";
  if (form == DockerConfigForm::config_json) {
    entries = entries["auths"];
    if (!entries.is_object()) return "must be a JSON object with an object auths";
  }
  std::size_t count = 0;
  for (const auto& [registry, entry] : entries.members()) {
    ++count;
    if (const auto what = entry_problem(entry); !what.empty()) {
      return "entry " + std::to_string(count) + (form == DockerConfigForm::config_json ? " of auths " : " ") + what;
    }
  }
  return "";
}

}  // namespace quartermaster::api
