// X.509 by OpenSSL's C API.
#include "test/support/pki.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <stdexcept>

#include "kubeapi/openssl_ptr.hpp"

namespace quartermaster::test {
namespace {

using openssl::Bio;
using openssl::Certificate;
using openssl::Freed;
using openssl::Key;

void check(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL cannot make a test certificate");
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  check(key != nullptr);
  return key;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  check(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return text_of(bio.get());
}

std::string to_pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  check(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio.get());
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void add_entry(X509_NAME* name, const char* field, const std::string& value) {
  check(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                   static_cast<int>(value.size()), -1, 0) == 1);
}

/// Unsigned, without extensions.
Certificate make_certificate(EVP_PKEY* key, const CertificateRequest& request) {
  Certificate certificate(X509_new());
  check(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  unsigned char serial[16];
  check(RAND_bytes(serial, sizeof serial) == 1);
  serial[0] &= 0x7f;
  const std::unique_ptr<BIGNUM, Freed<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
  check(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), std::chrono::seconds(request.not_before).count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), std::chrono::seconds(request.not_after).count());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  if (!request.organization.empty()) add_entry(subject, "O", request.organization);
  add_entry(subject, "CN", request.common_name);
  check(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(name, not_an_address);
    text += (text.empty() ? "" : ",") + std::string(not_an_address ? "DNS:" : "IP:") + name;
  }
  return text;
}

}  // namespace

struct CertificateAuthority::Impl {
  Key key = make_key();
  Certificate certificate;
  std::string text;
};

CertificateAuthority::CertificateAuthority(const std::string& common_name) : impl_(std::make_unique<Impl>()) {
  impl_->certificate = make_certificate(impl_->key.get(), {.common_name = common_name,
                                                           .not_before = std::chrono::hours(-24 * 365),
                                                           .not_after = std::chrono::hours(24 * 365)});
  X509* self = impl_->certificate.get();
  check(X509_set_issuer_name(self, X509_get_subject_name(self)) == 1);
  add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(self, self, NID_subject_key_identifier, "hash");
  check(X509_sign(self, impl_->key.get(), EVP_sha256()) != 0);
  impl_->text = to_pem(self);
}

CertificateAuthority::~CertificateAuthority() = default;
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;

const std::string& CertificateAuthority::pem() const { return impl_->text; }

KeyPair CertificateAuthority::issue(const CertificateRequest& request) const {
  X509* issuer = impl_->certificate.get();
  const Key key = make_key();
  const Certificate certificate = make_certificate(key.get(), request);
  check(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1);
  add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  add_extension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  if (!request.names.empty()) {
    add_extension(certificate.get(), issuer, NID_subject_alt_name, alternative_names(request.names));
  }
  check(X509_sign(certificate.get(), impl_->key.get(), EVP_sha256()) != 0);
  return {to_pem(certificate.get()), to_pem(key.get())};
}

}  // namespace quartermaster::test
