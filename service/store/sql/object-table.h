// Large texts of rows: they lie in Objects, and the row names them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/sql/database.h"
#include "service/store/sql/session.h"

namespace weir::store::sql {

struct Kind;
[[nodiscard]] const Kind& objectKind();

/// Above so many bytes a text is an object, where there are objects.
inline constexpr std::size_t kMostInRow = 64 << 10;

/// What a row holds of a text: the text, or the name of the object.
struct RowText {
  std::string_view text;
  std::optional<std::string> object;
};

/// Writes the object before the transaction can be told; one that nothing names in the end goes with the next sweep.
[[nodiscard]] Result<RowText> rowText(Session& session, std::string_view text, std::int64_t nowMs);
/// The text of a row with both columns. `whose`, for people, stands in front of what is wrong with an object.
[[nodiscard]] Result<std::string> textOf(Session& session, const Row& row, std::size_t text, std::size_t object,
                                         const std::string& whose);
/// The values of the first column, which are names of objects.
[[nodiscard]] std::vector<std::string> namesIn(const std::vector<Row>& rows);
/// These were named by rows that are gone now. Those that no row names any more are removed by the next sweep.
Result<void> dropped(Session& session, const std::vector<std::string>& names, std::int64_t nowMs);

/// Which of these files are of no object that the database knows.
[[nodiscard]] Operation<std::vector<std::string>> unknownObjects(Database& database, std::vector<std::string> files,
                                                                 Waker waker);
/// Removes objects that no row names since `graceMs`, so long as somebody may still read a state in which one did; and
/// of `strays` those that the database does not know. Gives how many; some hundred at a time.
[[nodiscard]] Operation<std::int64_t> sweepObjects(Database& database, std::vector<std::string> strays,
                                                   std::int64_t nowMs, std::int64_t graceMs, Waker waker);

}  // namespace weir::store::sql
