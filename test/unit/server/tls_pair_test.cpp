// Certificates and keys in PEM form: which pairs can be used, and what is said of the others.
#include "server/api/tls_pair.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <catch2/catch.hpp>

#include "kubeapi/openssl_ptr.hpp"
#include "test/support/pki.hpp"

namespace quartermaster::api {
namespace {

using test::CertificateAuthority;

const test::KeyPair& pair() {
  static const auto one = CertificateAuthority().issue();
  return one;
}

std::string told_of_key(const std::string& key) { return check_tls_pair(pair().certificate, key).key; }
std::string told_of_certificate(const std::string& certificate) {
  return check_tls_pair(certificate, pair().key).certificate;
}

std::string block(const std::string& name, const std::string& base64) {
  return "-----BEGIN " + name + "-----\n" + base64 + "\n-----END " + name + "-----\n";
}

/// What `write(BIO*, EVP_PKEY*)` makes of a key.
template <class Write>
std::string written(const openssl::Key& key, Write write) {
  const openssl::Bio out(BIO_new(BIO_s_mem()));
  REQUIRE(write(out.get(), key.get()) == 1);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

/// The key of pair() in another form.
template <class Write>
std::string rewritten(Write write) {
  const auto in = openssl::bio_of(pair().key);
  return written(openssl::Key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr)), write);
}

/// A new key, of a kind and size, in PEM form.
std::string new_key(const char* kind, std::size_t bits = 0) {
  const openssl::Key key(bits > 0 ? EVP_PKEY_Q_keygen(nullptr, nullptr, kind, bits)
                                  : EVP_PKEY_Q_keygen(nullptr, nullptr, kind));
  REQUIRE(key != nullptr);
  return written(key, [](BIO* out, EVP_PKEY* in) {
    return PEM_write_bio_PrivateKey(out, in, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

TEST_CASE("A certificate and its key are a pair, with a chain and with what stands around them") {
  const auto [certificate, key] = pair();
  CHECK(check_tls_pair(certificate, key) == TlsPairProblems{});
  CHECK(check_tls_pair(certificate + CertificateAuthority("ca").pem(), key) == TlsPairProblems{});
  CHECK(check_tls_pair("subject=a\n" + certificate, block("EC PARAMETERS", "BggqhkjOPQMBBw==") + key) ==
        TlsPairProblems{});
}

TEST_CASE("A key may be in the form of its own kind") {
  const auto own = rewritten([](BIO* out, EVP_PKEY* key) {
    return PEM_write_bio_PrivateKey_traditional(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  REQUIRE_THAT(own, Catch::Contains("BEGIN EC PRIVATE KEY"));
  CHECK(told_of_key(own).empty());
}

TEST_CASE("A key that is not the certificate's does not fit it, whatever its kind") {
  const std::string what = "the key does not fit the certificate";
  CHECK(told_of_key(CertificateAuthority().issue().key) == what);
  CHECK(told_of_key(new_key("RSA", 2048)) == what);
  CHECK(told_of_key(new_key("ED25519")) == what);
}

TEST_CASE("A key of another kind is not looked into") {
  CHECK(told_of_key(new_key("X25519")) == "the key cannot be read, or is none of the kinds RSA, ECDSA and Ed25519");
  CHECK(told_of_key(block("DSA PRIVATE KEY", "MAA=")) ==
        "the key cannot be read, or is none of the kinds RSA, ECDSA and Ed25519");
}

TEST_CASE("An encrypted key is told as such, and nobody is asked for a passphrase") {
  const auto modern = rewritten([](BIO* out, EVP_PKEY* key) {
    return PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_128_cbc(), "pass", 4, nullptr, nullptr);
  });
  const auto traditional = rewritten([](BIO* out, EVP_PKEY* key) {
    unsigned char pass[] = "pass";
    return PEM_write_bio_PrivateKey_traditional(out, key, EVP_aes_128_cbc(), pass, 4, nullptr, nullptr);
  });
  for (const auto& key : {modern, traditional}) CHECK(told_of_key(key) == "the key is encrypted: nobody could use it");
}

TEST_CASE("What is no PEM, or half of it, is told without a word of it") {
  const auto [text, of_certificate, of_key] = GENERATE(table<std::string, std::string, std::string>({
      {"", "there is no certificate in PEM form", "there is no private key in PEM form"},
      {"s3cr3t", "there is no certificate in PEM form", "there is no private key in PEM form"},
      {block("CERTIFICATE", "s3cr3t!!"), "certificate 1 cannot be read", "the key cannot be read"},
      {block("CERTIFICATE", "AAAA"), "certificate 1 cannot be read", "there is no private key in PEM form"},
      {"-----BEGIN CERTIFICATE-----\nAAAA\n", "certificate 1 cannot be read", "the key cannot be read"},
      {block("PRIVATE KEY", "AAAA"), "there is no certificate in PEM form",
       "the key cannot be read, or is none of the kinds RSA, ECDSA and Ed25519"},
  }));
  CAPTURE(text);
  CHECK(told_of_certificate(text) == of_certificate);
  CHECK(told_of_key(text) == of_key);
}

TEST_CASE("Each certificate of a chain is read, up to a number") {
  const auto& one = pair().certificate;
  CHECK(told_of_certificate(one + block("CERTIFICATE", "AAAA")) == "certificate 2 cannot be read");
  std::string chain;
  for (int i = 0; i < 64; ++i) chain += one;
  CHECK(told_of_certificate(chain).empty());
  CHECK(told_of_certificate(chain + one) == "there are more than 64 certificates");
}

}  // namespace
}  // namespace quartermaster::api
