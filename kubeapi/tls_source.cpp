// The TLS context, and the files that it comes from.
#include "kubeapi/credentials.hpp"
#include "kubeapi/read_file.hpp"
#include "kubeapi/tls_context.hpp"

namespace quartermaster::kubeapi {
namespace {

Result<std::string> load_pem(const PemSource& source) {
  if (source.path.empty() || !source.inline_pem.empty()) return source.inline_pem;
  auto text = read_file(source.path);
  if (!text) return Error{ErrorCode::internal, source.path + ": " + text.error().message};
  if (text->empty()) return Error{ErrorCode::internal, source.path + ": the file is empty"};
  return text;
}

}  // namespace

TlsSource::TlsSource(const ClusterConfig& config, Clock::duration every, CredentialsEvents events)
    : config_(config), reread_(every), events_(std::move(events)) {
  if (!config_.tls) return;
  const auto files = load();
  if (!files) throw ConfigError(config_.source + ": " + files.error().message);
  auto context = make_tls_context(files->ca, files->certificate, files->key);
  if (!context) throw ConfigError(config_.source + ": " + context.error().message);
  files_ = *files;
  context_ = {std::move(*context), 1};
}

Result<TlsSource::Files> TlsSource::load() const {
  auto ca = load_pem(config_.ca);
  if (!ca) return ca.error();
  auto certificate = load_pem(config_.client_certificate);
  if (!certificate) return certificate.error();
  auto key = load_pem(config_.client_key);
  if (!key) return key.error();
  return Files{std::move(*ca), std::move(*certificate), std::move(*key)};
}

const TlsSource::Context& TlsSource::get(Clock::time_point now) {
  if (config_.tls && reread_.due(now)) read(now);
  return context_;
}

bool TlsSource::refused(std::uint64_t generation, Clock::time_point now) {
  if (config_.tls && generation == context_.generation && reread_.refused(now)) read(now);
  return context_.generation != generation;
}

void TlsSource::read(Clock::time_point now) {
  reread_.done(now);
  auto files = load();
  const auto report = [this](const Error& error) {
    if (!std::exchange(problem_, true)) events_(true, error.message + ": keeping the old certificates");
  };
  if (!files) return report(files.error());
  if (*files != files_) {
    auto context = make_tls_context(files->ca, files->certificate, files->key);
    if (!context) return report(context.error());
    files_ = std::move(*files);
    context_ = {std::move(*context), context_.generation + 1};
    problem_ = false;
    return events_(false, "the CA or the client certificate has changed");
  }
  if (std::exchange(problem_, false)) events_(false, "the CA and the client certificate can be read again");
}

}  // namespace quartermaster::kubeapi
