// SQLite's C interface, called.
#include "adapters/sqlite/database.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <utility>

namespace weir::sqlite {
namespace {

/// Texts and blobs of one value, statements, and columns of one statement.
constexpr int kMostBytes = 256 << 20;
constexpr int kMostSqlBytes = 1 << 20;

std::string_view codeOf(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return "sql.constraint";
    case SQLITE_AUTH:
      return "sql.denied";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "sql.busy";
    case SQLITE_FULL:
      return "sql.full";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "sql.corrupt";
    case SQLITE_READONLY:
      return "sql.read_only";
    case SQLITE_INTERRUPT:
      return "sql.interrupted";
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return "sql.limit";
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) return "files.sync_failed";
      return "sql.unavailable";
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "sql.unavailable";
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
    case SQLITE_RANGE:
      return "sql.statement";
    default:
      return "sql.failed";
  }
}

std::unexpected<Error> failure(sqlite3* handle, int code) {
  const int extended = handle != nullptr ? sqlite3_extended_errcode(handle) : code;
  const int told = (extended & 0xff) == (code & 0xff) ? extended : code;
  auto name = codeOf(told);
  // The disk under the file, not the file.
  const bool readOnlyDisk = name == "sql.unavailable" && handle != nullptr && sqlite3_system_errno(handle) == EROFS;
  if (readOnlyDisk) name = "sql.read_only";
  std::string message = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  if ((told & 0xff) == SQLITE_IOERR || (told & 0xff) == SQLITE_CANTOPEN) {
    if (readOnlyDisk) message += ": the file system is read-only";
    message += " (" + std::string(sqlite3_errstr(told)) + ", code " + std::to_string(told) + ")";
  }
  return fail(name, std::move(message), name == "sql.busy" || name == "sql.full" || name == "sql.unavailable");
}

/// Pragmas that only tell something, even if an argument names what about.
bool tells(std::string_view pragma) {
  static constexpr std::array<std::string_view, 14> kTelling = {
      "collation_list",   "compile_options", "data_version", "database_list", "foreign_key_check",
      "foreign_key_list", "function_list",   "index_info",   "index_list",    "index_xinfo",
      "integrity_check",  "quick_check",     "table_info",   "table_xinfo"};
  std::string lower(pragma);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::ranges::find(kTelling, lower) != kTelling.end() || lower == "table_list";
}

int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
  switch (action) {
    case SQLITE_ATTACH:  // VACUUM INTO asks for it too
    case SQLITE_DETACH:
      return SQLITE_DENY;
    case SQLITE_PRAGMA:
      if (first != nullptr && tells(first)) return SQLITE_OK;
      return second == nullptr ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
      return second != nullptr && std::string_view(second) == "load_extension" ? SQLITE_DENY : SQLITE_OK;
    default:
      return SQLITE_OK;
  }
}

void guard(sqlite3* handle) {
  sqlite3_set_authorizer(handle, authorize, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4U];
    text += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

/// A path as part of a URI.
std::string percentEncoded(std::string_view path) {
  std::string text;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '-' || c == '.' || c == '_';
    text += plain ? std::string(1, c) : '%' + hex({&c, 1});
  }
  return text;
}

/// What SQLite3 Multiple Ciphers takes for a key that was not made of a password.
std::string rawKey(const sodium::Key& key) { return "raw:" + std::string(key.bytes()); }

Result<void> unlock(sqlite3* handle, const sodium::Key& key, const std::string& path) {
  if (sqlite3mc_config(handle, "cipher", sqlite3mc_cipher_index("aegis")) < 0)
    return fail("sql.failed", "this SQLite has no cipher 'aegis'");
  auto raw = rawKey(key);
  int code = sqlite3_key(handle, raw.data(), static_cast<int>(raw.size()));
  sodium::wipe(raw);
  if (code == SQLITE_OK) code = sqlite3_exec(handle, "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr);
  if ((code & 0xff) == SQLITE_NOTADB) {
    return fail("sql.key", "'" + path + "' is not encrypted with key " + key.name() +
                               ": it was made with another key, without one, or is damaged");
  }
  if (code != SQLITE_OK) return failure(handle, code);
  return {};
}

void initialize() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_initialize(); });
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(handle_); }
Statement::Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

int Statement::parameters() const { return sqlite3_bind_parameter_count(handle_); }

int Statement::placeOf(int number) const {
  // SQLite takes $1 for a name, and counts names as they come.
  const auto name = "$" + std::to_string(number);
  const int place = sqlite3_bind_parameter_index(handle_, name.c_str());
  return place > 0 ? place : number;
}

Result<void> Statement::bound(int code) {
  if (code == SQLITE_OK) return {};
  return failure(sqlite3_db_handle(handle_), code);
}

Result<void> Statement::bindNull(int place) { return bound(sqlite3_bind_null(handle_, place)); }
Result<void> Statement::bind(int place, std::int64_t value) { return bound(sqlite3_bind_int64(handle_, place, value)); }
Result<void> Statement::bind(int place, double value) { return bound(sqlite3_bind_double(handle_, place, value)); }
Result<void> Statement::bindText(int place, std::string_view text) {
  return bound(
      sqlite3_bind_text64(handle_, place, text.empty() ? "" : text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}
Result<void> Statement::bindBlob(int place, std::string_view bytes) {
  return bound(sqlite3_bind_blob64(handle_, place, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_TRANSIENT));
}

Result<void> Statement::bindTextInPlace(int place, std::string_view text) {
  return bound(
      sqlite3_bind_text64(handle_, place, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
}
Result<void> Statement::bindBlobInPlace(int place, std::string_view bytes) {
  return bound(sqlite3_bind_blob64(handle_, place, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_STATIC));
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(sqlite3_db_handle(handle_), code);
}

Result<void> Statement::run() {
  for (;;) {
    auto more = step();
    if (!more || !*more) {
      reset();
      if (!more) return std::unexpected(std::move(more.error()));
      return {};
    }
  }
}

void Statement::reset() { static_cast<void>(sqlite3_reset(handle_)); }

int Statement::columns() const { return sqlite3_column_count(handle_); }

std::string_view Statement::name(int column) const {
  const char* text = sqlite3_column_name(handle_, column);
  return text != nullptr ? text : "";
}

std::string_view Statement::declared(int column) const {
  const char* text = sqlite3_column_decltype(handle_, column);
  return text != nullptr ? text : "";
}

Held Statement::held(int column) const {
  switch (sqlite3_column_type(handle_, column)) {
    case SQLITE_INTEGER:
      return Held::integer;
    case SQLITE_FLOAT:
      return Held::real;
    case SQLITE_TEXT:
      return Held::text;
    case SQLITE_BLOB:
      return Held::blob;
    default:
      return Held::null;
  }
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }
double Statement::real(int column) const { return sqlite3_column_double(handle_, column); }

std::string_view Statement::text(int column) const {
  // The bytes first: asking for their number must not convert them.
  const auto* bytes = held(column) == Held::blob ? static_cast<const char*>(sqlite3_column_blob(handle_, column))
                                                 : reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

bool Statement::readOnly() const { return sqlite3_stmt_readonly(handle_) != 0; }

Database::~Database() { sqlite3_close_v2(handle_); }
Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Result<Database> Database::open(const std::string& path, const OpenOptions& options) {
  initialize();
  // A path is never read as a URI, as it does not begin with "file:"; VACUUM INTO needs them.
  int flags = SQLITE_OPEN_EXRESCODE | (options.guarded || path.starts_with("file:") ? 0 : SQLITE_OPEN_URI) |
              (options.followLinks ? 0 : SQLITE_OPEN_NOFOLLOW);
  switch (options.access) {
    case Access::read:
      flags |= SQLITE_OPEN_READONLY;
      break;
    case Access::write:
      flags |= SQLITE_OPEN_READWRITE;
      break;
    case Access::create:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
      break;
  }
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
  Database database(handle);
  if (code != SQLITE_OK) return failure(handle, code);
  sqlite3_busy_timeout(handle, options.busyTimeoutMs);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kMostBytes);
  sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, kMostSqlBytes);
  if (options.key) WEIR_TRY(unlock(handle, *options.key, path));
  if (options.guarded) guard(handle);
  return database;
}

Result<void> Database::copyTo(const std::string& path, const OpenOptions& options) {
  auto opening = options;
  opening.access = Access::create;
  WEIR_ASSIGN(const auto target, open(path, opening));
  sqlite3_backup* copying = sqlite3_backup_init(target.handle_, "main", handle_, "main");
  if (copying == nullptr) return failure(target.handle_, sqlite3_errcode(target.handle_));
  // In one step: between two, another process' write would make it begin again.
  int code = sqlite3_backup_step(copying, -1);
  const int ended = sqlite3_backup_finish(copying);
  if (code == SQLITE_DONE) code = ended;
  if (code != SQLITE_OK) return failure(target.handle_, code);
  return {};
}

Result<void> Database::recode(const std::string& from, const OpenOptions& options, const std::string& to,
                              const sodium::Key* key) {
  WEIR_ASSIGN(auto source, open(from, options));
  // VACUUM INTO takes the other key in the name of its file.
  std::string name = "file:" + percentEncoded(to);
  if (key != nullptr) name += "?cipher=aegis&hexkey=" + hex(rawKey(*key));
  if (key == nullptr && options.key) name += "?key=";
  WEIR_ASSIGN(auto statement, source.prepare("VACUUM INTO ?1"));
  auto bound = statement.bindText(1, name);
  sodium::wipe(name);
  WEIR_TRY(std::move(bound));
  return statement.run();
}

Result<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(handle_, code);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  if (sql.contains('\0')) return fail("sql.statement", "the statement holds a NUL byte");
  if (sql.size() > kMostSqlBytes) return fail("sql.limit", "the statement is longer than 1 MiB");
  const char* rest = nullptr;
  sqlite3_stmt* made = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, &rest);
  Statement statement(made);
  if (code != SQLITE_OK) return failure(handle_, code);
  if (!statement) return fail("sql.statement", "there is no statement, only space or comments");
  const auto left = sql.substr(static_cast<std::size_t>(rest - sql.data()));
  sqlite3_stmt* second = nullptr;
  const int another = sqlite3_prepare_v2(handle_, left.data(), static_cast<int>(left.size()), &second, nullptr);
  const Statement behind(second);
  if (another != SQLITE_OK || behind) {
    return fail("sql.statement", "there is more than one statement; give one, without others behind its semicolon");
  }
  return statement;
}

std::int64_t Database::changed() const { return sqlite3_changes64(handle_); }
std::int64_t Database::changedInAll() const { return sqlite3_total_changes64(handle_); }
bool Database::inTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }
void Database::interrupt() { sqlite3_interrupt(handle_); }

}  // namespace weir::sqlite
