// Entries as rows. Each hash covers its entry and the hash before, so that none can be changed, put in or taken out
// unseen by whoever knows a later hash.
#include "service/store/sql/audit-table.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "adapters/sodium/password.h"
#include "engine/json/writer.h"
#include "engine/text/base64.h"
#include "service/store/sql/kinds.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {{R"(CREATE TABLE audit (
  number BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, credential TEXT NOT NULL,
  address TEXT NOT NULL, request TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, folder TEXT NOT NULL,
  detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX audit_by_actor ON audit (actor, number);
CREATE INDEX audit_by_object ON audit (object, number);
CREATE TABLE audit_head (one BIGINT PRIMARY KEY, number BIGINT NOT NULL, hash TEXT NOT NULL);
INSERT INTO audit_head (one, number, hash) VALUES (1, 0, ''))"},
                           {R"(CREATE TABLE audit_anchor (
  one BIGINT PRIMARY KEY, number BIGINT NOT NULL, hash TEXT NOT NULL);
INSERT INTO audit_anchor (one, number, hash) VALUES (1, 0, ''))"}};

constexpr std::string_view kTrimmed = "audit.trimmed";
constexpr std::int64_t kMostTrimmed = 2'000;  // at a time
constexpr std::int64_t kRowBytes = 300, kMostRowBytes = 8'192;

constexpr std::string_view kColumns =
    "SELECT number, at, actor, credential, address, request, action, object, folder, detail, previous, hash FROM "
    "audit ";

std::string hashOf(const std::string& previous, std::int64_t number, const AuditEntry& entry) {
  std::string text;
  text.reserve(512);
  json::Writer out(text);
  out.beginArray().value(previous).value(number).value(entry.at).value(entry.actor);
  out.value(entry.credential).value(entry.address).value(entry.request).value(entry.action).value(entry.object);
  out.value(entry.folder).value(entry.detail).endArray();
  return encodeHex(sodium::sha256(text));
}

AuditRecord recordOf(const Row& row) {
  AuditRecord record{.number = row.integer(0), .entry = {}, .previous = row.text(10), .hash = row.text(11)};
  record.entry = {row.integer(1), row.text(2), row.text(3), row.text(4), row.text(5),
                  row.text(6),    row.text(7), row.text(8), row.text(9)};
  return record;
}

/// " AND (...)" for the folders that may be seen, with their values behind `values`.
std::string within(const auth::Reach& reach, std::vector<std::string>& kept) {
  const auto any = [&kept](const std::vector<std::string>& folders) {
    std::string text;
    for (const auto& folder : folders) {
      text += text.empty() ? "(" : " OR ";
      if (folder.empty()) {
        text += "1 = 1";
        continue;
      }
      kept.push_back(folder);
      kept.push_back(beginningWith(folder + "/"));
      text += "folder = ? OR folder LIKE ? ESCAPE '!'";
    }
    return text.empty() ? std::string(" AND 1 = 0") : " AND " + text + ")";
  };
  return any(reach.folders) + (reach.within.empty() ? "" : any(reach.within));
}

std::string problemOf(const AuditRecord& record, const AuditRecord& before) {
  const auto name = "entry " + std::to_string(record.number);
  if (record.number != before.number + 1) {
    return "the entries from " + std::to_string(before.number + 1) + " to " + std::to_string(record.number - 1) +
           " are missing";
  }
  if (record.previous != before.hash) return name + " does not follow on the one before: that was changed or replaced";
  if (record.hash != hashOf(record.previous, record.number, record.entry))
    return name + " is not what was written: it was changed afterwards";
  return {};
}

/// What a thread wants its next change to take along.
struct Told {
  const Database* database = nullptr;
  AuditEntry entry;
};
thread_local std::optional<Told> told;

/// A change, and behind it its entry.
class EntryJob final : public StoreJob {
 public:
  EntryJob(std::unique_ptr<StoreJob> change, AuditEntry entry) : change_(std::move(change)), entry_(std::move(entry)) {
    frees = change_->frees;
  }
  Result<void> work(Session& session) override {
    WEIR_TRY(change_->work(session));
    return appendAudit(session, {&entry_, 1});
  }
  void tell(const Result<void>& kept) override { change_->tell(kept); }
  [[nodiscard]] Given given() const override { return change_->given(); }

 private:
  std::unique_ptr<StoreJob> change_;
  AuditEntry entry_;
};

/// How that detail ends for a record.
std::string endOf(const AuditRecord& last) {
  return "\"through\":" + std::to_string(last.number) + ",\"hash\":\"" + last.hash + "\"}";
}

/// What an entry about removed ones says of the last of them.
std::string trimDetail(std::int64_t from, const AuditRecord& last) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("from").value(from).key("through").value(last.number).key("hash").value(last.hash).endObject();
  return text;
}

/// The last entry that was removed: number 0 if none was.
Result<AuditRecord> anchorOf(Session& session) {
  WEIR_ASSIGN(const auto row, session.queryOne("SELECT number, hash FROM audit_anchor WHERE one = 1"));
  if (!row) return fail("storage.corrupt", "the beginning of the audit log is missing");
  return AuditRecord{.number = row->integer(0), .entry = {}, .previous = {}, .hash = row->text(1)};
}

Result<AuditCheck> check(Session& session) {
  AuditCheck found;
  WEIR_ASSIGN(auto last, anchorOf(session));
  const auto anchor = last;
  bool vouched = anchor.number == 0;
  for (;;) {
    WEIR_ASSIGN(const auto rows,
                session.query(std::string(kColumns) + "WHERE number > ? ORDER BY number LIMIT 1000", {last.number}));
    for (const auto& row : rows) {
      auto record = recordOf(row);
      if (found.problem.empty()) found.problem = problemOf(record, last);
      if (record.entry.action == kTrimmed && record.entry.detail.ends_with(endOf(anchor))) vouched = true;
      ++found.entries;
      last = std::move(record);
    }
    if (rows.empty()) break;
  }
  WEIR_ASSIGN(const auto head, session.queryOne("SELECT number, hash FROM audit_head WHERE one = 1"));
  if (!head) return fail("storage.corrupt", "the head of the audit log is missing");
  if (found.problem.empty() && (head->integer(0) != last.number || head->text(1) != last.hash)) {
    found.problem = "the log ends with entry " + std::to_string(last.number) + ", and " +
                    std::to_string(head->integer(0)) + " were written: the last ones are missing";
  }
  if (found.problem.empty() && !vouched) {
    found.problem = "the log begins with entry " + std::to_string(anchor.number + 1) +
                    ", and no entry says that those before were removed";
  }
  found.head = last.hash;
  return found;
}

/// The last entry of those that are kept no longer; 0: all are.
Result<std::int64_t> lastToTrim(Session& session, const AuditKeep& keep, const AuditRecord& anchor, std::int64_t last,
                                std::int64_t nowMs) {
  std::int64_t through = 0;
  if (keep.keepMs > 0) {
    // Not each minute for a few: an entry is written for them, too.
    const auto slack = std::min<std::int64_t>(keep.keepMs / 10, 86'400'000);
    WEIR_ASSIGN(const auto oldest, session.queryOne("SELECT at FROM audit WHERE number = ?", {anchor.number + 1}));
    if (oldest && oldest->integer(0) < nowMs - keep.keepMs - slack) {
      WEIR_ASSIGN(const auto young,
                  session.queryOne("SELECT number FROM audit WHERE number > ? AND at >= ? ORDER BY number LIMIT 1",
                                   {anchor.number, nowMs - keep.keepMs}));
      through = young ? young->integer(0) - 1 : last - 1;
    }
  }
  if (keep.keepRows > 0 && last - anchor.number > keep.keepRows) {
    // Some more than needed: an entry is written for them, too.
    through = std::max(through, last - keep.keepRows + keep.keepRows / 10);
  }
  if (keep.keepBytes > 0 && (last - anchor.number) * kMostRowBytes > keep.keepBytes) {
    WEIR_ASSIGN(const auto all, session.queryOne("SELECT SUM(LENGTH(detail) + ?) FROM audit", {kRowBytes}));
    if (all && all->integer(0) > keep.keepBytes) {
      WEIR_ASSIGN(const auto over, session.queryOne("SELECT number FROM (SELECT number, SUM(LENGTH(detail) + ?) OVER "
                                                    "(ORDER BY number DESC) AS total FROM audit) AS counted WHERE "
                                                    "total > ? ORDER BY number DESC LIMIT 1",
                                                    {kRowBytes, keep.keepBytes / 10 * 9}));
      if (over) through = std::max(through, over->integer(0));
    }
  }
  return std::min({through, last - 1, anchor.number + kMostTrimmed});
}

Result<std::int64_t> trim(Session& session, const AuditKeep& keep, std::int64_t nowMs) {
  // Locked in the order in which others do, so that two servers never wait for each other.
  WEIR_ASSIGN(const auto head,
              session.queryOne("UPDATE audit_head SET number = number WHERE one = 1 RETURNING number"));
  if (!head) return fail("storage.corrupt", "the head of the audit log is missing");
  WEIR_ASSIGN(const auto anchor, anchorOf(session));
  WEIR_ASSIGN(const auto through, lastToTrim(session, keep, anchor, head->integer(0), nowMs));
  if (through <= anchor.number) return 0;
  WEIR_ASSIGN(const auto row, session.queryOne(std::string(kColumns) + "WHERE number = ?", {through}));
  if (!row) return fail("storage.corrupt", "entry " + std::to_string(through) + " of the audit log is missing");
  const auto last = recordOf(*row);
  WEIR_ASSIGN(const auto removed, session.exec("DELETE FROM audit WHERE number <= ?", {through}));
  WEIR_TRY(session.exec("UPDATE audit_anchor SET number = ?, hash = ? WHERE one = 1", {last.number, last.hash}));
  AuditEntry entry;
  entry.at = nowMs;
  entry.action = kTrimmed;
  entry.detail = trimDetail(anchor.number + 1, last);
  WEIR_TRY(appendAudit(session, {&entry, 1}));
  return removed;
}

}  // namespace

const Kind& auditKind() {
  static constexpr Kind kKind{"audit", kSteps};
  return kKind;
}

Result<void> appendAudit(Session& session, std::span<const AuditEntry> entries) {
  // Numbers have no gaps. SQLite has one writer; elsewhere the row is locked from here to the end of the transaction.
  const std::string_view last = session.dialect() == Dialect::sqlite
                                    ? "SELECT number, hash FROM audit_head WHERE one = 1"
                                    : "UPDATE audit_head SET number = number WHERE one = 1 RETURNING number, hash";
  for (const auto& entry : entries) {
    WEIR_ASSIGN(const auto head, session.queryOne(last));
    if (!head) return fail("storage.corrupt", "the head of the audit log is missing");
    const auto number = head->integer(0) + 1;
    const auto& previous = head->text(1);
    const auto hash = hashOf(previous, number, entry);
    WEIR_TRY(
        session.exec("INSERT INTO audit (number, at, actor, credential, address, request, action, object, folder, "
                     "detail, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     {number, entry.at, entry.actor, entry.credential, entry.address, entry.request, entry.action,
                      entry.object, entry.folder, entry.detail, previous, hash}));
    WEIR_TRY(session.exec("UPDATE audit_head SET number = ?, hash = ? WHERE one = 1", {number, hash}));
  }
  return {};
}

Result<void> appendAudit(Session& session, AuditEntry entry, const Revisions& revisions) {
  std::string detail;
  json::Writer out(detail);
  const auto number = [&out](std::string_view key, std::int64_t value) {
    if (value != 0) out.key(key).value(value);
  };
  out.beginObject();
  number("before", revisions.before);
  number("after", revisions.after);
  number("version", revisions.version);
  if (!entry.detail.empty()) out.key("request").raw(entry.detail);
  out.endObject();
  entry.detail = std::move(detail);
  return appendAudit(session, {&entry, 1});
}

void takeAlong(const Database& database, AuditEntry entry) { told = Told{&database, std::move(entry)}; }

std::unique_ptr<StoreJob> withEntry(const Database& database, std::unique_ptr<StoreJob> job) {
  if (!told || told->database != &database) return job;
  auto entry = std::move(told->entry);
  told.reset();
  return std::make_unique<EntryJob>(std::move(job), std::move(entry));
}

Operation<std::int64_t> trimmedEntries(Database& database, Waker waker) {
  return database.read<std::int64_t>(std::move(waker), [](Session& session) -> Result<std::int64_t> {
    WEIR_ASSIGN(const auto anchor, anchorOf(session));
    return anchor.number;
  });
}

Operation<std::int64_t> trimAudit(Database& database, AuditKeep keep, std::int64_t nowMs, Waker waker) {
  return database.write<std::int64_t>(
      std::move(waker), [keep, nowMs](Session& session) { return trim(session, keep, nowMs); }, Database::Room::frees);
}

Operation<Unit> SqlAuditLog::append(std::vector<AuditEntry> entries, Waker waker) {
  return database_.write<Unit>(std::move(waker), [entries = std::move(entries)](Session& session) -> Result<Unit> {
    WEIR_TRY(appendAudit(session, entries));
    return Unit{};
  });
}

Operation<std::vector<AuditRecord>> SqlAuditLog::list(AuditQuery query, Waker waker) {
  return database_.read<std::vector<AuditRecord>>(
      std::move(waker), [query = std::move(query)](Session& session) -> Result<std::vector<AuditRecord>> {
        std::vector<std::string> texts;
        auto sql = std::string(kColumns) + "WHERE 1 = 1" + within(query.visible, texts);
        const auto equals = [&](const char* column, const std::string& value) {
          if (value.empty()) return;
          texts.push_back(value);
          sql.append(" AND ").append(column).append(" = ?");
        };
        equals("actor", query.actor);
        equals("object", query.object);
        if (query.action.ends_with('.')) {
          texts.push_back(beginningWith(query.action));
          sql += " AND action LIKE ? ESCAPE '!'";
        } else {
          equals("action", query.action);
        }
        if (query.folder && !query.folder->empty()) {
          texts.push_back(*query.folder);
          texts.push_back(beginningWith(*query.folder + "/"));
          sql += " AND (folder = ? OR folder LIKE ? ESCAPE '!')";
        }
        std::vector<Value> values(texts.begin(), texts.end());
        if (query.from > 0) {
          sql += " AND at >= ?";
          values.emplace_back(query.from);
        }
        if (query.until > 0) {
          sql += " AND at <= ?";
          values.emplace_back(query.until);
        }
        if (query.before > 0) {
          sql += " AND number < ?";
          values.emplace_back(query.before);
        }
        if (query.after) {
          sql += " AND number > ?";
          values.emplace_back(*query.after);
        }
        values.emplace_back(query.limit);
        sql += query.after ? " ORDER BY number LIMIT ?" : " ORDER BY number DESC LIMIT ?";
        WEIR_ASSIGN(const auto rows, session.query(sql, values));
        std::vector<AuditRecord> records;
        for (const auto& row : rows) records.push_back(recordOf(row));
        return records;
      });
}

Operation<AuditCheck> SqlAuditLog::verify(Waker waker) {
  return database_.read<AuditCheck>(std::move(waker), [](Session& session) { return check(session); });
}

}  // namespace weir::store::sql
