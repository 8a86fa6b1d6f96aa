// From a request to its reply: discovery, reviews, and the verbs on objects.
#pragma once

#include "kubeapi/call.hpp"
#include "server/http/message.hpp"
#include "test/apisim/request.hpp"

namespace quartermaster::apisim {

/// `call.stop` ends watches and followed logs.
http::Reply respond(Cluster& cluster, ApiRequest& request, const Call& call);
http::Reply status_reply(const Status& status);

}  // namespace quartermaster::apisim
