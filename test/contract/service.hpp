// The service under test: its real program, as a process, spoken to over HTTP. Every answer is held against what the
// contract says of all answers, and against the service's own API description.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "test/support/http_client.hpp"
#include "test/support/openapi.hpp"
#include "test/support/subprocess.hpp"
#include "test/support/temp_dir.hpp"

namespace quartermaster::test {

class Service {
 public:
  /// Starts it and waits until it listens; throws with its output if it does not. `arguments` are added to its flags,
  /// `environment` ("NAME=value") to its environment.
  explicit Service(const std::string& kubeconfig, const std::vector<std::string>& arguments = {},
                   std::vector<std::string> environment = {});
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();  // by SIGTERM: only a program that exits looks for leaks and writes its coverage

  /// Waits until it is ready: until its caches have synced.
  void wait_until_ready();
  /// From now on get() waits until what the caches say is what the API server says. What a case has just written is
  /// then there; and each cached answer that the suite looks at has been held against the API server's.
  void settle_before_reads(bool settle) { settle_ = settle; }

  /// Any exchange, checked.
  HttpAnswer call(const HttpRequest& request);
  HttpAnswer get(const std::string& target, const HeaderList& headers = {});
  HttpAnswer post(const std::string& target, const std::string& body);
  HttpAnswer put(const std::string& target, const std::string& body);
  /// A JSON merge patch.
  HttpAnswer patch(const std::string& target, const std::string& body);
  HttpAnswer del(const std::string& target);
  HttpAnswer del(const std::string& target, const std::string& body);

  /// An exchange whose answer is read while it comes; only its head is checked.
  AnswerReader open(const HttpRequest& request, int receive_buffer = 0);
  Connection connect(int receive_buffer = 0) const { return Connection(endpoint_, receive_buffer); }

  /// Requests that it has sent to the API server for callers so far, from its metrics.
  std::uint64_t upstream_requests();

  const Endpoint& endpoint() const { return endpoint_; }
  Subprocess& process() { return *process_; }
  /// Where its kubeconfig is, and other files that a test wants beside it.
  const TempDir& directory() const { return directory_; }

 private:
  void settle(const std::string& target);

  TempDir directory_;
  Endpoint endpoint_;
  std::unique_ptr<Subprocess> process_;
  bool settle_ = false;
};

/// The program under test: the one of this build, or that of the environment's QUARTERMASTER_BINARY.
std::string service_program();

/// The command line of the service; `kubeconfig` is a path.
std::vector<std::string> service_command(const std::string& kubeconfig, const std::vector<std::string>& arguments);

/// What all services of this test program have answered, held against the API description of the first.
OpenApi& api_description();

/// Status and reason: "409 InUse"; only the status where there was no error.
std::string outcome(const HttpAnswer& answer);

/// The names of a list's items, in order.
std::vector<std::string> item_names(const HttpAnswer& answer);

/// What the contract says of every answer; each violation is a failed check.
void check_answer(const HttpRequest& request, const HttpAnswer& answer);

}  // namespace quartermaster::test
