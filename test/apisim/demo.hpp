// Objects that make every route interesting: tenants, pods in all states with logs and events, claims, secrets,
// classes.
#pragma once

#include <string_view>

#include "test/apisim/api_server.hpp"

namespace quartermaster::apisim {

void load_demo(ApiServer& server);

/// Puts a JSON object or an array of them. A string "@90m" stands for the time 90 minutes ago (s, m, h, d).
void put_demo(ApiServer& server, std::string_view text);

void load_demo_cluster(ApiServer& server);
void load_demo_tenants(ApiServer& server);
void load_demo_pods(ApiServer& server);
void load_demo_claims(ApiServer& server);
void load_demo_secrets(ApiServer& server);

}  // namespace quartermaster::apisim
