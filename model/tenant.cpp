// Writes tenants.
#include "model/tenant.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/quantity.hpp"

namespace quartermaster::model {
namespace {

std::string canonical(std::string_view text) {
  const auto quantity = Quantity::parse(text);
  return quantity ? quantity->to_string() : std::string(text);
}

void write_quantities(json::Writer& writer, std::string_view name, const StringMap& quantities) {
  writer.key(name).begin_object();
  for (const QuotaField& field : kQuotaFields) writer.field(field.field, canonical(quantity_of(quantities, field)));
  writer.end_object();
}

// As an integer, where it is one: clients may read some of these into integers, and 100000 must not turn into 1e+05.
void write_number(json::Writer& writer, double value) {
  constexpr double kExactBelow = 9007199254740992.0;  // 2^53
  if (std::abs(value) < kExactBelow && std::trunc(value) == value) {
    writer.integer(static_cast<std::int64_t>(value));
  } else {
    writer.number(value);
  }
}

void write_unified(json::Writer& writer, std::string_view name, const StringMap& quantities) {
  writer.key(name).begin_object();
  for (const QuotaField& field : kQuotaFields) {
    const auto quantity = Quantity::parse(quantity_of(quantities, field));
    writer.key(field.field);
    write_number(writer, quantity ? quantity->to_double(field.unit) : 0);
  }
  writer.end_object();
}

using WriteQuantities = void (*)(json::Writer&, std::string_view, const StringMap&);

void write_quota(json::Writer& writer, const ResourceQuota& quota, WriteQuantities write_one) {
  writer.begin_object();
  writer.field("quotaName", quota.meta.name);
  write_one(writer, "hard", quota.hard);
  write_one(writer, "used", quota.used);
  writer.end_object();
}

// With a record: a hole in place of the items.
void write_quotas(json::Writer& writer, std::string_view name, const std::vector<const ResourceQuota*>& quotas,
                  WriteQuantities write_one, Record* record) {
  writer.key(name).begin_array();
  for (const ResourceQuota* quota : quotas) write_quota(writer, *quota, write_one);
  if (record != nullptr) leave_hole(writer, *record);
  writer.end_array();
}

void write_conditions(json::Writer& writer, const std::vector<Condition>& conditions) {
  writer.key("conditions").begin_array();
  for (const Condition& condition : conditions) {
    writer.begin_object();
    writer.field("type", condition.type).field("status", condition.status);
    writer.field("reason", condition.reason).field("message", condition.message);
    writer.end_object();
  }
  writer.end_array();
}

void write_tenant(json::Writer& writer, const Namespace& ns, std::span<const ResourceQuota> quotas, Record* record) {
  std::vector<const ResourceQuota*> sorted;
  for (const ResourceQuota& quota : quotas) sorted.push_back(&quota);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->meta.name < b->meta.name; });

  writer.begin_object();
  writer.field("tenantName", ns.meta.name).field("tenantCreationTime", format_timestamp(ns.meta.created));
  write_labels(writer, "tenantLabels", ns.meta.labels, record);
  write_field(writer, "tenantAnnotations", ns.meta.annotations);
  writer.field("tenantStatus", ns.phase);
  write_quotas(writer, "tenantQuotas", sorted, write_quantities, record);
  writer.field("multiTenant", is_tenant(ns)).field("ready", ns.phase == "Active");
  write_quotas(writer, "unifyUnitTenantQuotas", sorted, write_unified, record);
  write_conditions(writer, holding_conditions(ns));
  if (ns.phase == "Terminating") {
    writer.key("deletion");
    write(writer, deletion_progress(ns));
  }
  write_field(writer, "state", state_of(ns));
  writer.end_object();
}

}  // namespace

std::string tenant_label_value(std::string_view tenant) { return "tenant-tiller-" + std::string(tenant); }

bool is_tenant(const Namespace& ns) { return ns.meta.labels.contains(kTenantLabel); }

bool is_reserved_namespace(std::string_view name, std::string_view own_namespace) {
  return name.starts_with("kube-") || name == "default" || name == own_namespace;
}

void write_tenant(json::Writer& writer, const Namespace& ns, std::span<const ResourceQuota> quotas) {
  write_tenant(writer, ns, quotas, nullptr);
}

Record namespace_record(json::Value raw) {
  const Namespace ns = namespace_from(raw);
  Record record = record_of(ns.meta);
  json::Writer writer(record.dto);
  write_tenant(writer, ns, {}, &record);
  return record;
}

Record resource_quota_record(json::Value raw) {
  const ResourceQuota quota = resource_quota_from(raw);
  Record record = record_of(quota.meta);
  std::string unified;
  json::Writer writer(record.dto), unified_writer(unified);
  write_quota(writer, quota, write_quantities);
  write_quota(unified_writer, quota, write_unified);
  record.holes = {static_cast<std::uint32_t>(record.dto.size())};
  record.dto += unified;
  return record;
}

void append_quota(std::string& out, const RecordView& quota, std::size_t hole) {
  if (quota.holes.empty()) return;
  if (!out.ends_with('[')) out += ',';
  out.append(hole == 0 ? quota.dto.substr(0, quota.holes[0]) : quota.dto.substr(quota.holes[0]));
}

}  // namespace quartermaster::model
