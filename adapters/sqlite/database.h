// Database and Statement: SQLite as objects that close themselves and errors that say what was wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/sodium/sodium.h"
#include "engine/data/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace weir::sqlite {

enum class Access : std::uint8_t { read, write, create };

struct OpenOptions {
  Access access = Access::write;
  /// How long a statement waits for another program's lock: then `sql.busy`.
  int busyTimeoutMs = 5'000;
  /// For statements of people: an authorizer denies ATTACH, DETACH, VACUUM INTO and pragmas that change something
  /// (`sql.denied`), and functions of the schema are not trusted.
  bool guarded = false;
  /// The path may lead through symbolic links.
  bool followLinks = false;
  /// The name of a registered VFS (tests); empty: the system's.
  std::string vfs{};
  /// The file is encrypted with it (SQLite3 Multiple Ciphers, AEGIS-256), also its write-ahead log. `sql.key` when it
  /// was encrypted with another, or not at all.
  std::optional<sodium::Key> key{};
};

/// What a column or parameter holds.
enum class Held : std::uint8_t { null, integer, real, text, blob };

/// One prepared statement; used by one thread at a time, ends before its Database.
class Statement {
 public:
  Statement() = default;
  /// Takes what Database::prepare has made.
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;

  [[nodiscard]] explicit operator bool() const { return handle_ != nullptr; }
  [[nodiscard]] int parameters() const;
  /// The place of parameter `number`: of $1 or ?1 where it says so, else the number.
  [[nodiscard]] int placeOf(int number) const;
  /// Places count from 1. Texts and bytes are copied. Errors: sql.limit.
  Result<void> bindNull(int place);
  Result<void> bind(int place, std::int64_t value);
  Result<void> bind(int place, double value);
  Result<void> bindText(int place, std::string_view text);
  Result<void> bindBlob(int place, std::string_view bytes);
  /// The same without a copy: they stay as they are until the statement has run, or something else is bound.
  Result<void> bindTextInPlace(int place, std::string_view text);
  Result<void> bindBlobInPlace(int place, std::string_view bytes);

  /// True: there is a row to be looked at. Errors: those of Database.
  [[nodiscard]] Result<bool> step();
  /// Steps to the end and resets.
  Result<void> run();
  void reset();

  [[nodiscard]] int columns() const;
  [[nodiscard]] std::string_view name(int column) const;
  /// As the table declares it; empty for expressions.
  [[nodiscard]] std::string_view declared(int column) const;
  // Of the row that step() found; texts hold until the next step.
  [[nodiscard]] Held held(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string_view text(int column) const;  // and bytes
  /// It changes nothing.
  [[nodiscard]] bool readOnly() const;

 private:
  Result<void> bound(int code);
  sqlite3_stmt* handle_ = nullptr;
};

/// One connection; used by one thread at a time, except `interrupt`. Errors: sql.statement (it is no SQL, or names what
/// is not there), sql.constraint, sql.denied, sql.busy, sql.full, sql.corrupt, sql.key, sql.read_only, sql.unavailable
/// (it cannot be opened, read or written), files.sync_failed, sql.interrupted, sql.limit, sql.failed.
class Database {
 public:
  Database() = default;
  ~Database();
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;

  [[nodiscard]] static Result<Database> open(const std::string& path, const OpenOptions& options);
  [[nodiscard]] explicit operator bool() const { return handle_ != nullptr; }
  /// Makes a file that is this one as of one moment, whoever writes meanwhile; encrypted as this one is. Not synced.
  Result<void> copyTo(const std::string& path, const OpenOptions& options);
  /// Makes a file of the same rows that is encrypted with another key, or not at all. Not synced.
  [[nodiscard]] static Result<void> recode(const std::string& from, const OpenOptions& options, const std::string& to,
                                           const sodium::Key* key);
  /// All statements of a text of ours.
  Result<void> execute(const char* sql);
  /// Exactly one statement; `sql.statement` for none, or for several.
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  /// How many rows the last INSERT, UPDATE or DELETE touched.
  [[nodiscard]] std::int64_t changed() const;
  /// How many all of them have touched since it was opened: what it was before shows that nothing was changed.
  [[nodiscard]] std::int64_t changedInAll() const;
  [[nodiscard]] bool inTransaction() const;
  /// Ends the statement that runs now with `sql.interrupted`. Thread-safe.
  void interrupt();

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_ = nullptr;
};

}  // namespace weir::sqlite
