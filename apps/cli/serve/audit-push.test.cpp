// What goes to syslog: every entry that comes, once and in order, and none from before the start.
#include "apps/cli/serve/audit-push.h"

#include <doctest/doctest.h>
#include <syslog.h>

#include <cstdarg>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/json/document.h"

namespace {

struct Said {
  bool open = false;
  int facility = 0;
  std::vector<int> priorities;
  std::vector<std::string> lines;
};
Said& said() {
  static Said all;
  return all;
}

}  // namespace

// In the place of the machine's: what this program says to syslog stays in it. NOLINTBEGIN(cert-dcl50-cpp)
extern "C" {
void openlog(const char*, int, int facility) { said().open = true, said().facility = facility; }
void closelog() { said().open = false; }
void syslog(int priority, const char* format, ...) {
  va_list values;
  va_start(values, format);
  std::string line(8'192, '\0');
  const auto size = std::vsnprintf(line.data(), line.size(), format, values);
  va_end(values);
  line.resize(static_cast<std::size_t>(size));
  said().priorities.push_back(priority);
  said().lines.push_back(std::move(line));
}
}
// NOLINTEND(cert-dcl50-cpp)

namespace weir::cli {
namespace {

class Log final : public store::AuditLog {
 public:
  Operation<Unit> append(std::vector<store::AuditEntry> entries, Waker) override {
    for (auto& entry : entries) {
      records.push_back({.number = std::ssize(records) + 1, .entry = std::move(entry), .previous = {}, .hash = "h"});
    }
    return Operation<Unit>::finished(Unit{});
  }
  Operation<std::vector<store::AuditRecord>> list(store::AuditQuery query, Waker) override {
    std::vector<store::AuditRecord> found;
    if (query.after) {
      for (const auto& record : records) {
        if (record.number > *query.after && std::ssize(found) < query.limit) found.push_back(record);
      }
    } else {
      for (auto record = records.rbegin(); record != records.rend() && std::ssize(found) < query.limit; ++record) {
        found.push_back(*record);
      }
    }
    return Operation<std::vector<store::AuditRecord>>::finished(std::move(found));
  }
  Operation<store::AuditCheck> verify(Waker) override {
    return Operation<store::AuditCheck>::finished(store::AuditCheck{});
  }
  void add(const std::string& object) {
    store::AuditEntry entry;
    entry.action = "flow.created";
    entry.object = object;
    REQUIRE(append({std::move(entry)}, {}).take());
  }
  std::vector<store::AuditRecord> records;
};

}  // namespace

TEST_CASE("entries go to syslog as they come, each once, with nothing in them taken for a format") {
  said() = {};
  Log log;
  log.add("flow:before");
  {
    auto push = AuditPush::make(log, "", true);
    REQUIRE(push);
    CHECK(said().open);
    CHECK(said().facility == LOG_AUTHPRIV);
    static_cast<void>((*push)->work());
    CHECK(said().lines.empty());
    log.add("flow:%s%n");
    log.add("flow:two\nlines");
    for (int i = 0; i < 3; ++i) static_cast<void>((*push)->work());
    for (int i = 0; i < 2 * AuditPush::kAtOnce; ++i) log.add("flow:many");
    log.add("flow:last");
    static_cast<void>((*push)->work());
    (*push)->finish();
    (*push)->finish();
  }
  CHECK_FALSE(said().open);
  REQUIRE(std::ssize(said().lines) == std::ssize(log.records) - 1);
  for (std::size_t i = 0; i < said().lines.size(); ++i) {
    const auto& line = said().lines[i];
    CHECK(said().priorities[i] == LOG_NOTICE);
    CHECK(line.find('\n') == std::string::npos);
    const auto read = json::parse(line);
    REQUIRE(read);
    const auto* number = read->root().find("number");
    const auto* object = read->root().find("object");
    REQUIRE(number != nullptr);
    REQUIRE(object != nullptr);
    CHECK(*number->asInt64() == log.records[i + 1].number);
    CHECK(*object->asString() == log.records[i + 1].entry.object);
  }
}

}  // namespace weir::cli
