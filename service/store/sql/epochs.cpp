// One row for each kind of things: the number of changes, who made the last one, and the last one of anybody else.
#include "service/store/sql/epochs.h"

#include <limits>

#include "adapters/sodium/sodium.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {"CREATE TABLE epochs (name TEXT PRIMARY KEY, epoch BIGINT NOT NULL, writer TEXT NOT NULL, "
     "others_epoch BIGINT NOT NULL)"}};

std::string newWriter() {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : sodium::randomBytes(12)) {
    const auto bits = static_cast<unsigned char>(byte);
    text += kDigits[bits >> 4U];
    text += kDigits[bits & 15U];
  }
  return text;
}

std::unexpected<Error> elsewhere() {
  return fail("storage.elsewhere",
              "another server on the same database has changed something of this kind at the same moment; nothing was "
              "changed here, so look at it and ask again");
}

/// How many rows were raised: none if others have gone on behind `known`.
Result<std::int64_t> raise(Session& session, const Epochs::Seen& seen, std::int64_t known) {
  return session.exec(
      "INSERT INTO epochs (name, epoch, writer, others_epoch) VALUES (?1, 1, ?2, 0) ON CONFLICT (name) DO UPDATE SET "
      "others_epoch = CASE WHEN epochs.writer = excluded.writer THEN epochs.others_epoch ELSE epochs.epoch END, "
      "epoch = epochs.epoch + 1, writer = excluded.writer "
      "WHERE (CASE WHEN epochs.writer = excluded.writer THEN epochs.others_epoch ELSE epochs.epoch END) <= ?3",
      {seen.name, seen.writer, known});
}

}  // namespace

const Kind& epochKind() {
  static constexpr Kind kKind{"epochs", kSteps};
  return kKind;
}

Epochs::Epochs(std::string_view name) : seen_{std::string(name), newWriter()} {}

Epochs::Seen Epochs::seen() const {
  const std::scoped_lock locked(mutex_);
  return seen_;
}

void Epochs::saw(std::int64_t epoch) {
  const std::scoped_lock locked(mutex_);
  seen_.epoch = epoch;
}

Result<std::int64_t> othersEpoch(Session& session, const Epochs::Seen& seen) {
  WEIR_ASSIGN(const auto row, session.queryOne("SELECT CASE WHEN writer = ? THEN others_epoch ELSE epoch END FROM "
                                               "epochs WHERE name = ?",
                                               {seen.writer, seen.name}));
  return row ? row->integer(0) : 0;
}

Result<void> raiseEpoch(Session& session, const Epochs::Seen& seen) {
  WEIR_TRY(raise(session, seen, std::numeric_limits<std::int64_t>::max()));
  return {};
}

Result<void> raiseEpochIfSeen(Session& session, const Epochs::Seen& seen) {
  WEIR_ASSIGN(const auto raised, raise(session, seen, seen.epoch));
  if (raised == 0) return elsewhere();
  return {};
}

Result<void> checkSeen(Session& session, const Epochs::Seen& seen) {
  WEIR_ASSIGN(const auto others, othersEpoch(session, seen));
  if (others > seen.epoch) return elsewhere();
  return {};
}

}  // namespace weir::store::sql
