// What runs beside the requests, and nobody awaits.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "kubeapi/task.hpp"

namespace quartermaster {

/// Runs a task on the loop. What it throws is a bug, and comes out of the loop's run(): a cache whose reflector had
/// died unnoticed would look fresh for ever.
template <class Context>
void spawn(Context&& context, Task<void> task) {
  asio::co_spawn(std::forward<Context>(context), std::move(task), [](std::exception_ptr bug) {
    if (bug) std::rethrow_exception(bug);
  });
}

}  // namespace quartermaster
