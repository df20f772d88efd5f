// A session on a thread, as a SqlConnection.
#include "hosts/native/sql/native-sql.h"

#include <utility>

#include "hosts/native/job-thread.h"
#include "hosts/native/sql/postgres-session.h"
#include "hosts/native/sql/sqlite-session.h"

namespace weir::native {
namespace {

class ThreadedConnection final : public SqlConnection {
 public:
  explicit ThreadedConnection(std::unique_ptr<SqlSession> session) : session_(std::move(session)) {}
  ~ThreadedConnection() override { session_->interrupt(); }

  Operation<SqlRows> query(SqlQuery query, MemoryAccount& account, Waker waker) override {
    return start<SqlRows>(std::move(waker), [this, &account, query = std::move(query)]() mutable {
      return session_->query(std::move(query), account);
    });
  }
  Operation<SqlRows> fetch(MemoryAccount& account, Waker waker) override {
    return start<SqlRows>(std::move(waker), [this, &account] { return session_->fetch(account); });
  }
  Operation<SqlWritten> write(SqlWrite write, Waker waker) override {
    return start<SqlWritten>(std::move(waker), [this, write = std::move(write)] { return session_->write(write); });
  }
  Operation<SinkCheckpoint> claim(std::string sink, Waker waker) override {
    return start<SinkCheckpoint>(std::move(waker), [this, sink = std::move(sink)] { return session_->claim(sink); });
  }

 private:
  template <class T, class Work>
  Operation<T> start(Waker waker, Work work) {
    Completion<T> completion(std::move(waker));
    auto operation = completion.operation();
    thread_.give([completion, work = std::move(work)]() mutable { completion.complete(work()); });
    return operation;
  }

  std::unique_ptr<SqlSession> session_;
  JobThread thread_;  // the last member: it ends before the session does
};

}  // namespace

Result<std::unique_ptr<SqlConnection>> NativeSql::open(SqlTarget target) {
  if (target.file.empty() == target.connection.empty()) {
    return fail("settings.invalid", "give either a SQLite file or the connection of a PostgreSQL server");
  }
  if (!target.file.empty()) {
    return std::make_unique<ThreadedConnection>(std::make_unique<SqliteSession>(std::move(target), files_));
  }
  return std::make_unique<ThreadedConnection>(std::make_unique<PostgresSession>(std::move(target), network_));
}

}  // namespace weir::native
