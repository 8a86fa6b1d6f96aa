// GET .../pods/NAME/log: what the API server checks, what the kubelet would say, and the log itself.
#pragma once

#include <memory>

#include "kubeapi/byte_stream.hpp"
#include "test/apisim/request.hpp"

namespace quartermaster::apisim {

/// Null: no content, as for a pod that is on no node yet.
Answer<std::unique_ptr<ByteStream>> open_pod_log(Cluster& cluster, const ApiRequest& request, std::stop_token stop);

}  // namespace quartermaster::apisim
