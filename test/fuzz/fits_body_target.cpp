// The body of a question whether a workload fits, and what is answered to it.
#include "server/api/fits_body.hpp"

#include "model/fit.hpp"
#include "test/fuzz/object.hpp"

namespace json = quartermaster::json;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;

FUZZ_TARGET(fits_body) {
  const auto document = json::parse(input, json::kRequestBody);
  if (!document) return;
  const auto demand = quartermaster::api::parse_fits_body(document->root());
  if (!demand) return check(!demand.error().message.empty(), "an error says something");
  model::ResourceQuota quota;
  quota.hard = {{"pods", "5"}, {"limits.cpu", "1"}, {"requests.memory", "1Gi"}, {"requests.storage", "9Gi"}};
  const auto ranges = model::default_limits("0.1", "128Mi");
  const auto fit = model::fit_of(*demand, {{.meta = {}, .limits = ranges.limits}}, {quota});
  check(fit.fits == (fit.max_replicas >= demand->replicas), "as many fit as are said to");
  quartermaster::fuzz::written([&](json::Writer& writer) {
    writer.begin_object();
    write_members(writer, fit);
    writer.end_object();
  });
}
