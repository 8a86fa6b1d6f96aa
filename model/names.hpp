// The name rules of Kubernetes: k8s.io/apimachinery/pkg/util/validation. Each check answers what is wrong, or "".
#pragma once

#include <string>
#include <string_view>

namespace quartermaster {

/// DNS-1123 label, at most 63 characters: namespaces, containers, volumes.
std::string check_dns1123_label(std::string_view name);
/// DNS-1123 subdomain, at most 253 characters: the names of most objects.
std::string check_dns1123_subdomain(std::string_view name);
/// [prefix/]name: label keys.
std::string check_qualified_name(std::string_view key);
/// The same, but the prefix may have upper case letters.
std::string check_annotation_key(std::string_view key);
/// At most 63 characters, may be empty.
std::string check_label_value(std::string_view value);
/// At most 253 of [-._a-zA-Z0-9], not "." or "..", not starting with "..": keys of a secret's data.
std::string check_config_map_key(std::string_view key);

}  // namespace quartermaster
