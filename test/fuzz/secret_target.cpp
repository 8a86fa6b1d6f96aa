// Secrets. Where values are not asked for, the answer is the same whatever they are.
#include "model/secret.hpp"

#include "model/base64.hpp"
#include "test/fuzz/object.hpp"

namespace json = quartermaster::json;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;
using quartermaster::fuzz::written;

FUZZ_TARGET(secret) {
  const auto document = json::parse(input);
  if (!document) return;
  auto secret = model::secret_from(document->root());
  written([&](json::Writer& writer) { write(writer, secret); });
  written([&](json::Writer& writer) { write(writer, secret, model::SecretValues::decoded); });
  written([&](json::Writer& writer) { write_item(writer, secret, true); });
  written([&](json::Writer& writer) { write_patch(writer, secret, {.data = secret.data}); });

  const auto item = [&] { return written([&](json::Writer& writer) { write_item(writer, secret, false); }); };
  for (auto& [key, value] : secret.data) value = quartermaster::encode_base64(value);
  const auto before = item();
  for (auto& [key, value] : secret.data)
    value = quartermaster::encode_base64(std::string(quartermaster::decoded_size(value), 'x'));
  check(item() == before, "an item shows no value");
}
