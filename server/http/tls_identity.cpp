#include "server/http/tls_identity.hpp"

#include <openssl/ssl.h>

#include <array>
#include <ctime>
#include <stdexcept>
#include <utility>

#include "kubeapi/read_file.hpp"
#include "kubeapi/tls_context.hpp"

namespace quartermaster::http {
namespace {

using namespace std::chrono_literals;

constexpr std::array<unsigned char, 9> kProtocols = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
constexpr unsigned char kSessions[] = "quartermaster";
constexpr long kResumeSeconds = 300;

/// A caller that names protocols has to name ours (RFC 7301 section 3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  const auto result = SSL_select_next_proto(&found, size, kProtocols.data(), kProtocols.size(), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// TLS 1.2 or later, with forward secrecy and authenticated ciphers only; nothing that a caller can make us do twice.
void harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");  // of TLS 1.2: 1.3 has no others
  SSL_CTX_set_options(context, SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);          // an idle connection has none
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets alone: nothing is kept for callers
  SSL_CTX_set_session_id_context(context, kSessions, sizeof kSessions - 1);
  SSL_CTX_set_timeout(context, kResumeSeconds);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

std::chrono::system_clock::time_point expiry_of(SSL_CTX* context) {
  std::tm utc{};
  const X509* const certificate = SSL_CTX_get0_certificate(context);
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &utc) != 1) return {};
  return std::chrono::system_clock::from_time_t(::timegm(&utc));
}

Result<std::string> read_pem(const std::string& path) {
  auto text = kubeapi::read_file(path);
  if (!text) return Error{ErrorCode::internal, path + ": " + text.error().message};
  return text;
}

}  // namespace

TlsIdentity::TlsIdentity(TlsFiles files, Report report, Clock::duration every)
    : files_(std::move(files)), report_(std::move(report)), every_(every), next_look_(Clock::now() + every) {
  auto texts = read();
  if (!texts) throw std::runtime_error(texts.error().message);
  if (const auto used = use(std::move(*texts)); !used) throw std::runtime_error(used.error().message);
}

const std::shared_ptr<asio::ssl::context>& TlsIdentity::context(Clock::time_point now) {
  if (now >= next_look_) {
    next_look_ = now + every_;
    look();
  }
  return context_;
}

Result<TlsIdentity::Texts> TlsIdentity::read() const {
  auto certificate = read_pem(files_.certificate);
  if (!certificate) return certificate.error();
  auto key = read_pem(files_.key);
  if (!key) return key.error();
  Texts texts{std::move(*certificate), std::move(*key), {}};
  if (files_.client_ca.empty()) return texts;
  auto client_ca = read_pem(files_.client_ca);
  if (!client_ca) return client_ca.error();
  texts.client_ca = std::move(*client_ca);
  return texts;
}

Result<void> TlsIdentity::use(Texts texts) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  harden(native);
  if (auto used = kubeapi::use_key_pair(*context, texts.certificate, texts.key); !used) {
    return Error{ErrorCode::internal, files_.certificate + ", " + files_.key + ": " + used.error().message};
  }
  if (!files_.client_ca.empty()) {
    if (auto trusted = kubeapi::trust(*context, texts.client_ca); !trusted) {
      return Error{ErrorCode::internal, files_.client_ca + ": " + trusted.error().message};
    }
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER,
                       nullptr);  // probes have none: whether one is needed depends on the route
  }
  not_after_ = expiry_of(native);
  context_ = std::move(context);
  texts_ = std::move(texts);
  return {};
}

void TlsIdentity::look() {
  auto texts = read();
  const bool changed = texts && *texts != texts_;
  const auto used = !texts ? Result<void>(texts.error()) : changed ? use(std::move(*texts)) : Result<void>();
  if (!used) {
    // A file that is being written may be half there: what counts is whether it stays so.
    if (std::exchange(problem_, used.error().message) != used.error().message) {
      report_(true, used.error().message + ": keeping the old certificate");
    }
    return;
  }
  const bool mended = !std::exchange(problem_, "").empty();
  if (changed) report_(false, "the serving certificate or the client CA has changed");
  if (mended && !changed) report_(false, "the serving certificate can be read again");
}

}  // namespace quartermaster::http
