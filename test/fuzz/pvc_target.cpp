// Persistent volume claims.
#include "model/pvc.hpp"

#include "test/fuzz/object.hpp"

namespace json = quartermaster::json;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;

FUZZ_TARGET(pvc) {
  const auto document = json::parse(input);
  if (!document) return;
  const auto pvc = model::pvc_from(document->root());
  const auto dto = quartermaster::fuzz::written([&](json::Writer& writer) { write(writer, pvc); });
  const auto record = model::pvc_record(document->root());
  const auto view = quartermaster::fuzz::view_of(record);
  check(view.dto == dto && view.holes.empty(), "the record is the object");
  quartermaster::fuzz::check_labels(view, pvc.meta.labels);
}
