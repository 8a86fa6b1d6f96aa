// Watches for callers.
#include "kubeapi/follow.hpp"

namespace quartermaster::kubeapi {

Task<Result<std::unique_ptr<ByteStream>>> follow(Client& client, model::Kind kind, std::string ns, std::string version,
                                                 std::chrono::seconds timeout, Call call) {
  Request request{.target = model::collection_path(kind, ns) + "?watch=true&allowWatchBookmarks=true&resourceVersion=" +
                            version + "&timeoutSeconds=" + std::to_string(timeout.count()),
                  .keep_deadline = true,
                  .resource = std::string(model::info(kind).resource),
                  .purpose = Purpose::stream};
  co_return co_await client.open(std::move(request), std::move(call));
}

}  // namespace quartermaster::kubeapi
