// Who did what: a JSON line for each write and each read of secret values, and for each attempt. It never holds a
// value, a token or a body.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quartermaster::observe {

struct AuditRecord {
  std::string_view request_id = {}, peer = {};
  std::string_view user = {}, uid = {};
  std::span<const std::string> groups = {};
  std::string_view verb = {}, resource = {}, route = {}, ns = {};
  std::span<const std::string> names = {};
  bool dry_run = false;
  std::string_view decision = {};  // "allowed", "denied", "unauthenticated", "undecided", "unchecked"
  unsigned status = 0;
  std::string_view reason = {};  // of an error
};

class AuditLog {
 public:
  /// "-": standard output; "off"; else a file, to which lines are appended. Throws std::runtime_error with a sentence
  /// if it cannot be written.
  explicit AuditLog(std::string target);
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;
  ~AuditLog();

  bool on() const { return target_ != "off"; }
  /// Never waits and never throws: what cannot be written is counted. A file that was moved away is made anew.
  void write(const AuditRecord& record);

  std::uint64_t lines() const { return lines_; }
  std::uint64_t failures() const { return failures_; }

 private:
  bool is_file() const { return target_ != "-" && on(); }
  void open();
  void reopen_if_moved();
  bool put(std::string_view line);

  const std::string target_;
  int fd_ = -1;
  bool torn_ = false;  // the last line was cut off
  bool failing_ = false;
  std::uint64_t lines_ = 0, failures_ = 0;
};

/// The line, without its end: at most 4 KiB, for which long lists are cut.
std::string audit_line(const AuditRecord& record);

}  // namespace quartermaster::observe
