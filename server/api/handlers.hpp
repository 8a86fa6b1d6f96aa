// The use cases: one function for each route, one source file for each area.
#pragma once

#include "server/api/route.hpp"

namespace quartermaster::api {

// pods.cpp, pod_events.cpp, pod_timeline.cpp, pod_logs.cpp, pods_logs.cpp, pod_restart.cpp
Task<Result<http::Reply>> list_pods(Context& context);
Task<Result<http::Reply>> get_pod(Context& context);
Task<Result<http::Reply>> list_pod_events(Context& context);
Task<Result<http::Reply>> get_pod_timeline(Context& context);
Task<Result<http::Reply>> get_pod_logs(Context& context);
Task<Result<http::Reply>> get_pods_logs(Context& context);
Task<Result<http::Reply>> restart_pod(Context& context);

// pvcs.cpp, pvc_delete.cpp, pvc_delete_all.cpp, pvc_usage.cpp
Task<Result<http::Reply>> list_pvcs(Context& context);
Task<Result<http::Reply>> get_pvc(Context& context);
Task<Result<http::Reply>> delete_pvc(Context& context);
Task<Result<http::Reply>> delete_pvcs(Context& context);
Task<Result<http::Reply>> get_pvc_usage(Context& context);

// secrets.cpp, secret_write.cpp, secret_usage.cpp
Task<Result<http::Reply>> list_secrets(Context& context);
Task<Result<http::Reply>> get_secret(Context& context);
Task<Result<http::Reply>> get_secret_usage(Context& context);
Task<Result<http::Reply>> create_secret(Context& context);
Task<Result<http::Reply>> update_secret(Context& context);
Task<Result<http::Reply>> patch_secret(Context& context);
Task<Result<http::Reply>> delete_secret(Context& context);
Task<Result<http::Reply>> delete_secret_by_body(Context& context);

// storage_classes.cpp
Task<Result<http::Reply>> list_storage_classes(Context& context);
Task<Result<http::Reply>> get_storage_class(Context& context);

// tenants.cpp, tenant_write.cpp, tenant_update.cpp, tenant_fits.cpp
Task<Result<http::Reply>> list_tenants(Context& context);
Task<Result<http::Reply>> get_tenant(Context& context);
Task<Result<http::Reply>> create_tenant(Context& context);
Task<Result<http::Reply>> update_tenant(Context& context);
Task<Result<http::Reply>> delete_tenant(Context& context);
Task<Result<http::Reply>> ask_whether_fits(Context& context);

// service_state.cpp
Task<Result<http::Reply>> get_liveness(Context& context);
Task<Result<http::Reply>> get_readiness(Context& context);
Task<Result<http::Reply>> get_stats(Context& context);
Task<Result<http::Reply>> get_metrics(Context& context);
Task<Result<http::Reply>> get_version(Context& context);
Task<Result<http::Reply>> get_openapi(Context& context);

// docs.cpp
Task<Result<http::Reply>> get_docs(Context& context);
Task<Result<http::Reply>> get_docs_viewer(Context& context);

}  // namespace quartermaster::api
