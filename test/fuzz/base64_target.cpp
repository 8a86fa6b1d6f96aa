// Base64 both ways.
#include "model/base64.hpp"

#include "test/fuzz/fuzz.hpp"

using quartermaster::decode_base64;
using quartermaster::encode_base64;
using quartermaster::fuzz::check;

FUZZ_TARGET(base64) {
  const auto text = encode_base64(input);
  check(decode_base64(text) == input, "what is encoded is decoded");
  check(quartermaster::decoded_size(text) == input.size(), "its size is known before");
  quartermaster::decoded_size(input);
  const auto bytes = decode_base64(input);
  if (!bytes) return;
  check(quartermaster::decoded_size(input) == bytes->size(), "the size of what is decoded is known before");
  check(decode_base64(encode_base64(*bytes)) == bytes, "what is decoded is encoded");
}
