// Session: one connection to the service's database, whichever it is.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/data/error.h"

namespace weir::store {
class Objects;
}

namespace weir::store::sql {

enum class Dialect : std::uint8_t { sqlite, postgres };

/// What is bound to a `?`: a view, which lives as long as the call. Flags are stored as 0 and 1, times as milliseconds
/// since 1970; texts hold no NUL byte (`storage.invalid`), bytes may.
class Value {
 public:
  struct Bytes {
    std::string_view bytes;
  };
  using Held = std::variant<std::monostate, std::int64_t, double, std::string_view, Bytes>;

  // Implicit, so that calls read like lists of what is bound. NOLINTBEGIN(google-explicit-constructor)
  Value(std::nullptr_t) {}
  template <std::integral T>
  Value(T number) : held_(static_cast<std::int64_t>(number)) {}
  Value(double number) : held_(number) {}
  Value(std::string_view text) : held_(text) {}
  Value(const std::string& text) : held_(std::string_view(text)) {}
  Value(const char* text) : held_(std::string_view(text)) {}
  Value(Bytes bytes) : held_(bytes) {}
  template <class T>
  Value(const std::optional<T>& given) {
    if (given) held_ = Value(*given).held_;
  }
  // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] const Held& held() const { return held_; }

 private:
  Held held_;
};

/// One row of a result. Columns count from 0; asked for as another type, a value is that type's zero.
class Row {
 public:
  using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;
  explicit Row(std::vector<Cell> cells) : cells_(std::move(cells)) {}

  [[nodiscard]] bool null(std::size_t column) const { return std::holds_alternative<std::monostate>(cells_[column]); }
  [[nodiscard]] std::int64_t integer(std::size_t column) const {
    const auto* held = std::get_if<std::int64_t>(&cells_[column]);
    return held != nullptr ? *held : 0;
  }
  [[nodiscard]] std::optional<std::int64_t> integerOrNull(std::size_t column) const {
    return null(column) ? std::nullopt : std::optional(integer(column));
  }
  [[nodiscard]] bool flag(std::size_t column) const { return integer(column) != 0; }
  [[nodiscard]] double real(std::size_t column) const {
    const auto* held = std::get_if<double>(&cells_[column]);
    return held != nullptr ? *held : static_cast<double>(integer(column));
  }
  /// And bytes.
  [[nodiscard]] const std::string& text(std::size_t column) const {
    static const std::string kNone;
    const auto* held = std::get_if<std::string>(&cells_[column]);
    return held != nullptr ? *held : kNone;
  }

 private:
  std::vector<Cell> cells_;
};

/// Statements are SQL that SQLite and PostgreSQL both know (`ON CONFLICT`, `RETURNING`, `BIGINT`; no `OR IGNORE`,
/// `instr`, `datetime`), with `?` or `?2` for parameters; each is prepared once per connection. Used by the thread that
/// was given it, inside its transaction. After a statement that failed the work must end with an error: PostgreSQL
/// refuses all that comes behind. Errors: `sql.constraint` is worth a look, all others go up as they are.
class Session {
 public:
  using Values = std::initializer_list<Value>;
  virtual ~Session() = default;
  [[nodiscard]] virtual Dialect dialect() const = 0;
  /// Where large texts lie (object-table.h); null: in the rows.
  Objects* objects = nullptr;

  /// How many rows it touched.
  Result<std::int64_t> exec(std::string_view sql, Values values = {}) {
    return run(sql, {values.begin(), values.size()});
  }
  Result<std::int64_t> exec(std::string_view sql, std::span<const Value> values) { return run(sql, values); }
  /// Nobody waits for what it does: its error may come with a later statement, or fail the work when it has ended.
  Result<void> post(std::string_view sql, Values values = {}) { return later(sql, {values.begin(), values.size()}); }
  /// All rows: bound them with LIMIT.
  Result<std::vector<Row>> query(std::string_view sql, Values values = {}) {
    return read(sql, {values.begin(), values.size()});
  }
  Result<std::vector<Row>> query(std::string_view sql, std::span<const Value> values) { return read(sql, values); }
  Result<std::optional<Row>> queryOne(std::string_view sql, Values values = {});
  /// Greater than every one before, in the whole database; some are left out.
  [[nodiscard]] virtual Result<std::int64_t> nextNumber() = 0;

 private:
  virtual Result<std::int64_t> run(std::string_view sql, std::span<const Value> values) = 0;
  virtual Result<void> later(std::string_view sql, std::span<const Value> values) = 0;
  virtual Result<std::vector<Row>> read(std::string_view sql, std::span<const Value> values) = 0;
};

/// A pattern for `column LIKE ? ESCAPE '!'`: texts that begin with, or hold, what is given. Lower both sides yourself:
/// LIKE of SQLite takes A for a, that of PostgreSQL does not.
[[nodiscard]] std::string beginningWith(std::string_view text);
[[nodiscard]] std::string holding(std::string_view text);

}  // namespace weir::store::sql
