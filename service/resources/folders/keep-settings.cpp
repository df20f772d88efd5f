// Waiting for the book of folders.
#include "service/resources/folders/keep-settings.h"

#include <utility>

namespace weir::api {
namespace {

struct Stored {
  folders::FolderBook& book;
  const folders::BookCommit& commit;
  bool ready() const {
    book.settle();
    return commit.outcome.has_value();
  }
};

}  // namespace

Job<Expected<Unit>> keepSettings(Call& call, folders::FolderBook& book, std::vector<store::FolderChange> changes,
                                 std::vector<store::AuditEntry> entries) {
  const auto commit = book.commit(std::move(changes), std::move(entries), call.waker());
  const Stored stored{book, *commit};
  co_await call.strand.until(stored);
  if (!*commit->outcome) co_return std::unexpected(refusalOf(commit->outcome->error()));
  co_return Unit{};
}

}  // namespace weir::api
