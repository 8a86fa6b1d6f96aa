// HMAC-SHA-256 with a random key of this process: what stands for a token in keys. Nobody who sees a key of a cache can
// find the token, or make another with the same key.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace quartermaster::auth {

class KeyedHash {
 public:
  /// Throws std::runtime_error if OpenSSL has no HMAC or no randomness.
  KeyedHash();

  /// 32 bytes, valid until the next call.
  std::string_view operator()(std::string_view text);

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
  std::string result_ = std::string(32, '\0');
};

}  // namespace quartermaster::auth
