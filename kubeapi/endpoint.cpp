#include "kubeapi/endpoint.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace quartermaster::kubeapi {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool is_host(std::string_view text) {
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(std::string(text), not_an_address);
  if (!not_an_address) return true;
  const auto of_a_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' &&
         text.find("..") == std::string_view::npos && std::all_of(text.begin(), text.end(), of_a_name);
}

std::string authority(const ClusterConfig& config) {
  const bool v6 = config.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + config.host + "]" : config.host;
  return config.port == (config.tls ? 443 : 80) ? host : host + ":" + std::to_string(config.port);
}

std::string url(const ClusterConfig& config) {
  return (config.tls ? "https://" : "http://") + authority(config) + config.base_path;
}

}  // namespace quartermaster::kubeapi
