// The body of a tenant's create and update.
#include "server/api/tenant_body.hpp"

#include <algorithm>

#include "model/names.hpp"
#include "model/quantity.hpp"
#include "model/tenant.hpp"
#include "server/api/body_reader.hpp"
#include "server/api/checks.hpp"
#include "server/api/tenant_extras.hpp"

namespace quartermaster::api {
namespace {

constexpr std::size_t kMaxQuotas = 100;  // each is at least one request to the API server

/// What is wrong with a quota's quantity, or "".
std::string quantity_problem(const model::QuotaField& field, const std::string& text) {
  const auto quantity = Quantity::parse(text);
  if (!quantity) return quantity.error().message;
  if (quantity->is_negative()) return "must not be negative";
  if (field.field == "pods" && !quantity->is_whole()) return "must be a whole number";
  return "";
}

/// The label says which namespaces are tenants, so it is not the caller's to set or remove.
void check_tenant_label(const model::MapPatch& labels, std::string_view tenant, Causes& causes) {
  const auto it = labels.find(model::kTenantLabel);
  if (it == labels.end() || it->second == model::tenant_label_value(tenant)) return;
  causes.push_back({place("tenantLabels", it->first), "FieldValueForbidden", "this label is kept by the service"});
}

model::ResourceQuotaSpec parse_quota(ObjectReader& reader, FirstError& error, Causes& causes) {
  model::ResourceQuotaSpec quota;
  quota.name = reader.string("quotaName").value_or("");
  auto hard = reader.object("hard");
  // As in an answer that is sent back.
  if (auto used = reader.object("used")) {
    for (const auto& field : model::kQuotaFields) used->string(field.field);
    used->finish();
  }
  reader.finish();
  if (const auto what = check_dns1123_subdomain(quota.name); !what.empty() && !error) {
    error =
        Error{ErrorCode::bad_request, reader.place("quotaName") + ": " + (quota.name.empty() ? "must be given" : what)};
  }
  if (!hard) return quota;
  for (const auto& field : model::kQuotaFields) {
    const auto text = hard->string(field.field);
    if (!text || text->empty()) continue;
    if (auto what = quantity_problem(field, *text); !what.empty()) {
      causes.push_back({hard->place(field.field), "FieldValueInvalid", std::move(what)});
    }
    quota.hard.emplace(field.resource, *text);
  }
  hard->finish();
  return quota;
}

}  // namespace

Result<TenantBody> parse_tenant_body(json::Value body, std::string_view tenant, bool remove) {
  TenantBody out;
  if (!body.exists()) return out;
  FirstError error;
  Causes causes;
  ObjectReader reader(body, "", error);
  out.labels = reader.map_patch("tenantLabels").value_or(model::MapPatch());
  out.annotations = reader.map_patch("tenantAnnotations").value_or(model::MapPatch());
  auto quotas = reader.objects("tenantQuotas");
  out.limits = parse_tenant_limits(reader, error, causes);
  out.isolation = parse_tenant_isolation(reader, error, causes);
  out.members = parse_tenant_members(reader, error, causes);
  reader.finish();
  if (!remove) {
    refuse_null("tenantLabels", out.labels, error);
    refuse_null("tenantAnnotations", out.annotations, error);
  }
  check_labels("tenantLabels", out.labels, causes);
  check_tenant_label(out.labels, tenant, causes);
  check_annotations("tenantAnnotations", out.annotations, causes);
  if (quotas.size() > kMaxQuotas) {
    return invalid({{"tenantQuotas", "FieldValueTooMany", "must be at most " + std::to_string(kMaxQuotas)}});
  }
  for (auto& item : quotas) {
    auto quota = parse_quota(item, error, causes);
    if (std::ranges::find(out.quotas, quota.name, &model::ResourceQuotaSpec::name) != out.quotas.end()) {
      causes.push_back(
          {item.place("quotaName"), "FieldValueDuplicate", "another quota of this body has the same name"});
    }
    out.quotas.push_back(std::move(quota));
  }
  if (error) return std::move(*error);
  if (!causes.empty()) return invalid(std::move(causes));
  return out;
}

}  // namespace quartermaster::api
