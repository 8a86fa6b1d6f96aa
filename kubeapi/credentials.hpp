// Who we are and whom we trust, while the files behind it change: bearer token, CA, client certificate.
//
// Nothing here waits or has a timer: whoever uses a credential passes the time, and a file that was not looked at for
// long enough is looked at again. A file that cannot be used leaves what was there in place.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "kubeapi/cluster_config.hpp"
#include "kubeapi/task.hpp"
#include "model/error.hpp"

namespace quartermaster::kubeapi {

/// Told when a file cannot be used (`problem`), when it can again, and when it brought something new. Once for each
/// change, not for each attempt.
using CredentialsEvents = std::function<void(bool problem, std::string_view message)>;

/// At most this often a refusal by the API server makes us look at a file again.
inline constexpr auto kRefusedReread = std::chrono::seconds(1);

/// When a file is due to be read again.
class Reread {
 public:
  explicit Reread(Clock::duration every) : every_(every) {}
  bool due(Clock::time_point now) const { return now >= next_; }
  void done(Clock::time_point now) { next_ = now + every_; }
  /// The API server refused what the file held. Makes it due; false if it was so a moment ago.
  bool refused(Clock::time_point now);

 private:
  Clock::duration every_;
  Clock::time_point next_ = Clock::time_point::min();
  Clock::time_point next_refusal_ = Clock::time_point::min();
};

class TokenSource {
 public:
  /// `token` is used until the file `path`, which may be "", has been read.
  TokenSource(const std::string& token, std::string path, Clock::duration every, CredentialsEvents events);

  /// "" if there is none.
  const std::string& get(Clock::time_point now);
  /// The API server answered 401 to `token`. True if get() may have another one: the file will be read again, or has
  /// been meanwhile.
  bool refused(std::string_view token, Clock::time_point now);

 private:
  void read(Clock::time_point now);

  std::string token_;
  std::string path_;
  Reread reread_;
  CredentialsEvents events_;
  bool problem_ = false;
};

class TlsSource {
 public:
  struct Context {
    std::shared_ptr<asio::ssl::context> ssl;  // null: plain HTTP
    std::uint64_t generation = 0;             // grows with each change
  };

  /// Throws ConfigError: a CA, certificate or key that cannot be used.
  TlsSource(const ClusterConfig& config, Clock::duration every, CredentialsEvents events);

  const Context& get(Clock::time_point now);
  /// With the context of that generation the API server's certificate did not verify, or it refused ours. True if get()
  /// now has another context.
  bool refused(std::uint64_t generation, Clock::time_point now);

 private:
  struct Files {
    std::string ca, certificate, key;
    bool operator==(const Files&) const = default;
  };
  Result<Files> load() const;
  void read(Clock::time_point now);

  const ClusterConfig config_;
  Reread reread_;
  CredentialsEvents events_;
  Files files_;
  Context context_;
  bool problem_ = false;
};

}  // namespace quartermaster::kubeapi
