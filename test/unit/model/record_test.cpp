// Records: filled, they are the DTOs, byte for byte; and their labels and facts are found.
#include "model/record.hpp"

#include "model/kinds.hpp"
#include "model/label_selector.hpp"
#include "model/pod.hpp"
#include "model/pvc.hpp"
#include "model/stateful_set.hpp"
#include "model/storage_class.hpp"
#include "model/tenant.hpp"
#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

RecordView view(const Record& record) {
  return {.name = record.name,
          .dto = record.dto,
          .holes = record.holes,
          .labels = std::string_view(record.dto).substr(record.labels_begin, record.labels_size),
          .facts = record.facts};
}

template <class Fill>
std::string filled(const Record& record, Fill fill) {
  std::string out;
  append_filled(out, view(record), fill);
  return out;
}

constexpr auto kPod = R"({"metadata": {"name": "p", "namespace": "n", "creationTimestamp": "2019-06-30T01:00:00Z",
    "labels": {"b": "2", "a": "1"}, "annotations": {"x": "\"labels\":{\"a\":\"9\"}"}},
  "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "c"}}, {"name": "e", "ephemeral": {}}],
           "initContainers": [{"name": "i"}], "containers": [{"name": "k", "image": "z"}]},
  "status": {"phase": "Running", "message": "\"labels\":{}"}})";

TEST_CASE("A pod's record, filled with its age, is its DTO") {
  const auto raw = GENERATE(as<std::string>(), kPod, "{}", R"({"metadata": {"creationTimestamp": "soon"}})");
  const auto now = at("2019-07-05T04:17:59Z");
  const Record record = from_json(raw, pod_record);
  REQUIRE(record.holes.size() == 1);
  CHECK(filled(record, [&](std::string& out, std::size_t) { append_age(out, record.facts, now); }) ==
        written([&](json::Writer& w) { write(w, from_json(raw, pod_from), now); }));
}

TEST_CASE("A record has its object's name, labels and claims") {
  const Record record = from_json(kPod, pod_record);
  CHECK(record.ns == "n");
  CHECK(record.name == "p");
  CHECK(view(record).labels == R"({"a":"1","b":"2"})");
  CHECK(claims_of(record.facts) == std::vector<std::string_view>{"c", "p-e"});
}

TEST_CASE("A finished pod's record has no claims") {
  const auto phase = GENERATE(as<std::string>(), "Succeeded", "Failed");
  const Record record = from_json(R"({"metadata": {"name": "p"}, "status": {"phase": ")" + phase + R"("}, "spec":
      {"volumes": [{"persistentVolumeClaim": {"claimName": "c"}}]}})",
                                  pod_record);
  CHECK(claims_of(record.facts).empty());
}

TEST_CASE("A claim's record is its DTO") {
  const auto raw = R"({"metadata": {"name": "c", "namespace": "n", "labels": {"app": "é"}},
                       "status": {"phase": "Bound"}})";
  const Record record = from_json(raw, pvc_record);
  CHECK(record.holes.empty());
  CHECK(record.dto == written([&](json::Writer& w) { write(w, from_json(raw, pvc_from)); }));
  CHECK(view(record).labels == R"({"app":"é"})");
}

TEST_CASE("Storage classes' records, filled, are their DTOs, and the same one is the effective default") {
  const auto made = [](const std::string& name, const std::string& when, bool is_default) {
    return R"({"metadata": {"name": ")" + name + R"(", "creationTimestamp": ")" + when +
           R"(", "annotations": {"storageclass.kubernetes.io/is-default-class": ")" + (is_default ? "true" : "false") +
           R"("}}, "provisioner": "x"})";
  };
  const std::string old = "2019-01-01T00:00:00Z", recent = "2020-01-01T00:00:00Z";
  const auto raws =
      GENERATE_COPY(std::vector{made("a", old, true), made("b", recent, true), made("c", recent, false)},
                    std::vector{made("a", recent, true), made("b", recent, true)},
                    std::vector{made("b", recent, true), made("a", recent, true)},
                    std::vector{made("a", "", true), made("b", old, true)}, std::vector{made("a", old, false)});
  std::vector<StorageClass> classes;
  std::vector<Record> records;
  EffectiveDefault effective;
  for (const auto& raw : raws) {
    classes.push_back(from_json(raw, storage_class_from));
    records.push_back(from_json(raw, storage_class_record));
    effective.add(view(records.back()));
  }
  const auto* expected = effective_default(classes);
  CHECK(effective.name() == (expected == nullptr ? std::nullopt : std::optional(expected->meta.name)));
  for (std::size_t i = 0; i < raws.size(); ++i) {
    const bool is_it = effective.name() == classes[i].meta.name;
    CHECK(filled(records[i], [&](std::string& out, std::size_t) { out += is_it ? "true" : "false"; }) ==
          written([&](json::Writer& w) { write(w, classes[i], is_it); }));
  }
}

TEST_CASE("A namespace's record, filled with its quotas' records, is the tenant's DTO") {
  const auto ns = R"({"metadata": {"name": "acme", "labels": {"multi-tenant": "x"}}, "status": {"phase": "Active"}})";
  const std::vector<std::string> all = {
      R"({"metadata": {"name": "a"}, "spec": {"hard": {"pods": "20", "limits.cpu": "1500m"}}})",
      R"({"metadata": {"name": "z"}, "status": {"used": {"requests.memory": "1Gi"}}})"};
  for (std::size_t count = 0; count <= all.size(); ++count) {
    std::vector<ResourceQuota> quotas;
    std::vector<Record> records;
    for (std::size_t i = 0; i < count; ++i) {
      quotas.push_back(from_json(all[i], resource_quota_from));
      records.push_back(from_json(all[i], resource_quota_record));
    }
    const Record record = from_json(ns, namespace_record);
    REQUIRE(record.holes.size() == 2);
    CHECK(filled(record, [&](std::string& out, std::size_t hole) {
            for (const auto& quota : records) append_quota(out, view(quota), hole);
          }) == written([&](json::Writer& w) { write_tenant(w, from_json(ns, namespace_from), quotas); }));
    CHECK(view(record).labels == R"({"multi-tenant":"x"})");
  }
}

TEST_CASE("A stateful set's record has the names of its claim templates") {
  const Record record = from_json(R"({"metadata": {"name": "web", "namespace": "n"}, "spec": {"volumeClaimTemplates": [
      {"metadata": {"name": "data"}}, {"metadata": {"name": "logs"}}]}})",
                                  stateful_set_record);
  CHECK(record.name == "web");
  CHECK(claim_templates_of(record.facts) == std::vector<std::string_view>{"data", "logs"});
}

TEST_CASE("Every kind's record of anything is a record") {
  for (const auto& kind : kKinds) {
    if (kind.record == nullptr) continue;
    for (const auto* raw : {"null", "{}", "[]", R"({"metadata": 7, "spec": [], "status": "x"})"}) {
      const Record record = from_json(raw, kind.record);
      INFO(kind.name << " " << raw);
      CHECK(record.name.empty());
      CHECK(record.labels_begin + record.labels_size <= record.dto.size());
      for (const auto hole : record.holes) CHECK(hole <= record.dto.size());
    }
  }
}

TEST_CASE("Selectors match rendered labels as they match a map") {
  const StringMap labels = GENERATE(StringMap{}, StringMap{{"app", "web"}}, StringMap{{"app", ""}, {"n", "12"}},
                                    StringMap{{"a.b/c", "x_y-z.0"}, {"app", "db"}, {"zone", "app"}},
                                    StringMap{{"app", "quo\"te"}, {"back\\slash", "web"}}, StringMap{{"web", "app"}});
  const std::string rendered = written([&](json::Writer& w) { quartermaster::write(w, labels); });
  for (const auto* text : {"", "app", "!app", "app=web", "app!=web", "app in (web,db)", "app notin (web)",
                           "app=", "n>11", "n<12", "zone=app,app=db", "a.b/c=x_y-z.0", "web", "app,!zone"}) {
    const auto selector = LabelSelector::parse(text).value();
    INFO(text << " on " << rendered);
    CHECK(selector.matches(RenderedLabels(rendered)) == selector.matches(labels));
  }
}

}  // namespace
}  // namespace quartermaster::model
