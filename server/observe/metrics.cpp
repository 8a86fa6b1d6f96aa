// Prometheus metrics by prometheus-cpp's core.
#include "server/observe/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <tuple>

#include "server/observe/log.hpp"

namespace quartermaster::observe {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

Histogram::BucketBoundaries latency_buckets() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
}

using Labels = std::tuple<std::string_view, std::string_view, unsigned>;

/// Looks labels up without a copy of them.
struct LabelsLess {
  using is_transparent = void;
  bool operator()(const Labels& a, const Labels& b) const { return a < b; }
};

/// Finding a metric by its labels costs prometheus-cpp a hash over all of them and a lock: this remembers where it is.
template <class Metric>
using Known = std::map<std::tuple<std::string, std::string, unsigned>, Metric*, LabelsLess>;

template <class Builder>
auto& new_family(prometheus::Registry& registry, Builder builder, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

template <class Metric, class Make>
Metric& find_or_make(Known<Metric>& known, std::string_view a, std::string_view b, unsigned c, const Make& make) {
  auto it = known.find(Labels(a, b, c));
  if (it == known.end()) it = known.emplace(std::tuple(std::string(a), std::string(b), c), &make()).first;
  return *it->second;
}

/// For what is counted elsewhere.
void raise(Counter& counter, std::uint64_t to) {
  if (const auto by = static_cast<double>(to) - counter.Value(); by > 0) counter.Increment(by);
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;

  prometheus::Family<Counter>& requests = new_family(
      registry, prometheus::BuildCounter(), "quartermaster_http_requests_total", "Answers by route, method and code");
  prometheus::Family<Histogram>& request_seconds =
      new_family(registry, prometheus::BuildHistogram(), "quartermaster_http_request_duration_seconds",
                 "From a request's complete head to its answer's last byte");
  prometheus::Family<Counter>& response_bytes =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_http_response_bytes_total",
                 "Bytes of bodies sent, by route");
  prometheus::Family<Counter>& upstream =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_upstream_requests_total",
                 "Requests to the API server by method, resource and code; code 0: no answer");
  prometheus::Family<Histogram>& upstream_seconds =
      new_family(registry, prometheus::BuildHistogram(), "quartermaster_upstream_request_duration_seconds",
                 "From sending a request to the API server to the head of its answer");
  prometheus::Family<Counter>& upstream_retries =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_upstream_retries_total",
                 "Requests to the API server that were tried again, by reason");
  prometheus::Family<Gauge>& pool_connections =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_upstream_connections",
                 "Connections to the API server by state");
  Gauge& pool_in_use = pool_connections.Add({{"state", "in_use"}});
  Gauge& pool_idle = pool_connections.Add({{"state", "idle"}});
  Gauge& pool_streams = pool_connections.Add({{"state", "streaming"}});
  Gauge& pool_waiting = new_family(registry, prometheus::BuildGauge(), "quartermaster_upstream_waiting",
                                   "Requests that wait for a connection to the API server")
                            .Add({});
  Counter& pool_opened =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_upstream_connections_opened_total",
                 "Connections opened to the API server")
          .Add({});
  Counter& pool_reused =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_upstream_connections_reused_total",
                 "Requests that went over a connection that was already open")
          .Add({});
  Gauge& reachable = new_family(registry, prometheus::BuildGauge(), "quartermaster_upstream_reachable",
                                "1 if the API server answered last")
                         .Add({});
  Gauge& circuit_open = new_family(registry, prometheus::BuildGauge(), "quartermaster_upstream_circuit_open",
                                   "1 while requests that need the API server are refused at once, as it is away")
                            .Add({});
  Counter& circuit_openings = new_family(registry, prometheus::BuildCounter(),
                                         "quartermaster_upstream_circuit_openings_total", "Times the circuit opened")
                                  .Add({});
  Counter& circuit_refusals =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_upstream_circuit_refusals_total",
                 "Requests to the API server that the open circuit refused")
          .Add({});
  Counter& credential_problems =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_credential_problems_total",
                 "Times a token or CA file could not be used")
          .Add({});
  Gauge& open_connections =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_http_connections", "Open connections of callers")
          .Add({});
  Counter& accepted_connections =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_http_connections_accepted_total",
                 "Connections of callers that were accepted")
          .Add({});
  Gauge& requests_in_flight = new_family(registry, prometheus::BuildGauge(), "quartermaster_http_requests_in_flight",
                                         "Requests whose answers are not complete, without probes and streams")
                                  .Add({});
  Gauge& streams =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_http_streams", "Logs that are being sent").Add({});
  Gauge& watchers =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_http_watchers", "Callers that listen to changes")
          .Add({});
  prometheus::Family<Gauge>& certificate_expiry =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_tls_certificate_expiry_timestamp_seconds",
                 "When the serving certificate expires, in Unix time");
  prometheus::Family<Counter>& rejections =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_http_rejected_total",
                 "Connections and requests that were refused because there were too many, by limit");
  Histogram& lag =
      new_family(registry, prometheus::BuildHistogram(), "quartermaster_event_loop_lag_seconds",
                 "How late the event loop's timer came")
          .Add({}, Histogram::BucketBoundaries{0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1});
  Histogram& turns = new_family(registry, prometheus::BuildHistogram(), "quartermaster_event_loop_turn_cpu_seconds",
                                "CPU time of the event loop's turns, with --measure-turns")
                         .Add({}, Histogram::BucketBoundaries{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05});
  Gauge& longest_turn = new_family(registry, prometheus::BuildGauge(),
                                   "quartermaster_event_loop_longest_turn_cpu_seconds", "The longest of these turns")
                            .Add({});
  Gauge& ready =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_ready", "1 while /readyz answers 200").Add({});

  // Of caches, by resource.
  prometheus::Family<Gauge>& cache_objects =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_cache_objects", "Objects in the cache");
  prometheus::Family<Gauge>& cache_bytes =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_cache_bytes", "Memory that the cache takes");
  prometheus::Family<Gauge>& cache_age =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_cache_age_seconds",
                 "How old the cache's content may be; 0 while it is kept up");
  prometheus::Family<Gauge>& cache_synced =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_cache_synced", "1 once the cache has content");
  prometheus::Family<Gauge>& cache_denied =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_cache_denied",
                 "1 while our credentials may not list and watch, and each read goes to the API server");
  prometheus::Family<Counter>& cache_lists =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_cache_lists_total", "Complete lists");
  prometheus::Family<Counter>& cache_relists = new_family(
      registry, prometheus::BuildCounter(), "quartermaster_cache_relists_total", "Complete lists but the first");
  prometheus::Family<Counter>& cache_restarts =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_cache_watch_restarts_total",
                 "Watches that went on where another had ended");
  prometheus::Family<Counter>& cache_events =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_cache_events_total", "Events of watches");
  prometheus::Family<Counter>& cache_failures = new_family(
      registry, prometheus::BuildCounter(), "quartermaster_cache_failures_total", "Lists and watches that failed");

  prometheus::Family<Counter>& cache_checks =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_cache_self_checks_total",
                 "Comparisons of the cache with the API server, by result: same, different or skipped");

  // Of reviews: "token" and "access".
  prometheus::Family<Counter>& auth_decisions =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_auth_decisions_total",
                 "Decisions on callers by review and result: cached, yes, no, error, or limited: too many were asking");
  prometheus::Family<Gauge>& auth_reviews = new_family(registry, prometheus::BuildGauge(), "quartermaster_auth_reviews",
                                                       "Reviews by state: running, waiting, or kept for a while");
  prometheus::Family<Gauge>& auth_denied =
      new_family(registry, prometheus::BuildGauge(), "quartermaster_auth_denied",
                 "1 while our credentials may not create reviews, and nobody is let in");
  Counter& auth_stale = new_family(registry, prometheus::BuildCounter(), "quartermaster_auth_stale_total",
                                   "Requests that an earlier yes let in while the API server could not be reached")
                            .Add({});
  Counter& audit_lines =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_audit_lines_total", "Audit lines written")
          .Add({});
  Counter& audit_failures =
      new_family(registry, prometheus::BuildCounter(), "quartermaster_audit_failures_total", "Audit lines lost")
          .Add({});

  Known<Counter> known_requests, known_upstream;
  Known<Histogram> known_seconds, known_upstream_seconds;
  Known<Counter> known_bytes;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::answered(std::string_view method, std::string_view route, unsigned status, double seconds,
                       std::size_t bytes) {
  find_or_make(impl_->known_requests, route, method, status, [&]() -> Counter& {
    return impl_->requests.Add(
        {{"route", std::string(route)}, {"method", std::string(method)}, {"code", std::to_string(status)}});
  }).Increment();
  find_or_make(impl_->known_seconds, route, method, 0, [&]() -> Histogram& {
    return impl_->request_seconds.Add({{"route", std::string(route)}, {"method", std::string(method)}},
                                      latency_buckets());
  }).Observe(seconds);
  find_or_make(impl_->known_bytes, route, "", 0, [&]() -> Counter& {
    return impl_->response_bytes.Add({{"route", std::string(route)}});
  }).Increment(static_cast<double>(bytes));
}

void Metrics::loop_lag(std::chrono::nanoseconds lag) { impl_->lag.Observe(std::chrono::duration<double>(lag).count()); }

void Metrics::loop_turn(std::chrono::nanoseconds cpu) {
  const auto seconds = std::chrono::duration<double>(cpu).count();
  impl_->turns.Observe(seconds);
  if (seconds > impl_->longest_turn.Value()) impl_->longest_turn.Set(seconds);
}

void Metrics::connections(std::size_t open, std::uint64_t accepted) {
  impl_->open_connections.Set(static_cast<double>(open));
  raise(impl_->accepted_connections, accepted);
}

void Metrics::under_way(std::size_t requests, std::size_t streams) {
  impl_->requests_in_flight.Set(static_cast<double>(requests));
  impl_->streams.Set(static_cast<double>(streams));
}

void Metrics::watchers(std::size_t count) { impl_->watchers.Set(static_cast<double>(count)); }

void Metrics::certificate_expires(std::chrono::system_clock::time_point when) {
  impl_->certificate_expiry.Add({}).Set(std::chrono::duration<double>(when.time_since_epoch()).count());
}

void Metrics::rejected(std::string_view limit, std::uint64_t total) {
  raise(impl_->rejections.Add({{"limit", std::string(limit)}}), total);
}

void Metrics::pool(const kubeapi::PoolStats& pool) {
  impl_->pool_in_use.Set(static_cast<double>(pool.in_use - pool.streams));
  impl_->pool_streams.Set(static_cast<double>(pool.streams));
  impl_->pool_idle.Set(static_cast<double>(pool.idle));
  impl_->pool_waiting.Set(static_cast<double>(pool.waiting));
  raise(impl_->pool_opened, pool.opened);
  raise(impl_->pool_reused, pool.reused);
}

void Metrics::ready(bool ready) { impl_->ready.Set(ready ? 1 : 0); }

void Metrics::cache(const kubeapi::CacheSummary& cache) {
  const prometheus::Labels labels{{"resource", std::string(cache.resource)}};
  impl_->cache_objects.Add(labels).Set(static_cast<double>(cache.objects));
  impl_->cache_bytes.Add(labels).Set(static_cast<double>(cache.bytes));
  impl_->cache_age.Add(labels).Set(std::chrono::duration<double>(cache.age).count());
  impl_->cache_synced.Add(labels).Set(cache.synced ? 1 : 0);
  impl_->cache_denied.Add(labels).Set(cache.denied ? 1 : 0);
  raise(impl_->cache_lists.Add(labels), cache.lists);
  raise(impl_->cache_relists.Add(labels), cache.relists);
  raise(impl_->cache_restarts.Add(labels), cache.watch_restarts);
  raise(impl_->cache_events.Add(labels), cache.events);
  raise(impl_->cache_failures.Add(labels), cache.failures);
  const auto checks = [&](const char* result) -> Counter& {
    return impl_->cache_checks.Add({{"resource", std::string(cache.resource)}, {"result", result}});
  };
  const auto& self_check = cache.self_check;
  raise(checks("same"), self_check.compared - self_check.different);
  raise(checks("different"), self_check.different);
  raise(checks("skipped"), self_check.skipped);
}

void Metrics::request_done(boost::beast::http::verb method, std::string_view resource, unsigned code, double seconds) {
  const std::string m(boost::beast::http::to_string(method)), r(resource);
  find_or_make(impl_->known_upstream, r, m, code, [&]() -> Counter& {
    return impl_->upstream.Add({{"resource", r}, {"method", m}, {"code", std::to_string(code)}});
  }).Increment();
  find_or_make(impl_->known_upstream_seconds, r, m, 0, [&]() -> Histogram& {
    return impl_->upstream_seconds.Add({{"resource", r}, {"method", m}}, latency_buckets());
  }).Observe(seconds);
}

void Metrics::request_retried(std::string_view why) {
  impl_->upstream_retries.Add({{"reason", std::string(why)}}).Increment();
}

void Metrics::reachable_changed(bool reachable, std::string_view why) {
  impl_->reachable.Set(reachable ? 1 : 0);
  if (reachable) {
    log(Level::info, "the API server answers");
  } else {
    log(Level::warning, "the API server cannot be used", {{"why", why}});
  }
}

void Metrics::credentials_event(bool problem, std::string_view message) {
  if (problem) impl_->credential_problems.Increment();
  log(problem ? Level::warning : Level::info, "credentials", {{"detail", message}});
}

void Metrics::auth(const auth::GateCounters& counters) {
  const auto review = [this](const std::string& name, const auth::LookupCounters& of) {
    const auto total = [&](const char* result, std::uint64_t value) {
      raise(impl_->auth_decisions.Add({{"review", name}, {"result", result}}), value);
    };
    total("cached", of.hits);
    total("yes", of.yes);
    total("no", of.no);
    total("error", of.errors);
    total("limited", of.limited);
    const auto state = [&](const char* what, std::size_t value) {
      impl_->auth_reviews.Add({{"review", name}, {"state", what}}).Set(static_cast<double>(value));
    };
    state("running", of.running);
    state("waiting", of.waiting);
    state("kept", of.kept);
    impl_->auth_denied.Add({{"review", name}}).Set(of.denied ? 1 : 0);
  };
  review("token", counters.tokens);
  review("access", counters.accesses);
  raise(impl_->auth_stale, counters.stale);
}

void Metrics::audit(std::uint64_t lines, std::uint64_t failures) {
  raise(impl_->audit_lines, lines);
  raise(impl_->audit_failures, failures);
}

void Metrics::circuit_changed(bool open, std::string_view why) {
  impl_->circuit_open.Set(open ? 1 : 0);
  if (open) impl_->circuit_openings.Increment();
  if (open)
    log(Level::warning, "the API server is taken to be away: requests that need it are refused", {{"why", why}});
  else
    log(Level::info, "the API server is back");
}

void Metrics::request_refused() { impl_->circuit_refusals.Increment(); }

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(impl_->registry.Collect()); }

}  // namespace quartermaster::observe
