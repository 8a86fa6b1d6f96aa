// Watches: the changes of a kind, one JSON line each, as long as the client listens.
#pragma once

#include <memory>

#include "kubeapi/byte_stream.hpp"
#include "kubeapi/call.hpp"
#include "test/apisim/request.hpp"

namespace quartermaster::apisim {

/// A watch holds no queue of its own: it reads the store's log of changes at the pace of its client. One that falls
/// behind what the log keeps ends with an Expired event. Error: a bad parameter.
Answer<std::unique_ptr<ByteStream>> open_watch(Cluster& cluster, const ApiRequest& request, const Call& call);

}  // namespace quartermaster::apisim
