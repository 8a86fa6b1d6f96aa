// A body that is read piece by piece: the one interface between whoever produces bytes (the API server's answer, a
// filter) and whoever sends them on. The reader asks for the next piece when it has got rid of the last one, so
// back-pressure follows by itself.
#pragma once

#include <string_view>

#include "kubeapi/task.hpp"
#include "model/error.hpp"

namespace quartermaster {

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// The next bytes, valid until the next call; empty at the proper end. Any error is final: what came before is then
  /// incomplete. Destroying the stream at any time gives up the rest.
  virtual Task<Result<std::string_view>> read() = 0;
};

}  // namespace quartermaster
