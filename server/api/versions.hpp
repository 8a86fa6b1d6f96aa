// Resource versions of whole kinds, by the cheapest list there is: one of at most one object. Such a list is read from
// etcd, so its version is that of all that has happened.
#pragma once

#include <string>

#include "kubeapi/api.hpp"

namespace quartermaster::api {

Task<Result<std::string>> current_version(kubeapi::Api& api, model::Kind kind, std::string ns, Call call);

/// Waits until reads are not older than `version`. Error: timeout.
Task<Result<void>> wait_for_version(kubeapi::Api& api, model::Kind kind, std::string ns, std::string version,
                                    Call call);

/// The version that a delete has made: of the object if it is still there, else any that is not older. "" if it cannot
/// be had: the delete was done all the same.
Task<std::string> version_after_delete(kubeapi::Api& api, model::Kind kind, std::string ns, kubeapi::Deleted deleted,
                                       Call call);

/// The newer of `made` and of what deletes have made since, which tell no version of their own. "" likewise.
Task<std::string> version_after_deletes(kubeapi::Api& api, model::Kind kind, std::string ns, std::string made,
                                        Call call);

}  // namespace quartermaster::api
