// libpq, called without ever blocking in it.
#include "adapters/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>

namespace weir::postgres {

struct Connection::Private {};

namespace {

constexpr const char* kStatement = "weir";

std::int64_t nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string trimmed(const char* text) {
  std::string message = text != nullptr ? text : "";
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  std::ranges::replace(message, '\n', ' ');
  return message;
}

Error errorOf(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  std::string message = primary != nullptr ? trimmed(primary) : trimmed(PQresultErrorMessage(result));
  if (const char* detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL)) message += "; " + trimmed(detail);
  if (const char* hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT)) message += "; " + trimmed(hint);
  return errorOfState(state != nullptr ? state : "", std::move(message));
}

bool good(ExecStatusType status) {
  switch (status) {
    case PGRES_EMPTY_QUERY:
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_PIPELINE_SYNC:
      return true;
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_COPY_BOTH:
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_FATAL_ERROR:
    case PGRES_PIPELINE_ABORTED:
      return false;
  }
  return false;
}

std::vector<const char*> pointers(const Parameters& parameters) {
  std::vector<const char*> texts;
  texts.reserve(parameters.size());
  for (const auto& one : parameters) texts.push_back(one ? one->c_str() : nullptr);
  return texts;
}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::unexpected<Error> invalid(std::string what) {
  return fail("settings.invalid", "the connection: " + std::move(what));
}

}  // namespace

Error errorOfState(std::string_view state, std::string message) {
  const auto is = [&](std::string_view begin) { return state.starts_with(begin); };
  const auto error = [&](std::string_view code, bool recoverable) {
    return Error{code, message + (state.empty() ? "" : " (" + std::string(state) + ")"), recoverable};
  };
  if (is("23")) return error("sql.constraint", false);
  if (is("22")) return error("sql.type", false);
  if (is("42501") || is("28")) return error("sql.denied", false);
  if (is("42804")) return error("sql.type", false);
  if (is("42") || is("26") || is("0A")) return error("sql.statement", false);
  if (is("40") || is("55P03") || is("57014")) return error("sql.busy", true);
  if (is("53100") || is("53200")) return error("sql.full", true);
  if (is("25006")) return error("sql.read_only", false);
  if (is("54")) return error("sql.limit", false);
  if (is("08") || is("53") || is("57P") || is("58")) return error("sql.unavailable", true);
  if (is("3D")) return error("sql.unavailable", false);
  return error("sql.failed", false);
}

Result<Target> Target::parse(const std::string& text) {
  if (text.contains('\0')) return invalid("it holds a NUL byte");
  char* trouble = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(text.c_str(), &trouble));
  const auto said = trimmed(trouble);
  PQfreemem(trouble);
  // What libpq says may quote the password.
  if (!options) return invalid("it is not written as postgresql://USER:PASSWORD@HOST:PORT/NAME?sslmode=MODE");
  Target target;
  const std::array<std::pair<std::string_view, std::string*>, 6> known{{{"host", &target.host},
                                                                        {"port", &target.port},
                                                                        {"dbname", &target.database},
                                                                        {"user", &target.user},
                                                                        {"password", &target.password},
                                                                        {"sslmode", &target.sslMode}}};
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const auto found =
        std::ranges::find(known, std::string_view(option->keyword), &std::pair<std::string_view, std::string*>::first);
    if (found == known.end()) {
      return invalid("'" + std::string(option->keyword) +
                     "' cannot be set here; host, port, dbname, user, password and sslmode can");
    }
    *found->second = option->val;
  }
  if (target.host.empty()) return invalid("it names no host");
  if (target.host.starts_with('/') || target.host.starts_with('@')) {
    return invalid("'" + target.host + "' is a socket of this machine; name a host");
  }
  if (target.host.contains(',') || target.port.contains(',')) return invalid("it names several hosts; name one");
  int port = 0;
  for (const char c : target.port) port = c >= '0' && c <= '9' && port < 100'000 ? port * 10 + (c - '0') : 100'000;
  if (port < 1 || port > 65'535) return invalid("the port '" + target.port + "' is none");
  if (target.user.empty()) return invalid("it names no user");
  if (target.database.empty()) target.database = target.user;
  return target;
}

Rows::~Rows() { PQclear(held_); }
int Rows::rows() const { return PQntuples(held_); }
int Rows::columns() const { return PQnfields(held_); }
std::string_view Rows::name(int column) const { return PQfname(held_, column); }
std::uint32_t Rows::type(int column) const { return PQftype(held_, column); }
std::optional<std::string_view> Rows::value(int row, int column) const {
  if (PQgetisnull(held_, row, column) != 0) return std::nullopt;
  return std::string_view(PQgetvalue(held_, row, column), static_cast<std::size_t>(PQgetlength(held_, row, column)));
}
std::int64_t Rows::changed() const { return std::strtoll(PQcmdTuples(held_), nullptr, 10); }

Connection::~Connection() { PQfinish(handle_); }

int Connection::socket() const { return PQsocket(handle_); }

Result<std::unique_ptr<Connection>> Connection::open(const ConnectOptions& options) {
  const auto& target = options.target;
  const bool verifies = target.sslMode.starts_with("verify");
  const char* roots = options.rootFile.empty() ? "/etc/ssl/certs/ca-certificates.crt" : options.rootFile.c_str();
  const auto patience = std::to_string(options.timeoutMs);
  // No file of the person's home: neither passwords nor certificates.
  const std::array<std::pair<const char*, const char*>, 18> given{{{"host", target.host.c_str()},
                                                                   {"hostaddr", options.address.c_str()},
                                                                   {"port", target.port.c_str()},
                                                                   {"dbname", target.database.c_str()},
                                                                   {"user", target.user.c_str()},
                                                                   {"password", target.password.c_str()},
                                                                   {"sslmode", target.sslMode.c_str()},
                                                                   {"sslrootcert", verifies ? roots : "/dev/null/none"},
                                                                   {"sslcert", "/dev/null/none"},
                                                                   {"passfile", "/dev/null/none"},
                                                                   {"gssencmode", "disable"},
                                                                   {"client_encoding", "UTF8"},
                                                                   {"application_name", "weir"},
                                                                   {"tcp_user_timeout", patience.c_str()},
                                                                   {"keepalives_idle", "30"},
                                                                   {"keepalives_interval", "10"},
                                                                   {"keepalives_count", "3"},
                                                                   {"options", options.settings.c_str()}}};
  std::vector<const char*> names, values;
  for (const auto& [name, value] : given) {
    names.push_back(name);
    values.push_back(value);
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  auto connection =
      std::make_unique<Connection>(Private{}, PQconnectStartParams(names.data(), values.data(), 0), options);
  WEIR_TRY(connection->connect(options.connectMs > 0 ? options.connectMs : options.timeoutMs));
  return connection;
}

Error Connection::lost() const {
  auto message = trimmed(PQerrorMessage(handle_));
  if (message.empty()) message = "the connection was lost";
  for (const std::string_view denied : {"authentication failed", "pg_hba.conf", "does not exist", "certificate",
                                        "no password supplied", "not permitted", "does not support SSL"}) {
    if (message.contains(denied)) return Error{"sql.denied", message, false};
  }
  return Error{"sql.unavailable", message, true};
}

Result<void> Connection::connect(std::int64_t timeoutMs) {
  if (handle_ == nullptr) return fail("memory.limit", "no memory is left for a connection");
  const auto deadline = nowMs() + timeoutMs;
  PQsetNoticeProcessor(handle_, [](void*, const char*) {}, nullptr);
  for (auto state = PGRES_POLLING_WRITING;;) {
    if (PQstatus(handle_) == CONNECTION_BAD) return std::unexpected(lost());
    if (state == PGRES_POLLING_OK) break;
    WEIR_TRY(waitFor(state == PGRES_POLLING_WRITING, deadline));
    state = PQconnectPoll(handle_);
    if (state == PGRES_POLLING_FAILED) return std::unexpected(lost());
  }
  PQsetnonblocking(handle_, 1);
  return {};
}

Result<void> Connection::waitFor(bool writing, std::int64_t deadlineMs) const {
  for (;;) {
    std::array<pollfd, 2> fds{
        {{PQsocket(handle_), static_cast<short>(POLLIN | (writing ? POLLOUT : 0)), 0}, {stopFd_, POLLIN, 0}}};
    const auto left = std::clamp<std::int64_t>(deadlineMs - nowMs(), 0, 3'600'000);
    const int ready = ::poll(fds.data(), stopFd_ < 0 ? 1 : 2, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      return fail("sql.unavailable", "the server did not answer within " + std::to_string(timeoutMs_) + " ms", true);
    }
    if (fds[1].revents != 0) return fail("sql.interrupted", "the run was stopped");
    return {};
  }
}

/// Until all that was put has gone out; what comes meanwhile is taken in.
Result<void> Connection::flush(std::int64_t deadlineMs) {
  for (;;) {
    const int left = PQflush(handle_);
    if (left < 0) return std::unexpected(lost());
    if (left == 0) return {};
    WEIR_TRY(waitFor(true, deadlineMs));
    if (PQconsumeInput(handle_) == 0) return std::unexpected(lost());
  }
}

/// The next result of what was sent; empty at the end of a statement.
Result<Rows> Connection::read(std::int64_t deadlineMs) {
  for (;;) {
    const int left = PQflush(handle_);
    if (left < 0) return std::unexpected(lost());
    if (PQisBusy(handle_) == 0) break;
    WEIR_TRY(waitFor(left > 0, deadlineMs));
    if (PQconsumeInput(handle_) == 0) return std::unexpected(lost());
  }
  Rows result(PQgetResult(handle_));
  if (result && PQstatus(handle_) == CONNECTION_BAD) return std::unexpected(lost());
  return result;
}

/// The last result of one statement, or its error.
Result<Rows> Connection::finishSimple(bool sent) {
  if (!sent) return std::unexpected(lost());
  const auto deadline = nowMs() + timeoutMs_;
  Rows last;
  std::optional<Error> error;
  for (;;) {
    WEIR_ASSIGN(auto result, read(deadline));
    if (!result) break;
    if (!good(PQresultStatus(result.get()))) {
      if (!error) error = errorOf(result.get());
      if (PQresultStatus(result.get()) == PGRES_COPY_IN || PQresultStatus(result.get()) == PGRES_COPY_OUT) {
        return fail("sql.denied", "COPY moves files or streams, and is not allowed here");
      }
    }
    last = std::move(result);
  }
  if (error) return std::unexpected(std::move(*error));
  return last;
}

Result<Rows> Connection::execute(const std::string& sql, const Parameters& parameters) {
  const auto texts = pointers(parameters);
  return finishSimple(PQsendQueryParams(handle_, sql.c_str(), static_cast<int>(texts.size()), nullptr, texts.data(),
                                        nullptr, nullptr, 0) == 1);
}

Result<void> Connection::copyOut(const std::string& sql,
                                 const std::function<Result<void>(std::string_view row)>& take) {
  if (PQsendQuery(handle_, sql.c_str()) != 1) return std::unexpected(lost());
  WEIR_ASSIGN(const auto begun, read(nowMs() + timeoutMs_));
  if (!begun) return std::unexpected(lost());
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) {
    auto error = errorOf(begun.get());
    static_cast<void>(finishSimple(true));
    return std::unexpected(std::move(error));
  }
  for (;;) {
    char* row = nullptr;
    const int length = PQgetCopyData(handle_, &row, 1);
    if (length > 0) {
      const std::unique_ptr<char, void (*)(void*)> held(row, PQfreemem);
      WEIR_TRY(take({row, static_cast<std::size_t>(length)}));
    } else if (length == 0) {
      WEIR_TRY(waitFor(false, nowMs() + timeoutMs_));
      if (PQconsumeInput(handle_) == 0) return std::unexpected(lost());
    } else {
      break;
    }
  }
  WEIR_TRY(finishSimple(true));
  return {};
}

Result<void> Connection::putCopy(std::string_view rows) {
  constexpr std::size_t kAtOnce = 64 << 10;
  while (!rows.empty()) {
    const auto piece = rows.substr(0, kAtOnce);
    const int put = PQputCopyData(handle_, piece.data(), static_cast<int>(piece.size()));
    if (put < 0) return std::unexpected(lost());
    if (put == 1) rows.remove_prefix(piece.size());
    WEIR_TRY(flush(nowMs() + timeoutMs_));
  }
  while (PQputCopyEnd(handle_, nullptr) == 0) WEIR_TRY(flush(nowMs() + timeoutMs_));
  return {};
}

Result<void> Connection::copyIn(const std::string& sql, std::string_view rows) {
  if (PQsendQuery(handle_, sql.c_str()) != 1) return std::unexpected(lost());
  WEIR_ASSIGN(const auto begun, read(nowMs() + timeoutMs_));
  if (!begun) return std::unexpected(lost());
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN) {
    auto error = errorOf(begun.get());
    static_cast<void>(finishSimple(true));
    return std::unexpected(std::move(error));
  }
  WEIR_TRY(putCopy(rows));
  WEIR_TRY(finishSimple(true));
  return {};
}

Result<int> Connection::prepare(const std::string& sql) {
  WEIR_TRY(execute("DEALLOCATE ALL"));
  WEIR_TRY(finishSimple(PQsendPrepare(handle_, kStatement, sql.c_str(), 0, nullptr) == 1));
  WEIR_ASSIGN(const auto told, finishSimple(PQsendDescribePrepared(handle_, kStatement) == 1));
  return PQnparams(told.get());
}

Result<void> Connection::start(const Parameters& parameters) {
  const auto texts = pointers(parameters);
  if (PQsendQueryPrepared(handle_, kStatement, static_cast<int>(texts.size()), texts.data(), nullptr, nullptr, 0) !=
      1) {
    return std::unexpected(lost());
  }
  PQsetSingleRowMode(handle_);
  return {};
}

Result<Rows> Connection::next() {
  WEIR_ASSIGN(auto result, read(nowMs() + timeoutMs_));
  if (!result || good(PQresultStatus(result.get()))) return result;
  auto error = errorOf(result.get());
  // The rest of the statement, of which nothing more is to be expected.
  static_cast<void>(finishSimple(true));
  return std::unexpected(std::move(error));
}

Result<void> Connection::sendGroup(std::span<const Parameters> rows) {
  bool sent = PQsendQueryParams(handle_, "SAVEPOINT weir", 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
  for (const auto& row : rows) {
    const auto texts = pointers(row);
    sent = sent && PQsendQueryPrepared(handle_, kStatement, static_cast<int>(texts.size()), texts.data(), nullptr,
                                       nullptr, 0) == 1;
  }
  sent = sent && PQsendQueryParams(handle_, "RELEASE weir", 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
  if (!sent || PQpipelineSync(handle_) != 1) return std::unexpected(lost());
  return {};
}

Result<GroupOutcome> Connection::runGroup(std::span<const Parameters> rows) {
  if (PQenterPipelineMode(handle_) != 1) return std::unexpected(lost());
  WEIR_TRY(sendGroup(rows));
  const auto deadline = nowMs() + timeoutMs_;
  GroupOutcome outcome;
  std::optional<Error> whole;  // of what is not a row
  std::size_t statement = 0;   // 0: the savepoint
  for (;;) {
    WEIR_ASSIGN(const auto result, read(deadline));
    if (!result) {
      ++statement;
      continue;
    }
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (good(status)) {
      if (statement > 0 && statement <= rows.size()) outcome.changed += result.changed();
    } else if (status != PGRES_PIPELINE_ABORTED && !outcome.failed && !whole) {
      if (statement > 0 && statement <= rows.size()) {
        outcome.failed = {statement - 1, errorOf(result.get())};
      } else {
        whole = errorOf(result.get());
      }
    }
  }
  if (PQexitPipelineMode(handle_) != 1) return std::unexpected(lost());
  if (whole) return std::unexpected(std::move(*whole));
  if (outcome.failed) {
    outcome.changed = 0;
    WEIR_TRY(execute("ROLLBACK TO weir"));
  }
  return outcome;
}

Result<void> Connection::enterPipeline() {
  if (PQenterPipelineMode(handle_) != 1) return std::unexpected(lost());
  return {};
}

Result<void> Connection::leavePipeline() {
  if (PQexitPipelineMode(handle_) != 1) return std::unexpected(lost());
  return {};
}

Result<void> Connection::sendPrepare(const std::string& name, const std::string& sql, std::span<const Bound> like) {
  std::vector<Oid> types;
  types.reserve(like.size());
  for (const auto& one : like) types.push_back(one.type);
  if (PQsendPrepare(handle_, name.c_str(), sql.c_str(), static_cast<int>(types.size()), types.data()) != 1) {
    return std::unexpected(lost());
  }
  return {};
}

Result<void> Connection::sendPrepared(const std::string& name, std::span<const Bound> values) {
  std::vector<const char*> bytes;
  std::vector<int> lengths, formats;
  for (const auto& one : values) {
    bytes.push_back(one.value ? one.value->c_str() : nullptr);
    lengths.push_back(one.value ? static_cast<int>(one.value->size()) : 0);
    formats.push_back(one.binary ? 1 : 0);
  }
  if (PQsendQueryPrepared(handle_, name.c_str(), static_cast<int>(values.size()), bytes.data(), lengths.data(),
                          formats.data(), 0) != 1) {
    return std::unexpected(lost());
  }
  return {};
}

Result<void> Connection::sendText(const char* sql) {
  if (PQsendQueryParams(handle_, sql, 0, nullptr, nullptr, nullptr, nullptr, 0) != 1) return std::unexpected(lost());
  return {};
}

Result<Rows> Connection::finishPipeline() {
  if (PQpipelineSync(handle_) != 1) return std::unexpected(lost());
  const auto deadline = nowMs() + timeoutMs_;
  Rows last;
  std::optional<Error> error;
  for (;;) {
    WEIR_ASSIGN(auto result, read(deadline));
    if (!result && PQstatus(handle_) == CONNECTION_BAD) return std::unexpected(lost());
    if (!result) continue;  // the end of one statement
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (good(status)) {
      last = std::move(result);
    } else if (status != PGRES_PIPELINE_ABORTED && !error) {
      error = errorOf(result.get());
    }
  }
  if (error) return std::unexpected(std::move(*error));
  return last;
}

}  // namespace weir::postgres
