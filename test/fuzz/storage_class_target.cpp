// Storage classes; of an array of them, one at most is the default.
#include "model/storage_class.hpp"

#include "test/fuzz/object.hpp"

namespace json = quartermaster::json;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;

namespace {

void check_one(json::Value raw) {
  const auto storage_class = model::storage_class_from(raw);
  const auto record = model::storage_class_record(raw);
  const auto view = quartermaster::fuzz::view_of(record);
  quartermaster::fuzz::check_labels(view, storage_class.meta.labels);
  for (const bool is_default : {false, true}) {
    const auto dto =
        quartermaster::fuzz::written([&](json::Writer& writer) { write(writer, storage_class, is_default); });
    const auto fill = [&](std::string& out, std::size_t) { out += is_default ? "true" : "false"; };
    check(quartermaster::fuzz::filled(view, fill) == dto, "the record is the object");
  }
}

}  // namespace

FUZZ_TARGET(storage_class) {
  const auto document = json::parse(input);
  if (!document) return;
  check_one(document->root());
  std::vector<model::StorageClass> classes;
  model::EffectiveDefault from_records;
  for (const json::Value item : document->root().items()) {
    classes.push_back(model::storage_class_from(item));
    from_records.add(quartermaster::fuzz::view_of(model::storage_class_record(item)));
  }
  const auto* best = model::effective_default(classes);
  check((best == nullptr) == !from_records.name(), "records know the default");
  if (best != nullptr) check(best->meta.name == *from_records.name(), "records know which one is the default");
}
