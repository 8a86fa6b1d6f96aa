// Audit lines, written straight to a file descriptor.
#include "server/observe/audit_log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "model/json.hpp"
#include "model/timestamp.hpp"
#include "server/observe/log.hpp"

namespace quartermaster::observe {
namespace {

// A pipe takes lines of up to 4 KiB in one piece, and says beforehand whether it does.
constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxGroups = 16, kMaxGroupBytes = 1000, kMaxNamesBytes = 1200;
constexpr std::size_t kMaxName = 253;  // of users, too

std::string_view cut(std::string_view text) { return text.substr(0, kMaxName); }

/// As many as fit.
void write_list(json::Writer& out, std::string_view field, std::span<const std::string> list, std::size_t most,
                std::size_t max_bytes) {
  out.key(field).begin_array();
  std::size_t bytes = 0;
  for (const auto& item : list.first(std::min(list.size(), most))) {
    bytes += cut(item).size() + 3;
    if (bytes > max_bytes) break;
    out.string(cut(item));
  }
  out.end_array();
}

}  // namespace

std::string audit_line(const AuditRecord& record) {
  std::string line;
  json::Writer out(line);
  const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  out.begin_object().field("time", format_timestamp(now)).field("msg", "audit");
  out.field("requestId", record.request_id).field("peer", record.peer);
  out.key("user").begin_object().field("name", cut(record.user)).field("uid", cut(record.uid));
  write_list(out, "groups", record.groups, kMaxGroups, kMaxGroupBytes);
  out.end_object();
  out.field("verb", record.verb).field("resource", record.resource).field("route", record.route);
  out.field("namespace", record.ns);
  write_list(out, "names", record.names, record.names.size(), kMaxNamesBytes);
  out.field("count", static_cast<std::int64_t>(record.names.size())).field("dryRun", record.dry_run);
  out.field("decision", record.decision).field("status", static_cast<std::int64_t>(record.status));
  out.field("reason", record.reason).end_object();
  if (line.size() < kMaxLine || (record.groups.empty() && record.names.empty())) return line;
  auto shorter = record;  // of many characters that must be escaped
  shorter.groups = shorter.names = {};
  return audit_line(shorter);
}

AuditLog::AuditLog(std::string target) : target_(std::move(target)) {
  if (target_ == "-") fd_ = STDOUT_FILENO;
  if (!is_file()) return;
  open();
  if (fd_ < 0) throw std::runtime_error("--audit-log " + target_ + ": cannot be written: " + std::strerror(errno));
}

AuditLog::~AuditLog() {
  if (is_file() && fd_ >= 0) ::close(fd_);
}

void AuditLog::open() {
  fd_ = ::open(target_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  torn_ = false;
}

void AuditLog::reopen_if_moved() {
  struct stat there {
  }, ours{};
  const bool same = fd_ >= 0 && ::stat(target_.c_str(), &there) == 0 && ::fstat(fd_, &ours) == 0 &&
                    there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
  if (same) return;
  if (fd_ >= 0) ::close(fd_);
  open();
}

bool AuditLog::put(std::string_view line) {
  pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
  if (fd_ < 0 || ::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return false;
  const auto written = ::write(fd_, line.data(), line.size());
  torn_ = written > 0 && static_cast<std::size_t>(written) < line.size();
  return written == static_cast<ssize_t>(line.size());
}

void AuditLog::write(const AuditRecord& record) {
  if (!on()) return;
  if (is_file()) reopen_if_moved();
  const auto line = (torn_ ? "\n" : "") + audit_line(record) + "\n";
  const bool failed = !put(line);
  ++(failed ? failures_ : lines_);
  if (std::exchange(failing_, failed) == failed) return;
  if (failed) log(Level::error, "audit lines are lost", {{"target", target_}});
  if (!failed) log(Level::info, "audit lines are written again", {{"target", target_}, {"lost", failures_}});
}

}  // namespace quartermaster::observe
