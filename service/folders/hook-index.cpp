// Paths without parts that may be anything clash only if they are equal, and these are found by hash.
#include "service/folders/hook-index.h"

#include <utility>

#include "service/folders/hook-path.h"

namespace weir::folders {

const FlowHooks& HookIndex::add(FlowHooks hooks) {
  const auto& kept = flows_.emplace_back(std::move(hooks));
  for (const auto& claim : kept.claims) {
    const Entry entry{&kept, &claim};
    all_.push_back(entry);
    auto path = hookPath(kept.folder, claim.path);
    if (isOpen(path)) {
      open_.push_back(entry);
    } else {
      exact_.emplace(std::move(path), entry);
    }
  }
  return kept;
}

const FlowHooks* HookIndex::clash(const HookClaim& claim, std::string_view folder,
                                  const std::function<bool(const FlowHooks&)>& counts) const {
  const auto clashes = [&](const Entry& entry) {
    return hooksClash(claim, folder, *entry.claim, entry.flow->folder) && counts(*entry.flow);
  };
  const auto path = hookPath(folder, claim.path);
  const bool open = isOpen(path);
  for (const auto& entry : open ? all_ : open_) {
    if (clashes(entry)) return entry.flow;
  }
  if (open) return nullptr;
  const auto [first, last] = exact_.equal_range(path);
  for (auto at = first; at != last; ++at) {
    if (clashes(at->second)) return at->second.flow;
  }
  return nullptr;
}

}  // namespace weir::folders
