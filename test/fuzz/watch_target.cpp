// A watch, in pieces of any size, as the reflector reads it: cut into events, decoded, put into a store. The first byte
// is the kind, the second the size of the pieces.
#include <boost/smart_ptr/make_local_shared.hpp>

#include "kubeapi/store.hpp"
#include "kubeapi/watch_event.hpp"
#include "model/json_splitter.hpp"
#include "test/fuzz/fuzz.hpp"

namespace json = quartermaster::json;
namespace kubeapi = quartermaster::kubeapi;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;

namespace {

/// False: the event ends the watch.
bool apply(kubeapi::Store& store, const kubeapi::WatchEvent& event) {
  switch (event.type) {
    case kubeapi::EventType::added:
    case kubeapi::EventType::modified:
      if (event.kind_ok) store.put(event.object, event.version);
      return true;
    case kubeapi::EventType::deleted:
      if (event.kind_ok) store.remove(event.object, event.version);
      return true;
    case kubeapi::EventType::bookmark:
      if (event.kind_ok) store.advance(event.version);
      return true;
    case kubeapi::EventType::error:
      check(!event.error.message.empty(), "an error says something");
      return false;
    default:
      return true;
  }
}

void check_shard(const kubeapi::Shard& shard) {
  std::size_t count = 0;
  std::string last;
  shard.for_each("", [&](const model::RecordView& record) {
    check(count == 0 || last < record.name, "names are in order");
    check(shard.find(record.name).has_value(), "what is there is found");
    last = record.name;
    return ++count > 0;
  });
  check(count == shard.size() && count > 0, "all are counted");
}

/// The content, as text.
std::string watch(model::Kind kind, std::string_view text, std::size_t piece) {
  kubeapi::Store store(kind);
  json::StreamSplitter splitter(1U << 20);
  for (bool going = true; going && !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    const std::string bytes(text.substr(0, piece));
    splitter.feed(bytes);
    while (going) {
      const auto part = splitter.next();
      going = part.has_value();
      if (!part || !*part) break;
      const auto event = kubeapi::decode_event(kind, **part);
      going = event && apply(store, *event);
    }
    if (!going) break;
  }
  std::string content = store.version() + "\n";
  for (const auto& [ns, shard] : store.content()) {
    check_shard(*shard);
    content += ns + "\n";
    for (const auto& page : shard->pages()) content += page->bytes();
  }
  return content;
}

}  // namespace

FUZZ_TARGET(watch) {
  quartermaster::fuzz::Front front(input);
  const auto& info = model::kKinds[front.byte() % model::kKinds.size()];
  const std::size_t piece = 1 + front.byte();
  const auto kind = info.record != nullptr ? info.kind : model::Kind::pod;
  check(watch(kind, input, input.size() + 1) == watch(kind, input, piece), "pieces make no difference");
}
