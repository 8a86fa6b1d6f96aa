// A client's TLS settings from PEM texts.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "kubeapi/task.hpp"
#include "model/error.hpp"

namespace quartermaster::kubeapi {

/// TLS 1.2 or later; trusts only the certificates in `ca`, or the system's if it is empty. The peer is verified by
/// Transport::handshake_client. Error: internal, one clause: "no certificate in the CA", "the key does not fit ...".
Result<std::shared_ptr<asio::ssl::context>> make_tls_context(const std::string& ca, const std::string& certificate,
                                                             const std::string& key);

}  // namespace quartermaster::kubeapi
