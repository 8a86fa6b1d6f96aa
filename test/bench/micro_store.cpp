// What the cache of a kind costs: taking a list, taking one change, giving out a list.
#include <benchmark/benchmark.h>

#include "kubeapi/store.hpp"
#include "model/json.hpp"
#include "model/label_selector.hpp"
#include "test/bench/objects.hpp"

namespace quartermaster::bench {

namespace {

constexpr std::size_t kObjects = 500 * kNamespaces;

std::vector<json::Document> parsed_pods(std::size_t generation, std::size_t count = kObjects) {
  std::vector<json::Document> documents;
  for (std::size_t i = 0; i < count; ++i) documents.push_back(*json::parse(pod_object(i, generation).text));
  return documents;
}

void take_list(kubeapi::Store& store, const std::vector<json::Document>& documents) {
  store.begin_list();
  for (const auto& document : documents) store.list_item(document.root());
  store.end_list("1000");
}

void list(benchmark::State& state) {
  const auto documents = parsed_pods(0);
  kubeapi::Store store(model::Kind::pod);
  for (auto _ : state) take_list(store, documents);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(documents.size()));
  state.counters["bytes_per_pod"] = static_cast<double>(store.stats().bytes) / kObjects;
}
BENCHMARK(list)->Name("store: take a list of 10,000 pods")->Unit(benchmark::kMillisecond);

void update(benchmark::State& state) {
  kubeapi::Store store(model::Kind::pod);
  take_list(store, parsed_pods(0));
  const std::vector<json::Document> generations[] = {parsed_pods(1, 1000), parsed_pods(2, 1000)};
  std::size_t i = 0;
  for (auto _ : state) {
    store.put(generations[i / 1000 % 2][i % 1000].root(), "1001");
    ++i;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(update)->Name("store: one pod changes");

void select_some(benchmark::State& state) {
  kubeapi::Store store(model::Kind::pod);
  take_list(store, parsed_pods(0));
  const auto selector = LabelSelector::parse("tier in (primary),app!=orders-api-1");
  for (auto _ : state) {
    std::size_t found = 0;
    store.shard("bench-0")->for_each("", [&](const model::RecordView& record) {
      found += selector->matches(RenderedLabels(record.labels)) ? 1 : 0;
      return true;
    });
    benchmark::DoNotOptimize(found);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(store.shard("bench-0")->size()));
}
BENCHMARK(select_some)->Name("store: 500 pods by label selector");

}  // namespace

}  // namespace quartermaster::bench
