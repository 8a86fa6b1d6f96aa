#include "test/support/scripted_server.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/core/string.hpp>
#include <deque>
#include <list>

namespace quartermaster::test {
namespace {

using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;

std::shared_ptr<asio::ssl::context> make_context(const ScriptedServer::Tls& tls) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  context->use_certificate_chain(asio::buffer(tls.certificate.certificate));
  context->use_private_key(asio::buffer(tls.certificate.key), asio::ssl::context::pem);
  if (!tls.client_ca.empty()) {
    context->add_certificate_authority(asio::buffer(tls.client_ca));
    context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  if (tls.only_tls_1_1) {
    SSL_CTX_set_cipher_list(context->native_handle(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_max_proto_version(context->native_handle(), TLS1_1_VERSION);
  }
  return context;
}

/// The length of the first whole request in `bytes`, 0 if it is not whole.
std::size_t request_length(std::string_view bytes) {
  const auto head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  const std::string length = header(bytes.substr(0, head + 4), "Content-Length");
  const auto size = head + 4 + (length.empty() ? 0 : std::stoul(length));
  return bytes.size() < size ? 0 : size;
}

}  // namespace

std::string http_answer(unsigned status, std::string_view body, std::string_view extra_fields) {
  std::string text =
      "HTTP/1.1 " + std::to_string(status) + " Text\r\nContent-Type: application/json\r\nContent-Length: ";
  return text.append(std::to_string(body.size())).append("\r\n").append(extra_fields).append("\r\n").append(body);
}

std::string chunk(std::string_view bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return std::string(size).append(bytes).append("\r\n");
}

std::string header(std::string_view request, std::string_view name) {
  for (auto at = request.find("\r\n"); at != std::string_view::npos; at = request.find("\r\n", at)) {
    at += 2;
    const auto line = request.substr(at, request.find("\r\n", at) - at);
    if (line.empty()) break;
    const auto colon = line.find(':');
    if (colon == name.size() && boost::beast::iequals(line.substr(0, colon), name)) {
      return std::string(line.substr(std::min(colon + 2, line.size())));
    }
  }
  return {};
}

struct ScriptedServer::State : std::enable_shared_from_this<State> {
  explicit State(asio::io_context& loop) : acceptor(loop), end(loop, Clock::time_point::max()) {}

  Acceptor acceptor;
  Timer end;  // cancelled by stop()
  std::shared_ptr<asio::ssl::context> tls;
  std::uint16_t port = 0;
  std::deque<Script> scripts;
  std::list<Transport*> connections;
  std::vector<std::string> requests;
  std::size_t accepted = 0;
  std::uint64_t bytes_sent = 0;

  void listen() {
    const Tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
    port = acceptor.local_endpoint().port();
    asio::co_spawn(acceptor.get_executor(), accept(shared_from_this()), asio::detached);
  }

  Script next_script() {
    if (scripts.empty()) return {hang()};
    Script script = scripts.front();
    if (scripts.size() > 1) scripts.pop_front();
    return script;
  }

  static Task<void> accept(std::shared_ptr<State> self) {
    for (;;) {
      auto [error, socket] = co_await self->acceptor.async_accept(asio::as_tuple(use_task));
      if (error) co_return;
      ++self->accepted;
      Transport transport = self->tls ? Transport(std::move(socket), self->tls) : Transport(std::move(socket));
      asio::co_spawn(self->acceptor.get_executor(), serve(self, std::move(transport), self->next_script()),
                     asio::detached);
    }
  }

  static Task<void> serve(std::shared_ptr<State> self, Transport transport, Script script) {
    const auto at = self->connections.insert(self->connections.end(), &transport);
    bool ready = true;
    if (transport.is_tls()) ready = !co_await transport.handshake_server();
    std::string input;
    for (auto step = script.begin(); ready && step != script.end(); ++step) {
      if (!co_await perform(self, transport, *step, input)) break;
    }
    self->connections.erase(at);
  }

  /// False when the connection is over.
  static Task<bool> perform(std::shared_ptr<State> self, Transport& transport, const Step& step, std::string& input) {
    switch (step.what) {
      case Step::What::answer:
      case Step::What::reply: {
        if (!co_await read_request(self, transport, input)) co_return false;
        const std::string bytes = step.make ? step.make(self->requests.back()) : step.bytes;
        co_return co_await write(self, transport, bytes);
      }
      case Step::What::send:
        co_return co_await write(self, transport, step.bytes);
      case Step::What::flood:
        while (co_await write(self, transport, step.bytes)) continue;
        co_return false;
      case Step::What::hang:
        while (co_await more(transport, input)) continue;
        co_return false;
      case Step::What::ignore:
        co_await self->end.async_wait(asio::as_tuple(use_task));
        co_return false;
      case Step::What::finish:
        co_await transport.shutdown_send();
        co_return false;
      case Step::What::cut:
        co_return false;
      case Step::What::reset:
        transport.socket().set_option(asio::socket_base::linger(true, 0));
        co_return false;
    }
    co_return false;
  }

  static Task<bool> read_request(std::shared_ptr<State> self, Transport& transport, std::string& input) {
    std::size_t length = 0;
    while ((length = request_length(input)) == 0) {
      if (!co_await more(transport, input)) co_return false;
    }
    self->requests.push_back(input.substr(0, length));
    input.erase(0, length);
    co_return true;
  }

  static Task<bool> more(Transport& transport, std::string& input) {
    std::string piece(4096, '\0');
    const auto got = co_await transport.read_some(asio::buffer(piece));
    input.append(piece, 0, got.bytes);
    co_return got.bytes > 0;
  }

  static Task<bool> write(std::shared_ptr<State> self, Transport& transport, std::string bytes) {
    const auto done = co_await transport.write(bytes);
    self->bytes_sent += done.bytes;
    co_return !done.error;
  }

  void stop() {
    error_code ignored;
    acceptor.close(ignored);
    end.cancel();
    for (Transport* transport : connections) transport->close();
  }
};

ScriptedServer::ScriptedServer(asio::io_context& loop, std::optional<Tls> tls) : state_(std::make_shared<State>(loop)) {
  if (tls) use(*tls);
  start();
}
ScriptedServer::~ScriptedServer() { state_->stop(); }

ScriptedServer& ScriptedServer::script(Script script) {
  state_->scripts.push_back(std::move(script));
  return *this;
}

void ScriptedServer::answer_all() { script(Script(10'000, answer(http_answer(200, "{}")))); }
void ScriptedServer::use(const Tls& tls) { state_->tls = make_context(tls); }
void ScriptedServer::stop() { state_->stop(); }
void ScriptedServer::start() { state_->listen(); }
std::uint16_t ScriptedServer::port() const { return state_->port; }

kubeapi::ClusterConfig ScriptedServer::config() const {
  kubeapi::ClusterConfig config;
  config.tls = state_->tls != nullptr;
  config.host = "127.0.0.1";
  config.port = state_->port;
  config.source = "test";
  return config;
}

const std::vector<std::string>& ScriptedServer::requests() const { return state_->requests; }
std::size_t ScriptedServer::accepted() const { return state_->accepted; }
std::size_t ScriptedServer::open() const { return state_->connections.size(); }
std::uint64_t ScriptedServer::bytes_sent() const { return state_->bytes_sent; }

}  // namespace quartermaster::test
