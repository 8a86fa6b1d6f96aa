// Reads PEM with OpenSSL. Only the kinds of keys that TLS is served with are looked into: for others OpenSSL may
// calculate, with numbers as large as somebody likes.
#include "server/api/tls_pair.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>
#include <optional>
#include <span>

#include "kubeapi/openssl_ptr.hpp"

namespace quartermaster::api {
namespace {

constexpr std::size_t kMaxCertificates = 64;  // in a chain

using openssl::bio_of;
using openssl::Certificate;
using openssl::Key;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, openssl::Freed<PKCS8_PRIV_KEY_INFO_free>>;

/// Whether the last read has found nothing more that could be PEM.
bool at_end() { return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE; }

/// The first certificate, if all that there are can be read; else what is wrong.
Certificate first_certificate(std::string_view text, std::string& problem) {
  const auto bio = bio_of(text);
  Certificate first;
  std::size_t count = 0;
  for (; count <= kMaxCertificates; ++count) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    if (!first) first = std::move(next);
  }
  if (count > kMaxCertificates) {
    problem = "there are more than " + std::to_string(kMaxCertificates) + " certificates";
  } else if (!at_end()) {
    problem = "certificate " + std::to_string(count + 1) + " cannot be read";
  } else if (count == 0) {
    problem = "there is no certificate in PEM form";
  }
  return first;
}

/// One block of PEM.
class Block {
 public:
  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { clear(); }

  bool read(BIO* bio) {
    clear();
    return PEM_read_bio(bio, &name_, &header_, &data_, &size_) == 1;
  }
  std::string_view name() const { return name_; }
  bool encrypted() const { return name() == "ENCRYPTED PRIVATE KEY" || *header_ != '\0'; }
  std::span<const unsigned char> bytes() const { return {data_, static_cast<std::size_t>(size_)}; }

 private:
  void clear() {
    OPENSSL_free(name_);
    OPENSSL_free(header_);
    OPENSSL_clear_free(data_, static_cast<std::size_t>(size_));
    name_ = header_ = nullptr;
    data_ = nullptr;
    size_ = 0;
  }

  char *name_ = nullptr, *header_ = nullptr;
  unsigned char* data_ = nullptr;
  long size_ = 0;
};

/// From PKCS #8, which says of itself what kind of key it is.
Key key_of_any_kind(std::span<const unsigned char> bytes) {
  const auto* at = bytes.data();
  const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(bytes.size())));
  const ASN1_OBJECT* algorithm = nullptr;
  if (!info || PKCS8_pkey_get0(&algorithm, nullptr, nullptr, nullptr, info.get()) != 1) return {};
  const int kind = OBJ_obj2nid(algorithm);
  const bool served = kind == NID_rsaEncryption || kind == NID_X9_62_id_ecPublicKey || kind == NID_ED25519;
  return served ? Key(EVP_PKCS82PKEY(info.get())) : Key();
}

Key key_in(const Block& block) {
  const auto bytes = block.bytes();
  const auto* at = bytes.data();
  const auto size = static_cast<long>(bytes.size());
  if (block.name() == "RSA PRIVATE KEY") return Key(d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &at, size));
  if (block.name() == "EC PRIVATE KEY") return Key(d2i_PrivateKey(EVP_PKEY_EC, nullptr, &at, size));
  if (block.name() == "PRIVATE KEY") return key_of_any_kind(bytes);
  return {};
}

/// The first private key, behind whatever else there is, such as the parameters of its curve.
Key private_key(std::string_view text, std::string& problem) {
  const auto bio = bio_of(text);
  Block block;
  while (block.read(bio.get())) {
    if (!block.name().ends_with("PRIVATE KEY")) continue;
    if (block.encrypted()) {
      problem = "the key is encrypted: nobody could use it";
      return {};
    }
    auto key = key_in(block);
    if (!key) problem = "the key cannot be read, or is none of the kinds RSA, ECDSA and Ed25519";
    return key;
  }
  problem = at_end() ? "there is no private key in PEM form" : "the key cannot be read";
  return {};
}

}  // namespace

TlsPairProblems check_tls_pair(std::string_view certificate, std::string_view key) {
  TlsPairProblems problems;
  ERR_clear_error();
  const auto leaf = first_certificate(certificate, problems.certificate);
  ERR_clear_error();
  const auto secret = private_key(key, problems.key);
  const bool both = problems.certificate.empty() && problems.key.empty();
  if (both && X509_check_private_key(leaf.get(), secret.get()) != 1) {
    problems.key = "the key does not fit the certificate";
  }
  ERR_clear_error();
  return problems;
}

}  // namespace quartermaster::api
