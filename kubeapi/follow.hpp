// Watches for callers. (Those of the caches are the reflectors' business.)
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "kubeapi/api.hpp"

namespace quartermaster::kubeapi {

/// The bytes of a watch of all that has happened since that version, with bookmarks, which the API server ends after
/// `timeout`. It takes one of the connections for streams. The call's deadline covers the reading, too.
Task<Result<std::unique_ptr<ByteStream>>> follow(Client& client, model::Kind kind, std::string ns, std::string version,
                                                 std::chrono::seconds timeout, Call call);

}  // namespace quartermaster::kubeapi
