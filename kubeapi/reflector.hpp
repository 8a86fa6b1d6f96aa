// Keeps a copy of all objects of one kind up to date, by a list and a watch from there on: the machinery that every
// controller of Kubernetes has. What to do when is reflector_machine.hpp's; this does it.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
#pragma once

#include <memory>

#include "kubeapi/api.hpp"
#include "kubeapi/object_sink.hpp"
#include "kubeapi/reflector_options.hpp"
#include "kubeapi/reflector_status.hpp"

namespace quartermaster::kubeapi {

class Reflector {
 public:
  /// `ns` is "" for all namespaces. All that is referred to must outlive the reflector.
  Reflector(Api& api, model::Kind kind, std::string ns, ObjectSink& sink, ReflectorObserver& observer,
            ReflectorOptions options = {});
  ~Reflector();
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;

  /// Until `call.stop`, whatever happens; to be called once, and awaited before the reflector may go. Its deadline does
  /// not count. The sink has no list under way at the end. Never works for much longer than 250 µs without giving
  /// others their turn, as long as the sink does not.
  Task<void> run(Call call);

  const ReflectorId& id() const;
  /// At any time.
  const ReflectorStatus& status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quartermaster::kubeapi
