// The name rules. A Kubernetes 1.20 API server accepts and refuses the same names.
#include "model/names.hpp"

#include <catch2/catch.hpp>

namespace quartermaster {
namespace {

using Check = std::string (*)(std::string_view);

constexpr const char* kEmpty = "must not be empty";
constexpr const char* kLong63 = "must be at most 63 characters";
constexpr const char* kLong253 = "must be at most 253 characters";
constexpr const char* kLabel =
    "must consist of lower case letters, digits and '-', and start and end with a letter or digit";
constexpr const char* kSubdomain =
    "must consist of lower case letters, digits, '-' and '.', and each part between dots must start and end with a "
    "letter or digit";
constexpr const char* kLabelText =
    "must consist of letters, digits, '-', '_' and '.', and start and end with a letter or digit";
constexpr const char* kConfigMapKey = "must consist of letters, digits, '-', '_' and '.'";
constexpr const char* kSlashes = "must be a name with at most one prefix, as in example.com/name";

std::string prefix(const std::string& wrong) { return "its prefix " + wrong; }
std::string name(const std::string& wrong) { return "its name " + wrong; }
std::string a(std::size_t count) { return std::string(count, 'a'); }

TEST_CASE("Names are checked") {
  const auto label = check_dns1123_label, subdomain = check_dns1123_subdomain, qualified = check_qualified_name,
             annotation = check_annotation_key, value = check_label_value, config_map_key = check_config_map_key;
  const auto [check, text, wrong] = GENERATE_COPY(table<Check, std::string, std::string>({
      {label, "a", ""},
      {label, "0", ""},
      {label, "0-0", ""},
      {label, "a--b", ""},
      {label, a(63), ""},
      {label, "", kEmpty},
      {label, a(64), kLong63},
      {label, "-a", kLabel},
      {label, "a-", kLabel},
      {label, "-", kLabel},
      {label, "a.b", kLabel},
      {label, "A", kLabel},
      {label, "a_b", kLabel},
      {label, "a b", kLabel},
      {label, "a/b", kLabel},
      {label, "a\n", kLabel},
      {label, "\u00e4", kLabel},
      {label, std::string("a\0b", 3), kLabel},
      {label, "`", kLabel},
      {label, "{", kLabel},
      {label, ":", kLabel},

      {subdomain, "a", ""},
      {subdomain, "0.0", ""},
      {subdomain, "a-b.c-d.e", ""},
      {subdomain, a(253), ""},
      {subdomain, "", kEmpty},
      {subdomain, a(254), kLong253},
      {subdomain, ".", kSubdomain},
      {subdomain, ".a", kSubdomain},
      {subdomain, "a.", kSubdomain},
      {subdomain, "a..b", kSubdomain},
      {subdomain, "a.-b", kSubdomain},
      {subdomain, "a-.b", kSubdomain},
      {subdomain, "-a", kSubdomain},
      {subdomain, "A", kSubdomain},
      {subdomain, "a_b", kSubdomain},
      {subdomain, "a/b", kSubdomain},
      {subdomain, "..", kSubdomain},
      {subdomain, "a\n", kSubdomain},
      {subdomain, "\u00e4", kSubdomain},

      {qualified, "a", ""},
      {qualified, "A", ""},
      {qualified, "0", ""},
      {qualified, "a.b_c-D", ""},
      {qualified, a(63), ""},
      {qualified, "a/b", ""},
      {qualified, "a.b/C_d", ""},
      {qualified, a(253) + "/" + a(63), ""},
      {qualified, "", kEmpty},
      {qualified, a(64), kLong63},
      {qualified, "-a", kLabelText},
      {qualified, "a-", kLabelText},
      {qualified, ".a", kLabelText},
      {qualified, "a.", kLabelText},
      {qualified, "_a", kLabelText},
      {qualified, "a b", kLabelText},
      {qualified, "\u00e4", kLabelText},
      {qualified, "/b", prefix(kEmpty)},
      {qualified, "/", prefix(kEmpty)},
      {qualified, "A/b", prefix(kSubdomain)},
      {qualified, "a..b/c", prefix(kSubdomain)},
      {qualified, "-a/b", prefix(kSubdomain)},
      {qualified, "a_b/c", prefix(kSubdomain)},
      {qualified, a(254) + "/k", prefix(kLong253)},
      {qualified, "a/", name(kEmpty)},
      {qualified, "a/" + a(64), name(kLong63)},
      {qualified, "a/-b", name(kLabelText)},
      {qualified, "a/b/c", kSlashes},
      {qualified, "a//", kSlashes},

      {annotation, "a", ""},
      {annotation, "A.b/C", ""},
      {annotation, "", kEmpty},
      {annotation, "a_b/c", prefix(kSubdomain)},

      {value, "", ""},
      {value, "a", ""},
      {value, "0", ""},
      {value, "A.b_c-D", ""},
      {value, a(63), ""},
      {value, a(64), kLong63},
      {value, "-a", kLabelText},
      {value, "a-", kLabelText},
      {value, ".", kLabelText},
      {value, "_", kLabelText},
      {value, "a b", kLabelText},
      {value, "a/b", kLabelText},
      {value, "a\n", kLabelText},
      {value, "\u00e4", kLabelText},

      {config_map_key, "a", ""},
      {config_map_key, "A.b_c-D", ""},
      {config_map_key, ".a", ""},
      {config_map_key, "a..", ""},
      {config_map_key, "-", ""},
      {config_map_key, "_", ""},
      {config_map_key, a(253), ""},
      {config_map_key, "", kEmpty},
      {config_map_key, a(254), kLong253},
      {config_map_key, ".", "must not be \".\""},
      {config_map_key, "..", "must not start with \"..\""},
      {config_map_key, "...", "must not start with \"..\""},
      {config_map_key, "..a", "must not start with \"..\""},
      {config_map_key, "a b", kConfigMapKey},
      {config_map_key, "a/b", kConfigMapKey},
      {config_map_key, "a:b", kConfigMapKey},
      {config_map_key, "a\n", kConfigMapKey},
      {config_map_key, "\u00e4", kConfigMapKey},
  }));
  CAPTURE(text);
  CHECK(check(text) == wrong);
}

}  // namespace
}  // namespace quartermaster
