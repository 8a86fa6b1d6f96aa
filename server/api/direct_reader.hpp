// Reads that go to the API server each time.
#pragma once

#include "kubeapi/api.hpp"
#include "server/api/reader.hpp"

namespace quartermaster::api {

class DirectReader : public Reader {
 public:
  explicit DirectReader(kubeapi::Api& api) : api_(api) {}

  Task<Result<ListAnswer>> list(Resource resource, ListRequest request, Call call) override;
  Task<Result<ObjectAnswer>> get(Resource resource, std::string ns, std::string name, Freshness freshness,
                                 Call call) override;

 private:
  Task<Result<ObjectAnswer>> get_storage_class(std::string name, Call call);
  Task<Result<ListAnswer>> list_storage_classes(ListRequest request, Call call);
  Task<Result<ListAnswer>> list_tenants(ListRequest request, Call call);
  Task<Result<ObjectAnswer>> get_now(Resource resource, std::string ns, std::string name, Call call);
  Task<Result<ObjectAnswer>> get_tenant(std::string name, Call call);

  kubeapi::Api& api_;
};

}  // namespace quartermaster::api
