// A server that does on each connection what a script says, byte for byte, and records what it was asked. It runs on
// the test's own loop, so nothing here happens while the test looks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kubeapi/cluster_config.hpp"
#include "kubeapi/transport.hpp"
#include "test/support/pki.hpp"

namespace quartermaster::test {

/// One thing that the server does on a connection.
struct Step {
  enum class What {
    answer,  // wait for a whole request, then send
    reply,   // wait for a whole request, then send what a function makes of it
    send,
    flood,   // send over and over, until the client has gone
    hang,    // read, until the client has gone
    ignore,  // neither read nor write any more
    finish,  // close, in TLS with a close_notify before
    cut,     // close
    reset,   // close with RST
  };
  What what;
  std::string bytes = {};
  std::function<std::string(const std::string& request)> make = {};
};
using Script = std::vector<Step>;

inline Step answer(std::string bytes) { return {Step::What::answer, std::move(bytes)}; }
inline Step reply(std::function<std::string(const std::string&)> make) {
  return {.what = Step::What::reply, .make = std::move(make)};
}
inline Step send(std::string bytes) { return {Step::What::send, std::move(bytes)}; }
inline Step flood(std::string bytes) { return {Step::What::flood, std::move(bytes)}; }
inline Step hang() { return {Step::What::hang}; }
inline Step ignore() { return {Step::What::ignore}; }
inline Step finish() { return {Step::What::finish}; }
inline Step cut() { return {Step::What::cut}; }
inline Step reset() { return {Step::What::reset}; }

/// A whole answer with a Content-Length.
std::string http_answer(unsigned status, std::string_view body, std::string_view extra_fields = {});
/// `bytes` as a chunk of a chunked body.
std::string chunk(std::string_view bytes);
/// The value of a field of a request's head, "" if absent.
std::string header(std::string_view request, std::string_view name);

class ScriptedServer {
 public:
  struct Tls {
    KeyPair certificate;
    std::string client_ca = {};  // unless empty, clients must have a certificate of this CA
    bool only_tls_1_1 = false;
  };

  /// Listens on a port of its own on 127.0.0.1; plain HTTP without `tls`.
  explicit ScriptedServer(asio::io_context& loop, std::optional<Tls> tls = {});
  ~ScriptedServer();

  /// For the next connection that has no script yet. The last script holds for all connections that follow it.
  ScriptedServer& script(Script script);
  /// All connections that follow: each request gets 200 and the body `{}`.
  void answer_all();

  void use(const Tls& tls);  // for the connections that follow
  void stop();               // closes the listening socket and all connections
  void start();              // listens again, on the same port

  std::uint16_t port() const;
  /// http or https, 127.0.0.1; the CA and the rest are the test's to fill in.
  kubeapi::ClusterConfig config() const;

  const std::vector<std::string>& requests() const;  // as they came, whole
  std::size_t accepted() const;
  std::size_t open() const;
  std::uint64_t bytes_sent() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace quartermaster::test
