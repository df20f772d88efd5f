// Reads behind what was written last, and writes it.
#include "apps/cli/serve/audit-push.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "apps/cli/serve/server-words.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/store/sql/database.h"

namespace weir::cli {
namespace {

constexpr int kPauseMs = 500;
constexpr std::int64_t kTailBytes = 256 << 10;  // longer than any line

/// The number that the last line has; 0: the file is empty.
Result<std::int64_t> lastNumber(int file, const std::string& path) {
  struct stat found{};
  if (::fstat(file, &found) != 0 || found.st_size == 0) return 0;
  const auto from = std::max<std::int64_t>(0, found.st_size - kTailBytes);
  std::string tail(static_cast<std::size_t>(found.st_size - from), '\0');
  const auto got = ::pread(file, tail.data(), tail.size(), from);
  tail.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  // A line that was cut short by a loss of power is written again.
  const auto whole = tail.rfind('\n');
  if (whole == std::string::npos && from == 0) {
    if (::ftruncate(file, 0) == 0) return 0;
  } else if (whole != std::string::npos) {
    if (whole + 1 < tail.size() && ::ftruncate(file, from + static_cast<std::int64_t>(whole) + 1) != 0) {
      return fail("audit.file", "'" + path + "' cannot be cut behind its last whole line: " + std::strerror(errno));
    }
    const auto before = tail.rfind('\n', whole - 1);
    const auto begin = whole == 0 || before == std::string::npos ? 0 : before + 1;
    const auto line = json::parse(std::string_view(tail).substr(begin, whole - begin));
    const auto* number = line ? line->root().find("number") : nullptr;
    if (number != nullptr && number->asInt64() != nullptr) return *number->asInt64();
  }
  return fail("audit.file", "the last line of '" + path + "' is no entry of an audit log; name another file");
}

}  // namespace

std::string auditLine(const store::AuditRecord& record) {
  const auto& entry = record.entry;
  std::string text;
  json::Writer out(text);
  out.beginObject().key("number").value(record.number).key("at").value(entry.at).key("actor").value(entry.actor);
  out.key("credential").value(entry.credential).key("address").value(entry.address);
  out.key("request").value(entry.request).key("action").value(entry.action).key("object").value(entry.object);
  out.key("folder").value(entry.folder);
  if (!entry.detail.empty()) out.key("detail").raw(entry.detail);
  out.key("hash").value(record.hash).endObject();
  return text;
}

AuditPush::AuditPush(store::AuditLog& log, std::string file, bool syslog)
    : log_(log), path_(std::move(file)), syslog_(syslog) {
  if (syslog_) ::openlog("weir", LOG_PID | LOG_NDELAY, LOG_AUTHPRIV);
}

AuditPush::~AuditPush() {
  if (file_ >= 0) ::close(file_);
  if (syslog_) ::closelog();
}

Result<std::unique_ptr<AuditPush>> AuditPush::make(store::AuditLog& log, std::string file, bool syslog) {
  auto made = std::make_unique<AuditPush>(log, std::move(file), syslog);
  WEIR_TRY(made->goOn());
  return made;
}

Result<Unit> AuditPush::goOn() {
  if (!path_.empty()) {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ < 0) return fail("audit.file", "'" + path_ + "' cannot be opened: " + std::strerror(errno));
    WEIR_ASSIGN(last_, lastNumber(file_, path_));
    return Unit{};
  }
  store::AuditQuery newest;
  newest.limit = 1;
  WEIR_ASSIGN(const auto found, store::sql::waitFor(log_.list(std::move(newest), {})));
  if (!found.empty()) last_ = found.front().number;
  return Unit{};
}

bool AuditPush::write(const std::vector<store::AuditRecord>& records) {
  std::string text;
  for (const auto& record : records) text += auditLine(record) + "\n";
  if (file_ >= 0) {
    const auto size = ::lseek(file_, 0, SEEK_END);
    const auto written = ::write(file_, text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size()) || ::fdatasync(file_) != 0) {
      const int problem = errno;
      // All of them again later, and none twice.
      if (written > 0) static_cast<void>(::ftruncate(file_, size));
      if (!std::exchange(told_, true)) {
        say(LogLevel::error,
            "the audit log cannot be written to '" + path_ + "': " + std::strerror(problem) + "; it is tried again");
      }
      return false;
    }
    told_ = false;
  }
  if (syslog_) {
    for (const auto& record : records) ::syslog(LOG_NOTICE, "%s", auditLine(record).c_str());
  }
  return true;
}

int AuditPush::work() {
  if (!asked_.active()) {
    store::AuditQuery behind;
    behind.after = last_;
    behind.limit = kAtOnce;
    asked_ = log_.list(std::move(behind), {});
  }
  if (!asked_.ready()) return 20;
  const auto found = std::exchange(asked_, {}).take();
  if (!found || found->empty() || !write(*found)) return kPauseMs;
  last_ = found->back().number;
  return std::ssize(*found) == kAtOnce ? 0 : kPauseMs;
}

void AuditPush::finish() {
  asked_ = {};
  for (;;) {
    store::AuditQuery behind;
    behind.after = last_;
    behind.limit = kAtOnce;
    const auto found = store::sql::waitFor(log_.list(std::move(behind), {}));
    if (!found || found->empty() || !write(*found)) return;
    last_ = found->back().number;
  }
}

}  // namespace weir::cli
