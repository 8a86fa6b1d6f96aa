// Full resyncs of the service's caches.
#pragma once

#include "test/bench/machine.hpp"

namespace quartermaster::bench {

/// Makes the service list everything anew; returns when it has the pods again. Throws if that takes minutes.
void resync(Target& target, const Service& service);

}  // namespace quartermaster::bench
