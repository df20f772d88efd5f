// AuditPush: writes what the audit log gains to a file or to syslog, where other machines can take it from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/host/operation.h"
#include "service/store/audit.h"

namespace weir::cli {

/// A line of JSON an entry, in their order, each once: a file goes on behind its last line, syslog behind the newest
/// entry at the start. A file that cannot be written is tried again until it can; nothing is left out.
class AuditPush {
 public:
  /// `audit.file`: it cannot be opened, or its last line is none of ours. Both may be given; `log` outlives it.
  [[nodiscard]] static Result<std::unique_ptr<AuditPush>> make(store::AuditLog& log, std::string file, bool syslog);
  AuditPush(store::AuditLog& log, std::string file, bool syslog);
  ~AuditPush();
  AuditPush(const AuditPush&) = delete;
  AuditPush& operator=(const AuditPush&) = delete;

  /// On the server's thread; gives the milliseconds until it wants to be called again.
  int work();
  /// At the end: all that is in the log.
  void finish();

  static constexpr std::int64_t kAtOnce = 500;

 private:
  [[nodiscard]] Result<Unit> goOn();
  [[nodiscard]] bool write(const std::vector<store::AuditRecord>& records);

  store::AuditLog& log_;
  std::string path_;
  int file_ = -1;
  bool syslog_ = false, told_ = false;
  std::int64_t last_ = 0;  // the number of the last entry that was written
  Operation<std::vector<store::AuditRecord>> asked_;
};

/// One line, without its end: the members of GET /api/v1/audit.
[[nodiscard]] std::string auditLine(const store::AuditRecord& record);

}  // namespace weir::cli
