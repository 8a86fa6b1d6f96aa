// Connecting, with a limit that holds although getaddrinfo blocks.
#include "kubeapi/connector.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <vector>

#include "kubeapi/endpoint.hpp"

namespace quartermaster::kubeapi {
namespace {

using Endpoints = std::vector<Tcp::endpoint>;
using Resolver = asio::ip::basic_resolver<Tcp, Executor>;

ConnectFailure unreachable(const ClusterConfig& config, const std::string& why) {
  return {{.code = ErrorCode::unavailable,
           .message = "the API server " + url(config) + " cannot be reached: " + why,
           .retry_after = std::chrono::seconds(1)}};
}

/// What a lookup leaves behind. It is shared with the resolver's handler, as whoever waits may give up before.
struct Lookup {
  explicit Lookup(const Executor& executor) : resolver(executor), wake(executor) {}
  Resolver resolver;
  Timer wake;
  error_code error = asio::error::timed_out;
  Endpoints endpoints;
};

boost::system::result<Endpoints> resolved(error_code error, Endpoints endpoints) {
  if (error) return error;
  return endpoints;
}

/// A resolver's own operation cannot be ended: so it is not awaited, but a timer is that it cancels.
Task<boost::system::result<Endpoints>> resolve(Executor executor, std::string host, std::uint16_t port,
                                               Clock::time_point until, std::stop_token stop) {
  error_code not_an_address;
  const auto address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) co_return Endpoints{{address, port}};

  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->wake.expires_at(until);
  lookup->resolver.async_resolve(host, std::to_string(port), asio::ip::resolver_base::numeric_service,
                                 [lookup](error_code error, const Resolver::results_type& results) {
                                   lookup->error = error;
                                   for (const auto& entry : results) lookup->endpoints.push_back(entry.endpoint());
                                   lookup->wake.cancel();
                                 });
  {
    std::stop_callback give_up(stop, [&lookup] { lookup->wake.cancel(); });
    if (!stop.stop_requested()) co_await lookup->wake.async_wait(asio::as_tuple(use_task));
  }
  lookup->resolver.cancel();  // one that has not started yet need not
  co_return resolved(lookup->error, std::move(lookup->endpoints));
}

/// A peer that vanished is noticed within about half a minute, in a request and between requests.
void set_options(Socket& socket) {
  error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [fd = socket.native_handle()](int option, int value) {
    ::setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, 15);
  set(TCP_KEEPINTVL, 5);
  set(TCP_KEEPCNT, 3);
  set(TCP_USER_TIMEOUT, 30'000);
}

ConnectFailure tls_failure(const ClusterConfig& config, const Transport& transport, error_code error) {
  if (error.category() != asio::error::get_ssl_category())
    return unreachable(config, "TLS handshake: " + error.message());
  const std::string certificate = transport.certificate_error();
  const std::string why = certificate.empty() ? error.message() : "its certificate is not accepted: " + certificate;
  return {{.code = ErrorCode::bad_gateway, .message = "TLS with the API server " + url(config) + " fails: " + why},
          !certificate.empty() || refuses_certificate(error)};
}

Task<ConnectResult> connect_to(Executor executor, const ClusterConfig& config, Tcp::endpoint endpoint,
                               std::shared_ptr<asio::ssl::context> ssl, Clock::time_point until, std::stop_token stop) {
  Socket socket(executor);
  error_code error;
  socket.open(endpoint.protocol(), error);
  if (error) co_return unreachable(config, error.message());
  set_options(socket);
  Transport transport = ssl ? Transport(std::move(socket), ssl) : Transport(std::move(socket));
  transport.deadline(until);
  std::stop_callback give_up(stop, [&transport] { transport.close(); });
  const auto [failed] = co_await transport.socket().async_connect(endpoint, asio::as_tuple(use_task));
  if (failed) co_return unreachable(config, transport.timed_out() ? "no answer in time" : failed.message());
  if (ssl) {
    const std::string host = config.tls_server_name.empty() ? config.host : config.tls_server_name;
    error = co_await transport.handshake_client(host, !config.insecure_skip_tls_verify);
    if (error) co_return tls_failure(config, transport, error);
  }
  co_return std::move(transport);
}

}  // namespace

bool refuses_certificate(error_code error) {
  if (error.category() != asio::error::get_ssl_category()) return false;
  const auto reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  // Alerts that say "your certificate is bad, revoked, expired, ..." have numbers in a row.
  return (reason >= SSL_R_SSLV3_ALERT_NO_CERTIFICATE && reason <= SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN) ||
         reason == SSL_R_TLSV1_ALERT_UNKNOWN_CA || reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED;
}

std::optional<Error> ended(const Call& call) {
  if (call.stop.stop_requested()) return Error{ErrorCode::cancelled, "cancelled"};
  if (Clock::now() >= call.deadline)
    return Error{ErrorCode::timeout, "the deadline passed while waiting for the API server"};
  return std::nullopt;
}

Task<ConnectResult> connect(Executor executor, const ClusterConfig& config, TlsSource::Context tls,
                            Clock::time_point until, Call call) {
  until = std::min(until, call.deadline);
  const auto endpoints = co_await resolve(executor, config.host, config.port, until, call.stop);
  if (auto error = ended(call)) co_return ConnectFailure{std::move(*error)};
  if (!endpoints) {
    const bool late = endpoints.error() == asio::error::timed_out;
    co_return unreachable(config, "looking up its name: " + (late ? "no answer in time" : endpoints.error().message()));
  }
  ConnectResult result = unreachable(config, "its name has no address");
  for (std::size_t i = 0; i < endpoints->size() && !result; ++i) {
    // Each address gets its share of what is left, so that one that swallows packets does not hide the next.
    const auto now = Clock::now();
    const auto share =
        until == Clock::time_point::max() ? until : now + (until - now) / static_cast<int>(endpoints->size() - i);
    result = co_await connect_to(executor, config, (*endpoints)[i], tls.ssl, share, call.stop);
    if (auto error = ended(call)) co_return ConnectFailure{std::move(*error)};
  }
  if (result) result->no_deadline();
  co_return result;
}

}  // namespace quartermaster::kubeapi
