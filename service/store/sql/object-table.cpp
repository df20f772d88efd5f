// All changes of objects are made by the thread that writes, so that none is removed while a row comes to name it.
#include "service/store/sql/object-table.h"

#include <unordered_set>
#include <utility>

#include "adapters/sodium/sodium.h"
#include "engine/text/base64.h"
#include "service/store/objects.h"
#include "service/store/sql/kinds.h"

namespace weir::store::sql {
namespace {

constexpr std::int64_t kAtOnce = 200;

// The salt makes names that say nothing about what is in a file to who has only the folder.
constexpr Step kSteps[] = {
    {"CREATE TABLE objects (name TEXT PRIMARY KEY, bytes BIGINT NOT NULL, made_at BIGINT NOT NULL, dropped_at BIGINT);"
     "CREATE INDEX objects_dropped ON objects (dropped_at) WHERE dropped_at IS NOT NULL;"
     "CREATE TABLE object_salt (salt TEXT NOT NULL)"}};
constexpr Kind kKind{"objects", kSteps};

/// Of the row of objects that is looked at.
constexpr std::string_view kUnnamed =
    " AND NOT EXISTS (SELECT 1 FROM flow_documents WHERE object = objects.name)"
    " AND NOT EXISTS (SELECT 1 FROM versions WHERE object = objects.name)"
    " AND NOT EXISTS (SELECT 1 FROM run_documents WHERE object = objects.name)";

Result<std::string> saltOf(Session& session) {
  WEIR_ASSIGN(const auto known, session.queryOne("SELECT salt FROM object_salt LIMIT 1"));
  if (known) return known->text(0);
  auto made = encodeHex(sodium::randomBytes(sodium::Key::kBytes));
  WEIR_TRY(session.exec("INSERT INTO object_salt (salt) VALUES (?)", {made}));
  return made;
}

Result<std::string> nameOf(Session& session, std::string_view text) {
  WEIR_ASSIGN(const auto salt, saltOf(session));
  const auto key = sodium::Key::of(sodium::sumOf(salt));
  return encodeHex(sodium::sumOf(text, &key));
}

}  // namespace

const Kind& objectKind() { return kKind; }

Result<RowText> rowText(Session& session, std::string_view text, std::int64_t nowMs) {
  if (session.objects == nullptr || text.size() <= kMostInRow) return RowText{text, std::nullopt};
  WEIR_ASSIGN(auto name, nameOf(session, text));
  WEIR_ASSIGN(const auto known, session.queryOne("SELECT dropped_at FROM objects WHERE name = ?", {name}));
  // One that has come to harm is made whole by who writes its text again.
  const bool there = known && known->null(0) && session.objects->get(name);
  if (!there) WEIR_TRY(session.objects->put(name, text));
  WEIR_TRY(
      session.exec("INSERT INTO objects (name, bytes, made_at) VALUES (?, ?, ?) "
                   "ON CONFLICT (name) DO UPDATE SET dropped_at = NULL",
                   {name, text.size(), nowMs}));
  return RowText{{}, std::move(name)};
}

Result<std::string> textOf(Session& session, const Row& row, std::size_t text, std::size_t object,
                           const std::string& whose) {
  if (row.null(object)) return row.text(text);
  if (session.objects == nullptr) {
    return fail("storage.corrupt",
                whose + " is the object " + row.text(object) + ", and this server has no folder of objects");
  }
  auto got = session.objects->get(row.text(object));
  if (!got) got.error().message = whose + " cannot be read: " + got.error().message;
  return got;
}

std::vector<std::string> namesIn(const std::vector<Row>& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) {
    if (!row.null(0)) names.push_back(row.text(0));
  }
  return names;
}

Result<void> dropped(Session& session, const std::vector<std::string>& names, std::int64_t nowMs) {
  static const auto kDrop =
      "UPDATE objects SET dropped_at = ? WHERE name = ? AND dropped_at IS NULL" + std::string(kUnnamed);
  for (const auto& name : names) WEIR_TRY(session.post(kDrop, {nowMs, name}));
  return {};
}

Operation<std::vector<std::string>> unknownObjects(Database& database, std::vector<std::string> files, Waker waker) {
  using Names = std::vector<std::string>;
  return database.read<Names>(std::move(waker), [files = std::move(files)](Session& session) -> Result<Names> {
    WEIR_ASSIGN(const auto rows, session.query("SELECT name FROM objects"));
    std::unordered_set<std::string_view> known;
    for (const auto& row : rows) known.insert(row.text(0));
    Names strays;
    for (const auto& file : files) {
      if (!known.contains(file)) strays.push_back(file);
    }
    return strays;
  });
}

Operation<std::int64_t> sweepObjects(Database& database, std::vector<std::string> strays, std::int64_t nowMs,
                                     std::int64_t graceMs, Waker waker) {
  return database.write<std::int64_t>(
      std::move(waker),
      [strays = std::move(strays), nowMs, graceMs](Session& session) -> Result<std::int64_t> {
        static const auto kSelect =
            "SELECT name FROM objects WHERE dropped_at <= ?" + std::string(kUnnamed) + " LIMIT ?";
        if (session.objects == nullptr || session.objects->isCopied()) return 0;
        WEIR_ASSIGN(const auto rows, session.query(kSelect, {nowMs - graceMs, kAtOnce}));
        const auto names = namesIn(rows);
        // The file goes first: who wants the name again before the row has gone sees that it was dropped.
        for (const auto& name : names) {
          WEIR_TRY(session.objects->remove(name));
          WEIR_TRY(session.exec("DELETE FROM objects WHERE name = ?", {name}));
        }
        auto gone = std::ssize(names);
        for (const auto& stray : strays) {
          WEIR_ASSIGN(const auto known, session.queryOne("SELECT 1 FROM objects WHERE name = ?", {stray}));
          if (known) continue;
          WEIR_TRY(session.objects->remove(stray));
          ++gone;
        }
        return gone;
      },
      Database::Room::frees);
}

}  // namespace weir::store::sql
