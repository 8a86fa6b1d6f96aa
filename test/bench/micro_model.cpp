// What one object costs: parsing its JSON, and translating it into its answer. Bytes per second are those of the JSON.
#include <benchmark/benchmark.h>

#include "model/event.hpp"
#include "model/json.hpp"
#include "model/label_selector.hpp"
#include "model/pod.hpp"
#include "model/pvc.hpp"
#include "model/quantity.hpp"
#include "model/secret.hpp"
#include "model/storage_class.hpp"
#include "model/tenant.hpp"
#include "test/bench/objects.hpp"

namespace quartermaster::bench {

namespace {

using model::write;

constexpr std::size_t kSomeObject = 4711;

/// Parses and translates, over and over: `translate(writer, raw)`.
template <class Translate>
void translate_object(benchmark::State& state, const StoredObject& object, Translate translate) {
  std::string dto;
  for (auto _ : state) {
    dto.clear();
    const auto document = json::parse(object.text);
    json::Writer writer(dto);
    translate(writer, document->root());
    benchmark::DoNotOptimize(dto.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(object.text.size()));
  state.counters["dto_bytes"] = static_cast<double>(dto.size());
}

void parse_only(benchmark::State& state) {
  const StoredObject pod = pod_object(kSomeObject);
  for (auto _ : state) {
    auto document = json::parse(pod.text);
    benchmark::DoNotOptimize(document);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(pod.text.size()));
}
BENCHMARK(parse_only)->Name("pod: JSON only");

void pod(benchmark::State& state) {
  translate_object(state, pod_object(kSomeObject), [](json::Writer& writer, json::Value raw) {
    write(writer, model::pod_from(raw), parse_timestamp("2024-03-09T07:08:09Z").value_or(Timestamp{}));
  });
}
BENCHMARK(pod);

void pvc(benchmark::State& state) {
  translate_object(state, claim_object(kSomeObject),
                   [](json::Writer& writer, json::Value raw) { write(writer, model::pvc_from(raw)); });
}
BENCHMARK(pvc);

void storage_class(benchmark::State& state) {
  translate_object(state, storage_class_object(1),
                   [](json::Writer& writer, json::Value raw) { write(writer, model::storage_class_from(raw), true); });
}
BENCHMARK(storage_class)->Name("storage class");

void secret(benchmark::State& state) {
  translate_object(state, secret_object(kSomeObject),
                   [](json::Writer& writer, json::Value raw) { write(writer, model::secret_from(raw)); });
}
BENCHMARK(secret);

void event(benchmark::State& state) {
  translate_object(state, event_object(kSomeObject),
                   [](json::Writer& writer, json::Value raw) { write(writer, model::event_from(raw)); });
}
BENCHMARK(event);

void tenant(benchmark::State& state) {
  const StoredObject quota_text = quota_object(1);
  translate_object(state, namespace_object(1), [&](json::Writer& writer, json::Value raw) {
    const auto quota = json::parse(quota_text.text);
    const model::ResourceQuota quotas[] = {model::resource_quota_from(quota->root())};
    write_tenant(writer, model::namespace_from(raw), quotas);
  });
}
BENCHMARK(tenant)->Name("tenant with a quota");

constexpr const char* kSelector = "app=orders-api-78,tier in (primary,replica),release notin (shop-1,shop-2),!canary";

void parse_selector(benchmark::State& state) {
  for (auto _ : state) {
    auto selector = LabelSelector::parse(kSelector);
    benchmark::DoNotOptimize(selector);
  }
}
BENCHMARK(parse_selector)->Name("label selector: parse");

void match_selector(benchmark::State& state) {
  const auto selector = LabelSelector::parse(kSelector);
  const auto document = json::parse(pod_object(kSomeObject).text);
  const auto meta = model::object_meta_from(document->root());
  for (auto _ : state) benchmark::DoNotOptimize(selector->matches(meta.labels));
}
BENCHMARK(match_selector)->Name("label selector: match");

void quantity(benchmark::State& state) {
  for (auto _ : state) {
    const auto quantity = Quantity::parse("51712Mi");
    benchmark::DoNotOptimize(quantity->to_double(1 << 20));
  }
}
BENCHMARK(quantity)->Name("quantity: parse, as a number");

}  // namespace

}  // namespace quartermaster::bench
