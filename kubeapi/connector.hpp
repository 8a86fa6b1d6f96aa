// From a host name to a connection that is ready for requests: resolve, connect, TLS.
#pragma once

#include "kubeapi/call.hpp"
#include "kubeapi/cluster_config.hpp"
#include "kubeapi/credentials.hpp"
#include "kubeapi/transport.hpp"

namespace quartermaster::kubeapi {

/// Why there is no connection.
struct ConnectFailure {
  Error error;
  bool certificate = false;  // TLS: one side does not accept the other's certificate
};

using ConnectResult = boost::system::result<Transport, ConnectFailure>;
[[noreturn]] inline void throw_exception_from_error(const ConnectFailure& failure,
                                                    const boost::source_location& where) {
  throw_exception_from_error(failure.error, where);
}

/// Tries all addresses of the host, one after the other. Ends at `until` or at the call's end, whatever the resolver
/// does. Errors: unavailable (name, connection, `until`), bad_gateway (TLS), timeout, cancelled. `config` must outlive
/// the task.
Task<ConnectResult> connect(Executor executor, const ClusterConfig& config, TlsSource::Context tls,
                            Clock::time_point until, Call call);

/// A TLS error by which the peer says that it does not accept our certificate. After the handshake too: in TLS 1.3 the
/// client has finished before the server has looked.
bool refuses_certificate(error_code error);

/// The error of a call that has been stopped or whose deadline has passed; nothing if neither.
std::optional<Error> ended(const Call& call);

}  // namespace quartermaster::kubeapi
