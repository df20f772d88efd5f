// OwnedAccount: the memory account of a run or node, which blocks in the hands of a host may outlive.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/data/memory.h"

namespace weir::runtime {

/// Ends an account once nothing is charged to it. A host may hold a buffer for a call that nobody waits for any more:
/// its account is then put aside, and looked at again when the next one is given up.
struct GiveUpAccount {
  void operator()(MemoryAccount* account) const noexcept;
};
using OwnedAccount = std::unique_ptr<MemoryAccount, GiveUpAccount>;

[[nodiscard]] inline OwnedAccount makeAccount(std::int64_t limitBytes, MemoryAccount* parent = nullptr) {
  return OwnedAccount(std::make_unique<MemoryAccount>(limitBytes, parent).release());
}

/// How many accounts are put aside now; looks at them first.
[[nodiscard]] std::int64_t accountsPutAside();

}  // namespace weir::runtime
