// Entries as rows. Each hash covers its entry and the hash before, so that none can be changed, put in or taken out
// unseen by whoever knows a later hash.
#include "service/store/sql/audit-table.h"

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
INSERT INTO audit_head (one, number, hash) VALUES (1, 0, ''))"}};

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

Result<AuditCheck> check(Session& session) {
  AuditCheck found;
  AuditRecord last;
  for (;;) {
    WEIR_ASSIGN(const auto rows,
                session.query(std::string(kColumns) + "WHERE number > ? ORDER BY number LIMIT 1000", {last.number}));
    for (const auto& row : rows) {
      auto record = recordOf(row);
      if (found.problem.empty()) found.problem = problemOf(record, last);
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
  found.head = last.hash;
  return found;
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
        std::vector<Value> values(texts.begin(), texts.end());
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
