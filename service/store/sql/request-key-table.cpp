// One table; a row is written by the change that it stands for.
#include "service/store/sql/request-key-table.h"

#include <utility>

#include "adapters/sodium/password.h"
#include "engine/text/base64.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {"CREATE TABLE request_keys (name TEXT PRIMARY KEY, caller TEXT NOT NULL, request TEXT NOT NULL, "
     "at INTEGER NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, body TEXT NOT NULL);"
     "CREATE INDEX request_keys_at ON request_keys (at, name);"
     "CREATE INDEX request_keys_of ON request_keys (caller, at)"}};

/// What a thread wants its next change to take along.
struct Told {
  const Database* database = nullptr;
  RequestKey key;
  MakeAnswer make;
  std::int64_t at = 0;
};
thread_local std::optional<Told> told;

Result<void> insert(Session& session, const Told& with, const Given& given) {
  KeptAnswer answer;
  if (auto made = with.make ? with.make(given) : std::nullopt; made && made->body.size() <= RequestKeys::kMostAnswer) {
    answer = std::move(*made);
  }
  // One that is kept no longer may still be there.
  WEIR_ASSIGN(const auto rows,
              session.exec("INSERT INTO request_keys (name, caller, request, at, status, headers, body) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET caller = excluded.caller, "
                           "request = excluded.request, at = excluded.at, status = excluded.status, "
                           "headers = excluded.headers, body = excluded.body WHERE request_keys.at <= ?",
                           {with.key.name, with.key.caller, with.key.request, with.at, answer.status, answer.headers,
                            answer.body, with.at - RequestKeys::kKeptMs}));
  if (rows > 0) return {};
  return fail(
      "storage.repeated",
      "another request with the same Idempotency-Key was carried out meanwhile; send it again to get its answer");
}

/// A change, and behind it its key.
class KeyJob final : public StoreJob {
 public:
  KeyJob(std::unique_ptr<StoreJob> change, Told with) : change_(std::move(change)), with_(std::move(with)) {
    frees = change_->frees;
  }
  Result<void> work(Session& session) override {
    WEIR_TRY(change_->work(session));
    return insert(session, with_, change_->given());
  }
  void tell(const Result<void>& kept) override { change_->tell(kept); }
  [[nodiscard]] Given given() const override { return change_->given(); }

 private:
  std::unique_ptr<StoreJob> change_;
  Told with_;
};

}  // namespace

const Kind& requestKeyKind() {
  static constexpr Kind kKind{"request-keys", kSteps};
  return kKind;
}

std::unique_ptr<StoreJob> withKey(const Database& database, std::unique_ptr<StoreJob> job) {
  if (!told || told->database != &database) return job;
  auto with = std::move(*told);
  told.reset();
  return std::make_unique<KeyJob>(std::move(job), std::move(with));
}

std::string SqlRequestKeys::digestOf(std::string_view text) const { return encodeHex(sodium::sha256(text)); }

Operation<std::optional<KeptRequest>> SqlRequestKeys::find(std::string name, Waker waker) {
  using Found = std::optional<KeptRequest>;
  return database_.read<Found>(
      std::move(waker),
      [name = std::move(name), from = clock_.nowMicros() / 1000 - kKeptMs](Session& session) -> Result<Found> {
        WEIR_ASSIGN(
            const auto row,
            session.queryOne("SELECT request, status, headers, body FROM request_keys WHERE name = ? AND at > ?",
                             {name, from}));
        if (!row) return Found();
        KeptRequest found{.request = row->text(0), .answer = {}};
        const auto status = static_cast<int>(row->integer(1));
        if (status != 0) found.answer = KeptAnswer{status, row->text(2), row->text(3)};
        return Found(std::move(found));
      });
}

void SqlRequestKeys::takeAlong(RequestKey key, MakeAnswer make) {
  told = Told{&database_, std::move(key), std::move(make), clock_.nowMicros() / 1000};
}

void SqlRequestKeys::forget() {
  if (told && told->database == &database_) told.reset();
}

Operation<Unit> SqlRequestKeys::answer(std::string name, KeptAnswer answer, Waker waker) {
  if (answer.body.size() > kMostAnswer) return Operation<Unit>::finished(Unit{});
  return database_.write<Unit>(
      std::move(waker), [name = std::move(name), answer = std::move(answer)](Session& session) -> Result<Unit> {
        WEIR_TRY(session.exec("UPDATE request_keys SET status = ?, headers = ?, body = ? WHERE name = ? AND status = 0",
                              {answer.status, answer.headers, answer.body, name}));
        return Unit{};
      });
}

}  // namespace weir::store::sql
