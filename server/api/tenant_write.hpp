// What the writes of tenants share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/tenant.hpp"
#include "server/api/route.hpp"
#include "server/api/tenant_body.hpp"

namespace quartermaster::api {

template <class T>
std::string manifest_of(const T& spec) {
  std::string text;
  json::Writer writer(text);
  model::write_manifest(writer, spec);
  return text;
}

/// Why a namespace can never be a tenant: not_tenant.
Error reserved_namespace(const std::string& name);

/// "creating resource quota q: <why>; <consequence>"
Error failed_step(const std::string& step, Error error, const std::string& consequence);

/// The namespace, if it may be changed as a tenant.
Task<Result<model::Namespace>> find_tenant(Context& context, const std::string& name);

/// The newest of what a tenant is made of.
std::string version_of(const model::Namespace& ns, const std::vector<model::ResourceQuota>& quotas);

/// `version` is what the write has made; "": none is told.
http::Reply tenant_reply(unsigned status, const model::Namespace& ns, const std::vector<model::ResourceQuota>& quotas,
                         std::string_view version);

}  // namespace quartermaster::api
