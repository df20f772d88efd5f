// What each run has is counted where lines are added and removed, so nobody has to count a million of them.
#include "service/store/sql/log-keep.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace weir::store::sql {
namespace {

/// In one change; of one run, before it is asked again who has most.
constexpr std::int64_t kAtOnce = 500, kOfOne = 100;
constexpr std::int64_t kMostRuns = 100;

struct Share {
  std::int64_t lines = 0, bytes = 0;
};
using Shares = std::map<std::string, Share>;  // by folder

struct Line {
  std::int64_t number = 0, at = 0, bytes = 0;
};

Result<Shares> sharesIn(Session& session) {
  WEIR_ASSIGN(const auto rows, session.query("SELECT folder, CAST(SUM(lines) AS BIGINT), CAST(SUM(bytes) AS BIGINT) "
                                             "FROM run_log_use GROUP BY folder"));
  Shares shares;
  for (const auto& row : rows) shares.emplace(row.text(0), Share{row.integer(1), row.integer(2)});
  return shares;
}

std::int64_t totalOf(const Shares& shares, std::int64_t Share::* size) {
  std::int64_t all = 0;
  for (const auto& [folder, share] : shares) all += share.*size;
  return all;
}

/// The oldest of a run. Nobody else removes lines of it until this change is done.
Result<std::vector<Line>> oldestOf(Session& session, const std::string& run, std::int64_t most) {
  WEIR_TRY(session.exec("UPDATE run_log_use SET lines = lines WHERE run = ?", {run}));
  WEIR_ASSIGN(const auto rows,
              session.query("SELECT number, at, line FROM run_logs WHERE run = ? ORDER BY epoch, seq, number LIMIT ?",
                            {run, most}));
  std::vector<Line> lines;
  for (const auto& row : rows) {
    lines.push_back({row.integer(0), row.integer(1), static_cast<std::int64_t>(row.text(2).size()) + kLineBytes});
  }
  return lines;
}

Result<void> remove(Session& session, const std::string& run, const std::vector<Line>& lines) {
  std::int64_t bytes = 0;
  for (const auto& line : lines) {
    bytes += line.bytes;
    WEIR_TRY(session.post("DELETE FROM run_logs WHERE number = ?", {line.number}));
  }
  WEIR_TRY(session.post("DELETE FROM run_log_use WHERE run = ? AND NOT EXISTS (SELECT 1 FROM run_logs WHERE run = ?)",
                        {run, run}));
  return session.post(
      "UPDATE run_log_use SET lines = lines - ?, bytes = bytes - ?, oldest_at = "
      "(SELECT at FROM run_logs WHERE run = run_log_use.run ORDER BY epoch, seq, number LIMIT 1) WHERE run = ?",
      {std::ssize(lines), bytes, run});
}

class Trimming {
 public:
  Trimming(Session& session, LogKeep keep, Shares shares)
      : session_(session), keep_(keep), shares_(std::move(shares)) {}

  Result<std::int64_t> work(std::int64_t nowMs) {
    if (keep_.keepMs > 0) WEIR_TRY(byAge(nowMs - keep_.keepMs));
    if (keep_.keepRows > 0) WEIR_TRY(byShare(&Share::lines, keep_.keepRows));
    if (keep_.keepBytes > 0) WEIR_TRY(byShare(&Share::bytes, keep_.keepBytes));
    return removed_;
  }

 private:
  Result<void> byAge(std::int64_t before) {
    WEIR_ASSIGN(
        const auto runs,
        session_.query("SELECT run, folder FROM run_log_use WHERE oldest_at < ? ORDER BY oldest_at, run LIMIT ?",
                       {before, kMostRuns}));
    for (const auto& run : runs) {
      if (removed_ >= kAtOnce) return {};
      WEIR_ASSIGN(auto lines, oldestOf(session_, run.text(0), kAtOnce - removed_));
      const auto newer = std::ranges::find_if(lines, [before](const Line& line) { return line.at >= before; });
      // Those of a later owner may have been kept before the last ones of the earlier.
      if (newer == lines.begin() && !lines.empty()) continue;
      lines.erase(newer, lines.end());
      WEIR_TRY(take(run.text(0), run.text(1), lines));
    }
    return {};
  }

  Result<void> byShare(std::int64_t Share::* size, std::int64_t most) {
    while (removed_ < kAtOnce && totalOf(shares_, size) > most) {
      const auto largest = std::ranges::max_element(shares_, {}, [size](const auto& one) { return one.second.*size; });
      const auto folder = largest->first;
      std::int64_t second = 0;
      for (const auto& [other, share] : shares_) {
        if (other != folder) second = std::max(second, share.*size);
      }
      WEIR_ASSIGN(
          const auto runs,
          session_.query("SELECT run, oldest_at FROM run_log_use WHERE folder = ? ORDER BY oldest_at, run LIMIT 2",
                         {folder}));
      if (runs.empty()) {
        // Another server has removed them.
        shares_.erase(folder);
        continue;
      }
      const auto until = runs.size() > 1 ? runs[1].integer(1) : std::numeric_limits<std::int64_t>::max();
      WEIR_ASSIGN(auto lines, oldestOf(session_, runs[0].text(0), std::min(kOfOne, kAtOnce - removed_)));
      // As many as make it little more than the next one has, and all together no more than may be.
      auto over = std::min(totalOf(shares_, size) - most,
                           std::max<std::int64_t>(largest->second.*size - second, 1 + most / 1'000));
      std::size_t count = 0;
      for (const auto& line : lines) {
        if (over <= 0 || (count > 0 && line.at > until)) break;
        over -= size == &Share::lines ? 1 : line.bytes;
        ++count;
      }
      lines.resize(count);
      WEIR_TRY(take(runs[0].text(0), folder, lines));
    }
    return {};
  }

  Result<void> take(const std::string& run, const std::string& folder, const std::vector<Line>& lines) {
    auto& share = shares_[folder];
    for (const auto& line : lines) {
      --share.lines;
      share.bytes -= line.bytes;
    }
    // A run that has none counts as done, too: its use goes.
    removed_ += std::max<std::int64_t>(std::ssize(lines), 1);
    return remove(session_, run, lines);
  }

  Session& session_;
  LogKeep keep_;
  Shares shares_;
  std::int64_t removed_ = 0;
};

bool isOver(const Shares& shares, const LogKeep& keep) {
  return (keep.keepRows > 0 && totalOf(shares, &Share::lines) > keep.keepRows) ||
         (keep.keepBytes > 0 && totalOf(shares, &Share::bytes) > keep.keepBytes);
}

}  // namespace

Result<std::int64_t> trimRunLogs(Database& database, LogKeep keep, std::int64_t nowMs) {
  bool aged = false;
  const auto look = [keep, nowMs, &aged](Session& session) -> Result<Shares> {
    WEIR_ASSIGN(const auto old,
                session.queryOne("SELECT 1 FROM run_log_use WHERE oldest_at < ? LIMIT 1", {nowMs - keep.keepMs}));
    aged = keep.keepMs > 0 && old.has_value();
    return sharesIn(session);
  };
  WEIR_ASSIGN(auto shares, waitFor(database.read<Shares>({}, look)));
  if (!aged && !isOver(shares, keep)) return 0;
  const auto work = [keep, nowMs, shares = std::move(shares)](Session& session) {
    return Trimming(session, keep, shares).work(nowMs);
  };
  return waitFor(database.write<std::int64_t>({}, work, Database::Room::frees));
}

}  // namespace weir::store::sql
