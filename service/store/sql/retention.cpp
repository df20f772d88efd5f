// The table of what is kept for how long, and the statements that it makes.
#include "service/store/sql/retention.h"

#include <array>
#include <utility>

namespace weir::store::sql {
namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kAtOnce = 500;

constexpr std::array kRetentions = {
    Retention{.name = "bin",
              .what = "flows in the bin, with their versions",
              .table = "flows",
              .key = "id",
              .when = "binned_at",
              .bytes = "bytes",
              .only = "binned_at IS NOT NULL",
              .keepMs = 30 * kDay},
    // Counted only: what removes from the chain has to know it.
    Retention{.name = "audit",
              .what = "the audit log",
              .table = "audit",
              .key = "number",
              .when = "at",
              .bytes = "LENGTH(detail) + 300"},
};

std::string conditionOf(const Retention& kind, std::string_view before = "WHERE") {
  return kind.only.empty() ? std::string() : " " + std::string(before) + " (" + std::string(kind.only) + ")";
}

std::string deleteText(const Retention& kind, const std::string& keys) {
  return "DELETE FROM " + std::string(kind.table) + " WHERE " + std::string(kind.key) + " IN (" + keys + ")";
}

Result<std::int64_t> removeOf(Session& session, const Retention& kind, std::int64_t nowMs) {
  const auto key = std::string(kind.key), when = std::string(kind.when), table = std::string(kind.table);
  std::int64_t removed = 0;
  const auto remove = [&](const std::string& keys, Session::Values values) -> Result<void> {
    WEIR_ASSIGN(const auto rows, session.exec(deleteText(kind, keys), values));
    removed += rows;
    return {};
  };
  const auto select = "SELECT " + key + " FROM " + table;
  if (kind.keepMs > 0) {
    WEIR_TRY(remove(select + " WHERE " + when + " < ?" + conditionOf(kind, "AND") + " ORDER BY " + when + " LIMIT ?",
                    {nowMs - kind.keepMs, kAtOnce}));
  }
  const auto newest = " ORDER BY " + when + " DESC, " + key + " DESC";
  if (kind.keepRows > 0) {
    WEIR_TRY(remove(select + conditionOf(kind) + newest + " LIMIT ? OFFSET ?", {kAtOnce, kind.keepRows}));
  }
  if (kind.keepBytes > 0 && !kind.bytes.empty()) {
    const auto running = "SELECT " + key + ", SUM(" + std::string(kind.bytes) + ") OVER (" + newest.substr(1) +
                         ") AS total FROM " + table + conditionOf(kind);
    WEIR_TRY(
        remove("SELECT " + key + " FROM (" + running + ") AS kept WHERE total > ? LIMIT ?", {kind.keepBytes, kAtOnce}));
  }
  return removed;
}

}  // namespace

std::span<const Retention> allRetentions() { return kRetentions; }

Operation<std::vector<Removed>> removeOld(Database& database, std::span<const Retention> kinds, std::int64_t nowMs,
                                          Waker waker) {
  return database.write<std::vector<Removed>>(
      std::move(waker),
      [kinds, nowMs](Session& session) -> Result<std::vector<Removed>> {
        std::vector<Removed> all;
        for (const auto& kind : kinds) {
          WEIR_ASSIGN(const auto rows, removeOf(session, kind, nowMs));
          if (rows > 0) all.push_back({std::string(kind.name), rows});
        }
        return all;
      },
      Database::Room::frees);
}

}  // namespace weir::store::sql
