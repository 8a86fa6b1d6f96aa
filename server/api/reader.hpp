// How handlers read the kinds that may be cached. What comes back is rendered: a handler adds the envelope and nothing
// else, so that it does not matter to it whether the bytes were made just now from the API server's answer or lie
// ready.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "kubeapi/byte_stream.hpp"
#include "kubeapi/call.hpp"
#include "kubeapi/page.hpp"
#include "model/kinds.hpp"
#include "model/label_selector.hpp"
#include "server/http/message.hpp"

namespace quartermaster::api {

enum class Resource { pods, pvcs, storage_classes, tenants };

/// Of its objects.
model::Kind kind_of(Resource resource);

struct Freshness {
  std::string not_older_than = {};  // a resource version to wait for; "" for none
  bool bypass_cache = false;        // ask the API server
  bool cache_only = false;          // never ask it: unavailable, where the cache cannot answer
};

struct ListRequest {
  std::string ns = {};  // "" for resources without namespaces
  LabelSelector selector = {};
  std::size_t limit = 0;  // 0: all
  std::string continue_token = {};
  Freshness freshness = {};
};

struct ListAnswer {
  std::size_t num = 0;
  std::string items;                        // DTOs with commas between them, sorted by name
  http::Pinned pinned = {};                 // the same, instead of `items`: where they lie ready
  std::unique_ptr<ByteStream> stream = {};  // the same, instead of `items`: rendered while they are sent
  kubeapi::Digest digest;                   // of the DTOs
  std::string continue_token;               // "" when there is no more
  std::string resource_version;
  std::optional<std::chrono::seconds> age = {};  // of an answer from a cache: how old it may be
};

struct ObjectAnswer {
  std::string body;  // the DTO
  std::string resource_version;
  std::optional<std::chrono::seconds> age = {};
};

class Reader {
 public:
  virtual ~Reader() = default;
  /// Error: expired for a continue token that is too old, timeout when the version asked for does not come,
  /// unavailable when a cache has nothing yet.
  virtual Task<Result<ListAnswer>> list(Resource resource, ListRequest request, Call call) = 0;
  /// Error: not_found.
  virtual Task<Result<ObjectAnswer>> get(Resource resource, std::string ns, std::string name, Freshness freshness,
                                         Call call) = 0;
};

}  // namespace quartermaster::api
