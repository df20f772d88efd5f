// A row for each file of letters, and one for each cause in it; where a run is, its record says.
#include "service/store/sql/letter-table.h"

#include <algorithm>
#include <utility>

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {"CREATE TABLE letter_segments (run TEXT NOT NULL, file TEXT NOT NULL, bytes INTEGER NOT NULL, "
     "modified INTEGER NOT NULL, PRIMARY KEY (run, file));"
     "CREATE TABLE letter_causes (run TEXT NOT NULL, file TEXT NOT NULL, node TEXT NOT NULL, code TEXT NOT NULL, "
     "letters INTEGER NOT NULL, edited INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, "
     "PRIMARY KEY (run, file, node, code));"
     "CREATE INDEX letter_causes_by_code ON letter_causes (code, node)"}};

/// Conditions over causes and their runs, with the texts that are bound in them.
struct Condition {
  std::string sql = " WHERE 1 = 1";
  std::vector<std::string> texts{};

  void equals(std::string_view column, const std::string& value) {
    if (value.empty()) return;
    sql.append(" AND ").append(column).append(" = ?");
    texts.push_back(value);
  }
  void anyOf(std::string_view column, const std::vector<std::string>& values) {
    if (values.empty()) return;
    sql.append(" AND ").append(column).append(" IN (");
    for (std::size_t i = 0; i < values.size(); ++i) sql += i == 0 ? "?" : ", ?";
    sql += ')';
    texts.insert(texts.end(), values.begin(), values.end());
  }
  /// One of the folders, or below it, or one of the flows as it is, where it lies; nothing of none.
  void inside(const std::vector<std::string>& folders, const std::vector<std::string>& flows) {
    if (std::ranges::contains(folders, "")) return;
    sql += " AND (1 = 0";
    for (const auto& folder : folders) {
      sql += " OR runs.folder = ? OR runs.folder LIKE ? ESCAPE '!'";
      texts.push_back(folder);
      texts.push_back(beginningWith(folder + "/"));
    }
    for (const auto& flow : flows) {
      sql +=
          " OR (runs.flow = ? AND EXISTS (SELECT 1 FROM flows WHERE flows.id = runs.flow AND flows.folder = "
          "runs.folder "
          "AND runs.flow_made_at IN (0, flows.created_at)))";
      texts.push_back(flow);
    }
    sql += ')';
  }
};

Condition conditionOf(const LetterQuery& query) {
  Condition condition;
  condition.equals("runs.flow", query.flow);
  condition.equals("runs.id", query.run);
  if (!query.folder.empty()) condition.inside({query.folder}, {});
  condition.anyOf("causes.node", query.nodes);
  condition.anyOf("causes.code", query.codes);
  if (query.edited) condition.sql += *query.edited ? " AND causes.edited > 0" : " AND causes.edited < causes.letters";
  if (query.visible) {
    condition.inside(query.visible->folders, query.visible->flows);
    if (!query.visible->within.empty()) condition.inside(query.visible->within, {});
  }
  return condition;
}

constexpr std::string_view kFrom = " FROM letter_causes AS causes JOIN runs ON runs.id = causes.run";

std::vector<Value> valuesOf(const Condition& condition, std::initializer_list<std::int64_t> numbers) {
  std::vector<Value> values(condition.texts.begin(), condition.texts.end());
  values.insert(values.end(), numbers.begin(), numbers.end());
  return values;
}

Result<void> forget(Session& session, const LetterSegment& segment) {
  WEIR_TRY(session.exec("DELETE FROM letter_causes WHERE run = ? AND file = ?", {segment.run, segment.file}));
  WEIR_TRY(session.exec("DELETE FROM letter_segments WHERE run = ? AND file = ?", {segment.run, segment.file}));
  return {};
}

Result<void> keep(Session& session, const LetterSegment& segment) {
  WEIR_TRY(forget(session, segment));
  WEIR_TRY(session.exec("INSERT INTO letter_segments (run, file, bytes, modified) VALUES (?, ?, ?, ?)",
                        {segment.run, segment.file, segment.bytes, segment.modified}));
  for (const auto& cause : segment.causes) {
    WEIR_TRY(session.exec(
        "INSERT INTO letter_causes (run, file, node, code, letters, edited, first_at, last_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {segment.run, segment.file, cause.node, cause.code, cause.letters, cause.edited, cause.firstAt, cause.lastAt}));
  }
  return {};
}

/// What a group has in common.
std::string_view columnsOf(LetterGroup group) {
  if (group == LetterGroup::cause) return "runs.flow, runs.folder, causes.node, causes.code";
  if (group == LetterGroup::run) return "runs.flow, runs.folder, runs.id";
  return "runs.flow, runs.folder";
}

LetterCount countOf(const Row& row, LetterGroup group) {
  LetterCount count{.flow = row.text(5), .folder = row.text(6), .run = {}, .node = {}, .code = {}};
  if (group == LetterGroup::run) count.run = row.text(7);
  if (group == LetterGroup::cause) {
    count.node = row.text(7);
    count.code = row.text(8);
  }
  count.letters = row.integer(0);
  count.edited = row.integer(1);
  count.runs = row.integer(2);
  count.firstAt = row.integer(3);
  count.lastAt = row.integer(4);
  return count;
}

}  // namespace

const Kind& letterKind() {
  static constexpr Kind kKind{"letters", kSteps};
  return kKind;
}

Operation<std::vector<LetterSegment>> SqlLetterIndex::segments(Waker waker) {
  using Segments = std::vector<LetterSegment>;
  return database_.read<Segments>(std::move(waker), [](Session& session) -> Result<Segments> {
    WEIR_ASSIGN(const auto rows, session.query("SELECT run, file, bytes, modified FROM letter_segments"));
    Segments all;
    for (const auto& row : rows) all.push_back({row.text(0), row.text(1), row.integer(2), row.integer(3)});
    return all;
  });
}

Operation<Unit> SqlLetterIndex::put(std::vector<LetterSegment> changed, std::vector<LetterSegment> gone, Waker waker) {
  return database_.write<Unit>(
      std::move(waker), [changed = std::move(changed), gone = std::move(gone)](Session& session) -> Result<Unit> {
        for (const auto& segment : gone) WEIR_TRY(forget(session, segment));
        for (const auto& segment : changed) WEIR_TRY(keep(session, segment));
        for (const auto* table : {"letter_causes", "letter_segments"}) {
          WEIR_TRY(session.exec(std::string("DELETE FROM ") + table + " WHERE run NOT IN (SELECT id FROM runs)"));
        }
        return Unit{};
      });
}

Operation<std::vector<LetterRun>> SqlLetterIndex::runs(LetterQuery query, std::int64_t upTo, std::int64_t limit,
                                                       Waker waker) {
  using Runs = std::vector<LetterRun>;
  return database_.read<Runs>(
      std::move(waker), [query = std::move(query), upTo, limit](Session& session) -> Result<Runs> {
        const auto condition = conditionOf(query);
        const auto sql = "SELECT DISTINCT runs.number, runs.id, runs.flow, runs.folder" + std::string(kFrom) +
                         condition.sql + " AND (? = 0 OR runs.number <= ?) ORDER BY runs.number DESC LIMIT ?";
        WEIR_ASSIGN(const auto rows, session.query(sql, valuesOf(condition, {upTo, upTo, limit})));
        Runs found;
        for (const auto& row : rows) found.push_back({row.text(1), row.text(2), row.text(3), row.integer(0)});
        return found;
      });
}

Operation<std::vector<LetterCount>> SqlLetterIndex::counts(LetterQuery query, LetterGroup group, std::int64_t limit,
                                                           Waker waker) {
  using Counts = std::vector<LetterCount>;
  return database_.read<Counts>(
      std::move(waker), [query = std::move(query), group, limit](Session& session) -> Result<Counts> {
        const auto condition = conditionOf(query);
        const std::string by(columnsOf(group));
        const auto* const letters = !query.edited   ? "causes.letters"
                                    : *query.edited ? "causes.edited"
                                                    : "causes.letters - causes.edited";
        const auto sql = "SELECT CAST(SUM(" + std::string(letters) +
                         ") AS BIGINT) AS n, CAST(SUM(causes.edited) AS BIGINT), "
                         "COUNT(DISTINCT causes.run), MIN(causes.first_at), MAX(causes.last_at), " +
                         by + std::string(kFrom) + condition.sql + " GROUP BY " + by + " ORDER BY n DESC, " + by +
                         " LIMIT ?";
        WEIR_ASSIGN(const auto rows, session.query(sql, valuesOf(condition, {limit})));
        Counts found;
        for (const auto& row : rows) found.push_back(countOf(row, group));
        return found;
      });
}

}  // namespace weir::store::sql
