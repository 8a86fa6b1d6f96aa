// HMAC by OpenSSL: EVP_MAC(3), whose context keeps the key from one text to the next.
#include "server/auth/keyed_hash.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace quartermaster::auth {

KeyedHash::KeyedHash() {
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  context_.reset(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);
  std::array<unsigned char, 32> key{};
  std::string digest = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
  if (!context_ || RAND_bytes(key.data(), static_cast<int>(key.size())) != 1 ||
      EVP_MAC_init(context_.get(), key.data(), key.size(), parameters.data()) != 1) {
    throw std::runtime_error("OpenSSL cannot do HMAC-SHA-256");
  }
}

std::string_view KeyedHash::operator()(std::string_view text) {
  auto* const context = context_.get();
  std::size_t size = 0;
  if (EVP_MAC_init(context, nullptr, 0, nullptr) != 1 ||
      EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1 ||
      EVP_MAC_final(context, reinterpret_cast<unsigned char*>(result_.data()), &size, result_.size()) != 1) {
    throw std::runtime_error("HMAC-SHA-256 failed");
  }
  return {result_.data(), size};
}

}  // namespace quartermaster::auth
