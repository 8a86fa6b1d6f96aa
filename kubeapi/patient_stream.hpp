// A stream that is read with patience: the wait for its next bytes may be given up and taken up again, without losing
// any of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "kubeapi/byte_stream.hpp"
#include "kubeapi/call.hpp"

namespace quartermaster::kubeapi {

class PatientStream {
 public:
  /// Ends with `parent`, or with this. The stream is one whose call has the stop token of call().
  PatientStream(Executor executor, const Call& parent);
  ~PatientStream();
  PatientStream(const PatientStream&) = delete;
  PatientStream& operator=(const PatientStream&) = delete;

  /// For the request that opens the stream.
  Call call(Clock::time_point deadline) const;
  void set(std::unique_ptr<ByteStream> stream);

  /// As ByteStream::read(); nothing if no bytes came for so long.
  Task<std::optional<Result<std::string_view>>> read(Clock::duration at_most);

 private:
  struct State;
  static Task<void> read_once(std::shared_ptr<State> state);

  const Executor executor_;
  const std::shared_ptr<State> state_;
  const std::stop_callback<std::function<void()>> parent_;
};

}  // namespace quartermaster::kubeapi
