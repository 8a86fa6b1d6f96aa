// Pods.
#include "model/pod.hpp"

#include "model/claim_usage.hpp"
#include "test/fuzz/object.hpp"

namespace json = quartermaster::json;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;
using quartermaster::fuzz::written;

FUZZ_TARGET(pod) {
  const auto document = json::parse(input);
  if (!document) return;
  const auto pod = model::pod_from(document->root());
  const auto now = quartermaster::parse_timestamp("2026-01-01T00:00:00Z").value();
  const auto dto = written([&](json::Writer& writer) { write(writer, pod, now); });

  const auto record = model::pod_record(document->root());
  const auto view = quartermaster::fuzz::view_of(record);
  const auto fill = [&](std::string& out, std::size_t) { model::append_age(out, view.facts, now); };
  check(quartermaster::fuzz::filled(view, fill) == dto, "the record is the object");
  quartermaster::fuzz::check_labels(view, pod.meta.labels);
  model::claims_of(view.facts);

  check(!state_of(pod).status.empty(), "it has a state");
  for (const auto& name : container_names(pod)) check(find_container(pod, name) != nullptr, "containers are found");
  if (!default_container(pod).empty()) check(find_container(pod, default_container(pod)) != nullptr, "the default one");
  model::ClaimUsage usage;
  usage.add(pod);
  for (const auto& mount : pod.claims)
    check(usage.users(mount.claim).empty() == is_finished(pod), "claims are used until the pod has finished");
  mirror_hash(pod);
}
