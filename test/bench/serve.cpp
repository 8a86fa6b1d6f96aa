// Answers from the cache, beside nginx with the same bytes as files.
#include "test/bench/http.hpp"
#include "test/bench/load.hpp"
#include "test/bench/rows.hpp"

namespace quartermaster::bench {

namespace {

struct Measured {
  Figure ours, nginx, micros;  // requests a second; CPU of the service for a request
};

/// In turns, so that what else the machine does hits both.
Measured measure(Service& service, const std::string& path, const Nginx& nginx, const std::string& file,
                 const Setting& setting) {
  std::vector<double> ours, theirs, micros;
  const int seconds = setting.quick ? 1 : 2;
  for (int i = 0; i < setting.runs(); ++i) {
    const Usage before = usage_of(service.pid());
    const Load load = run_wrk(service.url(path), seconds);
    micros.push_back((usage_of(service.pid()).cpu_seconds - before.cpu_seconds) / load.requests * 1e6);
    ours.push_back(load.per_second);
    theirs.push_back(run_wrk(nginx.url(file), seconds).per_second);
  }
  return {figure_of(ours), figure_of(theirs), figure_of(micros)};
}

void add(Table& table, const std::string& what, const Measured& m, double goal) {
  const double ratio = m.ours.median / m.nginx.median;
  table.add({.what = what + ", requests/s",
             .ours = text_of(m.ours),
             .beside = "nginx " + text_of(m.nginx),
             .ratio = text_of(ratio),
             .goal = goal > 0 ? "at least " + text_of(goal) + " of nginx" : "",
             .met = goal > 0 ? std::optional(ratio >= goal) : std::nullopt});
  table.add({.what = what + ", CPU", .ours = text_of(m.micros) + " µs"});
}

/// What it costs that the caller is checked, from decisions that are kept: beside a service that checks nobody.
void add_delegated(Setting& setting, Service& open, const std::string& path) {
  Service guarded(setting.target,
                  {"--log-level", "warning", "--auth-mode", "delegated", "--auth-audiences", kAudience});
  guarded.wait_ready();
  const std::vector<std::string> token = {"Authorization: Bearer " + setting.target.caller_token("caller")};
  std::vector<double> with, without, micros_with, micros_without;
  const int seconds = setting.quick ? 1 : 2;
  const auto measure = [&](Service& service, std::vector<double>& rates, std::vector<double>& micros) {
    const Usage before = usage_of(service.pid());
    const Load load = run_wrk(service.url(path), seconds, token);
    micros.push_back((usage_of(service.pid()).cpu_seconds - before.cpu_seconds) / load.requests * 1e6);
    rates.push_back(load.per_second);
  };
  for (int i = 0; i < setting.runs(); ++i) {
    measure(guarded, with, micros_with);
    measure(open, without, micros_without);
  }
  const Figure ours = figure_of(with), beside = figure_of(without);
  setting.table.add({.what = "one PVC from the cache, delegated, requests/s",
                     .ours = text_of(ours),
                     .beside = "unchecked " + text_of(beside),
                     .ratio = text_of(ours.median / beside.median)});
  setting.table.add({.what = "one PVC from the cache, delegated, CPU",
                     .ours = text_of(figure_of(micros_with)) + " µs",
                     .beside = "unchecked " + text_of(figure_of(micros_without)) + " µs"});
}

}  // namespace

void bench_serve(Setting& setting) {
  const StoredObject claim = claim_object(7);
  const std::string list = "/api/v1/pvc/" + namespace_name(0), one = list + "/name/" + claim.name;
  Service service(setting.target);
  service.wait_ready();
  KeepAlive client(service.endpoint());
  const Nginx nginx({{"list", client.exchange("GET " + list)}, {"one", client.exchange("GET " + one)}});
  add(setting.table, "list of 500 PVCs from the cache", measure(service, list, nginx, "list", setting), 0.7);
  add(setting.table, "one PVC from the cache", measure(service, one, nginx, "one", setting), 0.8);
  add_delegated(setting, service, one);

  Service talkative(setting.target, {});
  talkative.wait_ready();
  add(setting.table, "one PVC, each request logged (default)", measure(talkative, one, nginx, "one", setting), 0);
}

}  // namespace quartermaster::bench
