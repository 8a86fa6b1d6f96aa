// The whole program.
#include "server/app.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <exception>

#include "kubeapi/spawn.hpp"
#include "server/api/cached_reader.hpp"
#include "server/api/direct_reader.hpp"
#include "server/api/service.hpp"
#include "server/auth/gate.hpp"
#include "server/observe/audit_log.hpp"
#include "server/observe/cache_log.hpp"
#include "server/observe/metrics.hpp"
#include "server/observe/stats.hpp"
#include "server/open_files.hpp"
#include "server/watch/feeds.hpp"

namespace quartermaster {
namespace {

using namespace std::chrono_literals;
using observe::Level;

constexpr auto kUndoTime = 10s;  // for what is cut off in the end
constexpr auto kTick = 100ms;    // of the timer that measures the loop's lag

constexpr std::size_t kOtherFiles =
    256;  // beside the connections: those turned away, the log, token and CA, the loop's own, watches

kubeapi::ClusterConfig cluster_of(const Config& config) {
  if (!config.kubeconfig.empty()) return kubeapi::load_kubeconfig(config.kubeconfig, config.context);
  return kubeapi::in_cluster_config(kubeapi::process_environment(), config.service_account_dir);
}

api::Settings settings_of(const Config& config, const kubeapi::ClusterConfig& cluster) {
  auto settings = config.settings;
  if (settings.own_namespace.empty()) settings.own_namespace = cluster.namespace_;
  return settings;
}

std::unique_ptr<http::TlsIdentity> tls_identity_of(const Config& config) {
  if (config.tls.certificate.empty()) return nullptr;
  return std::make_unique<http::TlsIdentity>(config.tls, [](bool problem, std::string_view what) {
    observe::log(problem ? Level::warning : Level::info, "TLS", {{"detail", what}});
  });
}

void make_room_for_connections(const Config& config) {
  const auto caches = config.cache ? kubeapi::Caches::count(config.namespaces) : 0;
  const auto needed = config.limits.connections + config.client.max_connections + caches + kOtherFiles;
  const auto limit = allow_open_files(needed);
  if (limit >= needed) return;
  observe::log(Level::warning, "the limit of open files is too low for --max-connections",
               {{"limit", limit}, {"needed", needed}, {"maxConnections", config.limits.connections}});
}

}  // namespace

struct App::Parts {
  explicit Parts(const Config& c)
      : config(c),
        cluster(cluster_of(config)),
        settings(settings_of(config, cluster)),
        client(loop, cluster, config.client, &metrics),
        server(loop, service, config.limits, tls_source()) {}

  Config config;
  kubeapi::ClusterConfig cluster;
  api::Settings settings;
  bool draining = false;
  asio::io_context loop{1};
  observe::Metrics metrics;
  observe::Stats stats{Clock::now()};
  kubeapi::Client client;
  kubeapi::Api api{client};
  observe::CacheLog cache_log;
  kubeapi::Caches caches = config.cache ? kubeapi::Caches(api, config.namespaces, cache_log) : kubeapi::Caches();
  api::DirectReader direct_reader{api};
  api::CachedReader reader{caches, direct_reader};
  watch::Feeds feeds{loop.get_executor(), caches};
  std::stop_source stopping;  // ends what runs for the service itself
  auth::ApiReviewer reviewer{client, config.auth_audiences};
  std::optional<auth::Gate> gate;  // none: nobody is checked
  observe::AuditLog audit{config.audit_log};
  std::unique_ptr<http::TlsIdentity> tls = tls_identity_of(config);  // null: plain HTTP
  api::Overload overload{config.limits};
  api::Service service{
      {api, reader, caches, settings, metrics, stats, draining, overload, gate_of(*this), &audit, &feeds}};
  http::Server server;
  asio::basic_signal_set<Executor> signals{loop.get_executor(), SIGTERM, SIGINT};
  Timer tick{loop.get_executor()};

  /// The gate, made now.
  static auth::Gate* gate_of(Parts& parts) {
    if (parts.config.auth_mode == AuthMode::none) return nullptr;
    auth::GateOptions options;
    options.stale_max = parts.config.auth_stale_max;
    options.stop = parts.stopping.get_token();
    return &parts.gate.emplace(parts.loop, parts.reviewer, options);
  }

  http::TlsSource tls_source() {
    if (!tls) return {};
    return [this] { return tls->context(Clock::now()); };
  }

  void refresh_gauges() {
    const auto requests = overload.requests.counts(), streams = overload.streams.counts();
    metrics.under_way(requests.taken, streams.taken);
    metrics.rejected("requests", requests.refused_full);
    metrics.rejected("requests_per_caller", requests.refused_for_caller);
    const auto bodies = overload.bodies.counts();
    metrics.rejected("bodies", bodies.refused_full);
    metrics.rejected("bodies_per_caller", bodies.refused_for_caller);
    const auto answers = overload.answers.counts();
    metrics.rejected("answers", answers.refused_full);
    metrics.rejected("answers_per_caller", answers.refused_for_caller);
    const auto watchers = overload.watchers.counts();
    metrics.watchers(watchers.taken);
    metrics.rejected("watchers", watchers.refused_full);
    metrics.rejected("watchers_per_caller", watchers.refused_for_caller);
    metrics.rejected("streams", streams.refused_full);
    metrics.rejected("streams_per_caller", streams.refused_for_caller);
    if (tls) {
      tls->context(Clock::now());  // a new one is found without a caller, too
      metrics.certificate_expires(tls->not_after());
    }
    const auto connections = server.connections();
    metrics.connections(connections.open, connections.accepted);
    metrics.rejected("connections", connections.over_limit);
    metrics.rejected("connections_per_peer", connections.over_peer_limit);
    metrics.pool(client.pool_stats());
    metrics.ready(!draining && caches.settled());
    if (gate) metrics.auth(gate->counters());
    metrics.audit(audit.lines(), audit.failures());
  }
};

namespace {

/// Measures how late the loop serves a timer, and keeps the gauges current.
template <class Parts>
Task<void> watch_loop(Parts& parts) {
  while (!parts.stopping.stop_requested()) {
    const auto due = Clock::now() + kTick;
    parts.tick.expires_at(due);
    const auto [ec] = co_await parts.tick.async_wait(asio::as_tuple(use_task));
    if (ec) break;
    parts.metrics.loop_lag(Clock::now() - due);
    parts.refresh_gauges();
    parts.reader.forget_old_lists();
    parts.feeds.tend(Clock::now());
  }
}

/// Says in the log and the metrics whether the API server can be used, before anybody asks for it.
template <class Parts>
Task<void> greet_api_server(Parts& parts) {
  for (Clock::duration pause = 1s; !parts.stopping.stop_requested();
       pause = std::min<Clock::duration>(pause * 2, 30s)) {
    const Call call{.deadline = Clock::now() + 10s, .stop = parts.stopping.get_token()};
    kubeapi::Request request;
    request.target = "/version";
    request.resource = "version";
    request.purpose = kubeapi::Purpose::upkeep;
    const auto answer = co_await parts.client.send(std::move(request), call);
    if (answer) co_return;
    const Call wait{.stop = parts.stopping.get_token()};
    if (!co_await sleep_for(pause, wait)) co_return;
  }
}

/// Of what is no request's fault. Nothing can be relied on any more: whoever runs the service is to start it anew.
[[noreturn]] void die_of(const std::exception& bug) {
  observe::log(Level::error, "the service ends because of a bug", {{"what", bug.what()}});
  std::_Exit(EXIT_FAILURE);
}

std::chrono::nanoseconds cpu_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Waiting costs no CPU time, nor do others on the same core: what is measured is how long the loop was away itself.
template <class Parts>
void run_measured(Parts& parts) {
  for (auto begin = cpu_time(); parts.loop.run_one() > 0;) {
    const auto end = cpu_time();
    parts.metrics.loop_turn(end - begin);
    begin = cpu_time();
  }
}

template <class Parts>
Task<void> shut_down_on_signal(Parts& parts) {
  const auto [ec, signal] = co_await parts.signals.async_wait(asio::as_tuple(use_task));
  if (ec) co_return;
  observe::log(Level::info, "shutting down", {{"signal", signal}, {"connections", parts.server.connections().open}});
  parts.draining = true;
  parts.refresh_gauges();

  std::stop_source impatient;
  parts.signals.async_wait([impatient, &parts](boost::system::error_code error, int) mutable {
    if (error) return;
    impatient.request_stop();
    parts.server.abort();
  });
  const Call delay{.stop = impatient.get_token()};
  co_await sleep_for(parts.config.shutdown_delay, delay);
  parts.server.stop_accepting();
  // Listeners are told to go elsewhere, and not waited for.
  parts.feeds.close({ErrorCode::unavailable, "the service is shutting down"});
  const auto until = impatient.stop_requested() ? Clock::now() : Clock::now() + parts.config.drain_timeout;
  const bool clean = co_await parts.server.drain(until);
  // What was cut off may have something to take back.
  if (!clean) co_await parts.server.drain(Clock::now() + kUndoTime);

  // Nothing is left that would keep the loop running.
  parts.signals.cancel();
  parts.stopping.request_stop();
  parts.tick.cancel();
  parts.client.shutdown();
  observe::log(Level::info, "stopped", {{"drained", clean}});
}

}  // namespace

App::App(Config config) : parts_(std::make_unique<Parts>(config)) {}
App::~App() = default;

void App::run() {
  auto& parts = *parts_;
  observe::set_log_level(parts.config.log_level);
  make_room_for_connections(parts.config);
  const auto endpoint = parts.server.listen(parts.config.listen);
  const auto host =
      endpoint.address().is_v6() ? "[" + endpoint.address().to_string() + "]" : endpoint.address().to_string();
  const auto address = host + ":" + std::to_string(endpoint.port());
  observe::log(Level::info, "listening",
               {{"address", address},
                {"tls", parts.tls != nullptr},
                {"cluster", parts.cluster.source},
                {"version", QUARTERMASTER_VERSION}});
  spawn(parts.loop, watch_loop(parts));
  spawn(parts.loop, greet_api_server(parts));
  spawn(parts.loop, shut_down_on_signal(parts));
  const Call until_stopped{.stop = parts.stopping.get_token()};
  parts.caches.start(parts.loop, parts.config.cache_self_check, until_stopped);
  try {
    if (parts.config.measure_turns) {
      run_measured(parts);
    } else {
      parts.loop.run();
    }
  } catch (const std::exception& bug) {
    die_of(bug);
  }
}

}  // namespace quartermaster
