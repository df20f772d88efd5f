// Storing changes.
#include "service/resources/identity/change.h"

#include <utility>

#include "service/api/once.h"

namespace weir::api {
namespace {

struct Turn {
  auth::Directory& directory;
  const Waker& waker;
  bool ready() const { return directory.idle(waker); }
};

struct Stored {
  auth::Directory& directory;
  const auth::DirectoryCommit& commit;
  bool ready() const {
    directory.settle();
    return commit.outcome.has_value();
  }
};

}  // namespace

store::AuditEntry entryOf(Call& call, std::string action, std::string object, std::string detail, std::string folder) {
  store::AuditEntry entry;
  entry.at = call.services.clock.nowMicros() / 1000;
  entry.actor = call.principal.user;
  // Enough to tell sessions apart, as GET /me/sessions names them.
  entry.credential = call.principal.credential.substr(0, 18);
  entry.address = call.request.remote;
  entry.request = call.request.id;
  entry.action = std::move(action);
  entry.object = std::move(object);
  entry.detail = std::move(detail);
  entry.folder = std::move(folder);
  return entry;
}

Job<Unit> turnOf(Call& call) {
  const Turn turn{directoryOf(call), call.waker()};
  co_await call.strand.until(turn);
  co_return Unit{};
}

Job<Expected<Unit>> keep(Call& call, auth::DirectoryChange change, store::AuditEntry entry) {
  std::vector<store::AuditEntry> entries;
  entries.push_back(std::move(entry));
  co_return co_await keep(call, std::move(change), std::move(entries));
}

Job<Expected<Unit>> keep(Call& call, auth::DirectoryChange change, std::vector<store::AuditEntry> entries) {
  auto& directory = directoryOf(call);
  if (call.services.once != nullptr) call.services.once->claim(call);
  const auto commit = directory.commit(std::move(change), std::move(entries), call.waker());
  const Stored stored{directory, *commit};
  co_await call.strand.until(stored);
  if (!*commit->outcome) co_return std::unexpected(refusalOf(commit->outcome->error()));
  co_return Unit{};
}

Refusal notThere(std::string_view what, std::string_view id) {
  return {404, "storage.not_found", "there is no " + std::string(what) + " '" + std::string(id) + "'"};
}

}  // namespace weir::api
