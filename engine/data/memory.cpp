// The account for what belongs to no run.
#include "engine/data/memory.h"

namespace weir {
namespace {

constinit MemoryAccount unlimitedAccount;

}  // namespace

MemoryAccount& MemoryAccount::unlimited() noexcept { return unlimitedAccount; }

}  // namespace weir
