// Tenants: a namespace, behind it the items of a list of resource quotas, as `[namespace, quota, ...]`; and limit
// ranges.
#include "model/tenant.hpp"

#include "model/fit.hpp"
#include "test/fuzz/object.hpp"

namespace json = quartermaster::json;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;
using quartermaster::fuzz::written;

namespace {

std::string from_records(json::Value root, const std::vector<json::Value>& quotas) {
  const auto record = model::namespace_record(root);
  std::vector<model::Record> records;
  for (const auto quota : quotas) records.push_back(model::resource_quota_record(quota));
  const auto fill = [&](std::string& out, std::size_t hole) {
    for (const auto& quota : records) model::append_quota(out, quartermaster::fuzz::view_of(quota), hole);
  };
  return quartermaster::fuzz::filled(quartermaster::fuzz::view_of(record), fill);
}

}  // namespace

FUZZ_TARGET(tenant) {
  const auto document = json::parse(input);
  if (!document) return;
  json::Value root = document->root();
  std::vector<json::Value> raw_quotas;
  std::vector<model::ResourceQuota> quotas;
  std::string last;
  bool sorted = true;
  if (root.is_array()) {
    std::size_t index = 0;
    for (const json::Value item : document->root().items()) {
      if (index++ == 0) {
        root = item;
        continue;
      }
      raw_quotas.push_back(item);
      quotas.push_back(model::resource_quota_from(item));
      sorted = sorted && last < quotas.back().meta.name;
      last = quotas.back().meta.name;
    }
  }
  const auto ns = model::namespace_from(root);
  const auto dto = written([&](json::Writer& writer) { write_tenant(writer, ns, quotas); });
  if (sorted) check(from_records(root, raw_quotas) == dto, "the records are the objects");
  quartermaster::fuzz::check_labels(quartermaster::fuzz::view_of(model::namespace_record(root)), ns.meta.labels);
  for (const auto& quota : quotas) written([&](json::Writer& writer) { write_patch(writer, quota, quota.hard); });
  written([&](json::Writer& writer) { write_patch(writer, ns, {}); });
  model::Demand demand;
  demand.containers.push_back({});
  const auto fit = model::fit_of(demand, {model::limit_range_from(root)}, quotas);
  written([&](json::Writer& writer) {
    writer.begin_object();
    write_members(writer, fit);
    writer.end_object();
  });
}
