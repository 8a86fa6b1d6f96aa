// Base64. A Kubernetes 1.20 API server accepts and refuses the same texts as the data of a secret.
#include "model/base64.hpp"

#include <catch2/catch.hpp>

namespace quartermaster {
namespace {

using namespace std::string_literals;

TEST_CASE("Base64 is written and read back") {
  const auto [bytes, text] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\0"s, "AA=="},
      {"\0\0\0"s, "AAAA"},
      {"\xff\xff\xff", "////"},
      {"\xfb\xef\xbe", "++++"},
      {"\xff\xef", "/+8="},
  }));
  CHECK(encode_base64(bytes) == text);
  CHECK(decode_base64(text) == bytes);
  CHECK(decoded_size(text) == bytes.size());
}

TEST_CASE("All bytes survive") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    CHECK(decode_base64(encode_base64(bytes)) == bytes);
    CHECK(decoded_size(encode_base64(bytes)) == bytes.size());
  }
}

TEST_CASE("Other spellings of the same bytes are taken") {
  const auto [text, bytes] = GENERATE(table<std::string, std::string>({
      {"YQ==\n", "a"},
      {"YQ==\r\n\r\n", "a"},
      {"\r\nYQ==", "a"},
      {"Y\nQ==", "a"},
      {"YQ=\n=", "a"},
      {"YQ=\r\n=\n", "a"},
      {"\n", ""},
      {"YR==", "a"},
      {"YWJ=", "ab"},
      {"YWK=", "ab"},
  }));
  CAPTURE(text);
  CHECK(decode_base64(text) == bytes);
  CHECK(decoded_size(text) == bytes.size());
}

TEST_CASE("What is not base64 is refused") {
  const auto text = GENERATE("YQ"s, "YQ="s, "YQ==="s, "YQ==YQ=="s, "===="s, "="s, "=="s, "Y"s, "Y="s, "Y=="s, "Y==="s,
                             "YQ==x"s, "YQ== "s, " YQ=="s, "Y Q=="s, "YW=J"s, "YW=J="s, "a-_b"s, "YWJj="s, "YWJj=="s,
                             "YWJjZ"s, "YWJjZA="s, "YQ\0="s, "YW\tJj"s, "\u00e4==="s, "YWJ\xff"s, "YQ=\0="s);
  CAPTURE(text);
  CHECK_FALSE(decode_base64(text).has_value());
}

}  // namespace
}  // namespace quartermaster
