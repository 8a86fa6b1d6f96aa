// What the cases share: the cluster that this run was started for, and one service in front of it.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "test/contract/cluster.hpp"
#include "test/contract/objects.hpp"
#include "test/contract/service.hpp"
#include "test/support/names.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::test {

Cluster& cluster();
Service& service();

/// Fails if `action` makes the service ask the API server anything.
void check_stays_local(const std::function<void()>& action);

/// Ends the case, and says so, on a cluster without controllers.
#define NEEDS_CONTROLLERS()                                                  \
  if (!::quartermaster::test::cluster().has_controllers()) {                 \
    ::quartermaster::test::leave_out("there is no kube-controller-manager"); \
    return;                                                                  \
  }
void leave_out(const std::string& why);

}  // namespace quartermaster::test
