// The rules for names, labels and annotations, with the API server's words (k8s.io/apimachinery/pkg/util/validation).
// Apart from the program's own (model/names.hpp), so that a mistake there is found here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quartermaster::apisim {

// Each answers what is wrong; nothing if all is well.
std::vector<std::string> check_label_name(std::string_view name);      // DNS-1123 label
std::vector<std::string> check_subdomain_name(std::string_view name);  // DNS-1123 subdomain
std::vector<std::string> check_qualified(std::string_view key);        // keys of labels, annotations and resources
std::vector<std::string> check_value(std::string_view value);          // values of labels
std::vector<std::string> check_data_key(std::string_view key);         // keys of secrets and config maps

}  // namespace quartermaster::apisim
