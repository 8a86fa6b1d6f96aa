#include "test/apisim/demo.hpp"

#include <boost/json/parse.hpp>
#include <cstdlib>

#include "test/apisim/cluster.hpp"
#include "test/apisim/json.hpp"

namespace quartermaster::apisim {
namespace {

std::string time_of(const std::string& ago) {
  const std::chrono::seconds count(std::atoi(ago.c_str() + 1));
  const int unit = ago.back() == 'd' ? 86400 : ago.back() == 'h' ? 3600 : ago.back() == 'm' ? 60 : 1;
  return time_text(std::chrono::system_clock::now() - count * unit);
}

void fill_times(json::value& value) {
  if (value.is_string() && value.get_string().starts_with('@'))
    value = json::string(time_of(std::string(value.get_string())));
  if (auto* list = value.if_array()) {
    for (auto& item : *list) fill_times(item);
  }
  if (auto* object = value.if_object()) {
    for (auto& member : *object) {
      auto& inner = member.value();
      fill_times(inner);
      const bool micro = member.key() == "eventTime" || member.key() == "lastObservedTime";
      if (micro && inner.is_string()) inner.get_string().insert(19, ".000000");
    }
  }
}

}  // namespace

void put_demo(ApiServer& server, std::string_view text) {
  auto value = json::parse(text);
  fill_times(value);
  if (value.is_object()) {
    server.put(std::move(value.get_object()));
    return;
  }
  for (auto& item : value.get_array()) server.put(std::move(item.get_object()));
}

void load_demo(ApiServer& server) {
  load_demo_cluster(server);
  load_demo_tenants(server);
  load_demo_secrets(server);
  load_demo_claims(server);
  load_demo_pods(server);
}

}  // namespace quartermaster::apisim
