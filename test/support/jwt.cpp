#include "test/support/jwt.hpp"

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <vector>

#include "kubeapi/openssl_ptr.hpp"
#include "model/base64.hpp"

namespace quartermaster::test {

namespace {

std::string base64url(std::string_view bytes) {
  std::string text = encode_base64(bytes);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (text.ends_with('=')) text.pop_back();
  return text;
}

/// The two numbers of a DER signature, 32 bytes each.
std::string raw_signature(const std::vector<unsigned char>& der) {
  const unsigned char* at = der.data();
  const std::unique_ptr<ECDSA_SIG, openssl::Freed<ECDSA_SIG_free>> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::array<unsigned char, 64> raw{};
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), 32) != 32 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + 32, 32) != 32) {
    throw std::runtime_error("no ES256 signature");
  }
  return {raw.begin(), raw.end()};
}

}  // namespace

std::string sign_jwt(std::string_view claims, const std::string& key) {
  const std::string text = base64url(R"({"alg":"ES256","typ":"JWT"})") + "." + base64url(claims);
  const auto pem = openssl::bio_of(key);
  const openssl::Key parsed(PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, nullptr));
  const std::unique_ptr<EVP_MD_CTX, openssl::Freed<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  std::vector<unsigned char> der(256);
  std::size_t size = der.size();
  if (!parsed || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, parsed.get()) != 1 ||
      EVP_DigestSign(context.get(), der.data(), &size, reinterpret_cast<const unsigned char*>(text.data()),
                     text.size()) != 1) {
    throw std::runtime_error("cannot sign a token");
  }
  der.resize(size);
  return text + "." + base64url(raw_signature(der));
}

}  // namespace quartermaster::test
