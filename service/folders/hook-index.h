// HookIndex: hooks of many flows, found by their paths.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>  // unordered: only looked up in
#include <vector>

#include "service/folders/folder-book.h"

namespace weir::folders {

class HookIndex {
 public:
  HookIndex() = default;
  HookIndex(HookIndex&&) = default;
  HookIndex& operator=(HookIndex&&) = default;

  /// What it keeps of them, for as long as it is there itself.
  const FlowHooks& add(FlowHooks hooks);
  /// A flow that counts and has a hook that clashes with this one; null: none.
  [[nodiscard]] const FlowHooks* clash(const HookClaim& claim, std::string_view folder,
                                       const std::function<bool(const FlowHooks&)>& counts) const;

 private:
  struct Entry {
    const FlowHooks* flow;
    const HookClaim* claim;
  };
  std::deque<FlowHooks> flows_;
  std::vector<Entry> all_, open_;  // `open_`: with parts that may be anything
  std::unordered_multimap<std::string, Entry> exact_;
};

}  // namespace weir::folders
