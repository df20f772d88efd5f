// Accounts whose run has gone, and that something is still charged to.
#include "engine/runtime/owned-account.h"

#include <vector>

#include "engine/data/lock.h"

namespace weir::runtime {
namespace {

struct PutAside {
  Lock lock;
  std::vector<std::unique_ptr<MemoryAccount>> accounts;

  /// A child has nothing before its parent has: what is charged to it is charged to both.
  void endFree() {
    std::erase_if(accounts, [](const auto& account) { return account->usedBytes() == 0; });
  }
};

PutAside& putAside() {
  [[clang::no_destroy]] static PutAside one;  // hosts may give blocks back while the program ends
  return one;
}

}  // namespace

void GiveUpAccount::operator()(MemoryAccount* account) const noexcept {
  // What this thread holds ahead is charged, too.
  MemoryAccount::Cushion::settle();
  auto& aside = putAside();
  const Locked locked(aside.lock);
  aside.accounts.emplace_back(account);
  aside.endFree();
}

std::int64_t accountsPutAside() {
  auto& aside = putAside();
  const Locked locked(aside.lock);
  aside.endFree();
  return static_cast<std::int64_t>(aside.accounts.size());
}

}  // namespace weir::runtime
