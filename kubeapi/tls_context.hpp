// TLS settings from PEM texts: a client's, and the parts that servers need, too.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "kubeapi/task.hpp"
#include "model/error.hpp"

namespace quartermaster::kubeapi {

/// TLS 1.2 or later; trusts only the certificates in `ca`, or the system's if it is empty. The peer is verified by
/// Transport::handshake_client. Error: internal, one clause: "no certificate in the CA", "the key does not fit ...".
Result<std::shared_ptr<asio::ssl::context>> make_tls_context(const std::string& ca, const std::string& certificate,
                                                             const std::string& key);

/// Makes the context trust the certificates in `ca`. Error: internal, one clause.
Result<void> trust(asio::ssl::context& context, const std::string& ca);

/// Gives the context a certificate, with its chain, and the key. Error: internal, one clause, in which `whose` ("client
/// " or nothing) stands before "certificate" and "key".
Result<void> use_key_pair(asio::ssl::context& context, const std::string& certificate, const std::string& key,
                          std::string_view whose = "");

}  // namespace quartermaster::kubeapi
