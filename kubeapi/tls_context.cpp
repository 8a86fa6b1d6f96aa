// What Asio's own loaders let pass: a CA text without any certificate, half a certificate, a passphrase prompt.
#include "kubeapi/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>

#include "kubeapi/openssl_ptr.hpp"

namespace quartermaster::kubeapi {
namespace {

using boost::system::error_code;

Error failure(std::string what) {
  ERR_clear_error();
  return {ErrorCode::internal, std::move(what)};
}

}  // namespace

Result<void> trust(asio::ssl::context& context, const std::string& ca) {
  const auto bio = openssl::bio_of(ca);
  if (!bio) return failure("out of memory");
  X509_STORE* store = SSL_CTX_get_cert_store(context.native_handle());
  ERR_clear_error();
  int count = 0;
  while (const openssl::Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) return failure("a certificate of the CA cannot be used");
    ++count;
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) return failure("the CA is not valid PEM");
  ERR_clear_error();
  if (count == 0) return failure("no certificate in the CA");
  // An intermediate CA is trusted by itself, as in Go's verifier and so in kubectl.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

Result<void> use_key_pair(asio::ssl::context& context, const std::string& certificate, const std::string& key,
                          std::string_view whose) {
  const auto the = "the " + std::string(whose);
  error_code ec;
  // Without this OpenSSL asks for an encrypted key's passphrase on the terminal.
  context.set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); }, ec);
  context.use_certificate_chain(asio::buffer(certificate), ec);
  if (ec) return failure(the + "certificate is not valid PEM");
  context.use_private_key(asio::buffer(key), asio::ssl::context::pem, ec);
  const auto misfit = the + "key does not fit " + the + "certificate";
  if (ec && ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == X509_R_KEY_VALUES_MISMATCH)
    return failure(misfit);
  if (ec) return failure(the + "key is not valid PEM, or is encrypted");
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) return failure(misfit);
  return {};
}

Result<std::shared_ptr<asio::ssl::context>> make_tls_context(const std::string& ca, const std::string& certificate,
                                                             const std::string& key) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_compression);
  SSL_CTX_set_options(native, SSL_OP_CLEANSE_PLAINTEXT);  // else what was read last stays in OpenSSL's buffer
  error_code ec;
  if (ca.empty()) {
    context->set_default_verify_paths(ec);
    if (ec) return failure("the system's CAs cannot be read: " + ec.message());
  } else if (auto trusted = trust(*context, ca); !trusted) {
    return trusted.error();
  }
  if (certificate.empty()) return context;

  if (auto used = use_key_pair(*context, certificate, key, "client "); !used) return used.error();
  return context;
}

}  // namespace quartermaster::kubeapi
