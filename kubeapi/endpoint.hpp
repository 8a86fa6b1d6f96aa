// Hosts, ports and how they are written in URLs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kubeapi/cluster_config.hpp"

namespace quartermaster::kubeapi {

/// 1 to 65535 in decimal digits.
std::optional<std::uint16_t> parse_port(std::string_view text);
/// A DNS name (underscores allowed) or an IP address without brackets.
bool is_host(std::string_view text);
/// "name:443", "[::1]:443"; without the port if it is the scheme's own. As in a URL and in the Host header.
std::string authority(const ClusterConfig& config);
/// "https://10.96.0.1/prefix"
std::string url(const ClusterConfig& config);

}  // namespace quartermaster::kubeapi
