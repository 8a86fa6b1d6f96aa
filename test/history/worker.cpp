#include "test/history/worker.hpp"

#include <algorithm>
#include <thread>

#include "test/support/json.hpp"

namespace quartermaster::history {
namespace {

constexpr const char* kTimeout = "timeout=3s";
constexpr auto kLongRead = std::chrono::milliseconds(20);
constexpr auto kRetryPause = std::chrono::milliseconds(25);
/// After which a request whose answer was lost has arrived, most probably, or never will.
constexpr auto kInFlight = std::chrono::milliseconds(500);

std::string path_of(Kind kind, const std::string& ns, const std::string& name) {
  if (kind == Kind::tenant) return name.empty() ? "/api/v1/tenant" : "/api/v1/tenant/" + name;
  const std::string list = std::string(kind == Kind::claim ? "/api/v1/pvc/" : "/api/v1/pod/") + ns;
  return name.empty() ? list : list + "/name/" + name;
}

std::optional<Version> version_said(const test::HttpAnswer& answer) {
  const auto text = answer.header("X-Resource-Version");
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoull(text);
}

/// The mark of an object as the service shows it.
Index mark_of(const test::json::value& shown, Kind kind) {
  const auto* mark = test::find(shown, std::string(kind == Kind::tenant ? "/tenantAnnotations/" : "/labels/") + kMark);
  return mark == nullptr ? kAbsent : std::stoll(std::string(mark->as_string()));
}

void raise(std::atomic<Version>& to, Version version) {
  for (auto now = to.load(); now < version && !to.compare_exchange_weak(now, version);) {
  }
}

}  // namespace

void Counts::add(const Counts& other) {
  for (const auto& [what, count] : other.operations) operations[what] += count;
  for (const auto& [status, count] : other.statuses) statuses[status] += count;
  unknown_writes += other.unknown_writes;
  versions_asked += other.versions_asked;
  cached += other.cached;
  waits += other.waits;
}

Worker::Worker(Stage& stage, Ledger& ledger, Board& board, const Settings& settings, std::size_t number)
    : stage_(stage),
      ledger_(ledger),
      board_(board),
      settings_(settings),
      number_(number),
      random_(static_cast<unsigned>(number)),
      clients_{Client(stage.replica(0).endpoint), Client(stage.replica(1).endpoint)} {
  for (std::size_t i = number; i < stage.objects().size(); i += settings.workers) own_.push_back(i);
}

void Worker::run() {
  try {
    for (std::size_t done = 0; (done = board_.done++) < settings_.operations && !board_.broken;) {
      const std::chrono::duration<double> due(static_cast<double>(done) / settings_.rate);
      std::this_thread::sleep_until(board_.begin + std::chrono::ceil<std::chrono::milliseconds>(due));
      any(4) == 0 ? write() : read({}, any(2));
    }
  } catch (...) {
    board_.broken = true;
    throw;
  }
}

void Worker::write() {
  const auto object = own_[any(own_.size())];
  const auto& target = *stage_.objects()[object];
  const auto writer = any(2);
  if (target.kind == Kind::tenant) {
    write_tenant(object);
  } else if (target.kind == Kind::claim && present_[object] && any(6) == 0) {
    delete_claim(object);
  } else {
    write_directly(object);
  }
  if (target.written != 0 && board_.done++ < settings_.operations) read(object, 1 - writer);
}

void Worker::write_directly(std::size_t object) {
  auto& target = *stage_.objects()[object];
  const auto index = begin(object);
  if (present_[object] && any(5) == 0) {
    ++counts_.operations["remove directly"];
    stage_.remove(target);
    know(object, {index, true, last_[object] + 1, stage_.version()});
  } else {
    ++counts_.operations["write directly"];
    const auto version = stage_.put(target, index);
    know(object, {index, false, version, version});
  }
}

void Worker::write_tenant(std::size_t object) {
  ++counts_.operations["write tenant"];
  const auto index = begin(object);
  test::HttpRequest request{.method = "PUT", .target = path_of(Kind::tenant, "", stage_.objects()[object]->name)};
  request.target += std::string("?") + kTimeout;
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::string(R"({"tenantAnnotations": {")") + kMark + R"(": ")" + std::to_string(index) + "\"}}";
  try {
    const auto answer = clients_[any(2)].call(request);
    ++counts_.statuses[answer.status];
    const auto version = version_said(answer);
    if (answer.status == 200 && version) return know(object, {index, false, last_[object] + 1, *version});
  } catch (const std::exception&) {
  }
  settle(object, index, false);
}

void Worker::delete_claim(std::size_t object) {
  ++counts_.operations["delete claim"];
  const auto index = begin(object);
  const auto& target = *stage_.objects()[object];
  try {
    const auto answer = clients_[any(2)].call(
        {.method = "DELETE", .target = path_of(Kind::claim, target.ns, target.name) + "?" + kTimeout});
    ++counts_.statuses[answer.status];
    const auto version = version_said(answer);
    if (answer.status == 200 && version) return know(object, {index, true, last_[object] + 1, *version});
  } catch (const std::exception&) {
  }
  settle(object, index, true);
}

/// Finds out whether a change has happened whose answer does not say so.
void Worker::settle(std::size_t object, Index index, bool removes) {
  ++counts_.unknown_writes;
  std::this_thread::sleep_for(kInFlight);
  const auto& target = *stage_.objects()[object];
  const auto found = stage_.find(target);
  if (removes && !found) return know(object, {index, true, last_[object] + 1, stage_.version()});
  if (!removes && found && found->first == index) return know(object, {index, false, last_[object] + 1, found->second});
  ledger_.add(object, {index, removes, last_[object] + 1, kForever, false});
}

void Worker::know(std::size_t object, const Change& change) {
  auto& target = *stage_.objects()[object];
  ledger_.add(object, change);
  present_[object] = !change.removes;
  last_[object] = change.latest;
  target.written = change.latest;
  raise(board_.latest[static_cast<std::size_t>(target.kind)], change.latest);
}

Version Worker::version_to_ask(Kind kind) {
  const auto k = static_cast<std::size_t>(kind);
  const auto dice = any(10);
  return dice == 0 ? 0 : dice < 5 ? session_[k] : board_.latest[k].load();
}

/// `own`: the object that was just written, by its version; else anything, at any version.
void Worker::read(std::optional<std::size_t> own, std::size_t replica) {
  const auto object = own.value_or(any(stage_.objects().size()));
  const auto& target = *stage_.objects()[object];
  const bool list = any(3) == 0;
  ++counts_.operations[list ? "read list" : "read one"];
  Read record;
  record.asked = own ? target.written.load() : version_to_ask(target.kind);
  auto path = path_of(target.kind, target.ns, list ? "" : target.name) + "?" + kTimeout;
  if (record.asked != 0) {
    ++counts_.versions_asked;
    if (!settings_.ignore_freshness) path += "&resourceVersion=" + std::to_string(record.asked);
  }
  record.number = reads_.size() * settings_.workers + number_;
  record.what = "replica " + std::to_string(replica) + ": GET " + path;
  const auto begin = std::chrono::steady_clock::now();
  try {
    const auto answer = clients_[replica].call({.target = path});
    ++counts_.statuses[answer.status];
    counts_.cached += answer.has_header("Age") ? 1 : 0;
    take(answer, list, list ? stage_.in(target.kind, target.ns) : std::vector{object}, std::move(record));
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(path + " from replica " + std::to_string(replica) + ": " + error.what());
  }
  if (std::chrono::steady_clock::now() - begin > kLongRead) ++counts_.waits;
}

void Worker::take(const test::HttpAnswer& answer, bool list, std::vector<std::size_t> scope, Read read) {
  const auto& objects = stage_.objects();
  const auto kind = objects[scope.front()]->kind;
  read.said = version_said(answer);
  if (answer.status >= 502) {  // the API server is away, or cut off its answer: a client comes back a little later
    std::this_thread::sleep_for(kRetryPause);
    return;
  }
  if (answer.status != 200 && (list || answer.status != 404)) {
    throw std::runtime_error(std::to_string(answer.status) + " " + answer.body);
  }
  std::map<std::string, Index> shown;
  if (answer.status == 200) {
    const auto body = answer.json();
    const char* const name = kind == Kind::tenant ? "/tenantName" : "/name";
    if (list) {
      for (const auto& item : test::at(body, "/items").as_array())
        shown[test::text_at(item, name)] = mark_of(item, kind);
    } else {
      shown[test::text_at(body, name)] = mark_of(body, kind);
    }
  }
  for (const auto object : scope) {
    const auto found = shown.find(objects[object]->name);
    read.seen.push_back({object, found == shown.end() ? kAbsent : found->second, objects[object]->attempted});
  }
  if (read.said) {
    auto& newest = session_[static_cast<std::size_t>(kind)];
    newest = std::max(newest, *read.said);
  }
  reads_.push_back(std::move(read));
}

}  // namespace quartermaster::history
