// Orders what is left by what stayed, then puts the rest beside it.
#include "engine/flow/merge-order.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace weir::flow {
namespace {

using Names = std::vector<std::string>;
using NameSet = std::set<std::string, std::less<>>;

Names only(const Names& names, const NameSet& which) {
  Names out;
  std::ranges::copy_if(names, std::back_inserter(out), [&](const auto& name) { return which.contains(name); });
  return out;
}

/// Per gap of the backbone (before its first name, behind each) the names that stand there on one side.
std::vector<Names> gapsOf(const Names& side, const std::map<std::string, std::size_t>& backbone, const NameSet& kept) {
  std::vector<Names> gaps(backbone.size() + 1);
  std::size_t at = 0;
  for (const auto& name : side) {
    if (const auto place = backbone.find(name); place != backbone.end()) {
      at = place->second + 1;
    } else if (kept.contains(name)) {
      gaps[at].push_back(name);
    }
  }
  return gaps;
}

/// What both have at different gaps stays at the first of them.
void keepFirst(std::vector<Names>& gaps, std::vector<Names>& others) {
  std::map<std::string, std::size_t> first;
  for (auto* side : {&gaps, &others}) {
    for (std::size_t i = 0; i < side->size(); ++i) {
      for (const auto& name : (*side)[i]) {
        const auto [found, isNew] = first.emplace(name, i);
        if (!isNew) found->second = std::min(found->second, i);
      }
    }
  }
  for (auto* side : {&gaps, &others}) {
    for (std::size_t i = 0; i < side->size(); ++i)
      std::erase_if((*side)[i], [&](const auto& name) { return first[name] != i; });
  }
}

/// Two lists that may share names, chunk by chunk between what they share.
Names joined(Names left, Names right) {
  Names out;
  /// Takes what stands before the first name that the other has too.
  const auto take = [](Names& names, const Names& other) {
    const auto end = std::ranges::find_first_of(names, other);
    Names taken(std::make_move_iterator(names.begin()), std::make_move_iterator(end));
    names.erase(names.begin(), end);
    return taken;
  };
  while (!left.empty() || !right.empty()) {
    auto a = take(left, right), b = take(right, left);
    if (!a.empty() && !b.empty() && b.front() < a.front()) std::swap(a, b);
    out.insert(out.end(), a.begin(), a.end());
    out.insert(out.end(), b.begin(), b.end());
    if (left.empty() || right.empty()) continue;
    const auto next = std::min(left.front(), right.front());
    out.push_back(next);
    std::erase(left, next);
    std::erase(right, next);
  }
  return out;
}

}  // namespace

MergedOrder mergeOrder(const Names& base, const Names& ours, const Names& theirs, const NameSet& kept,
                       std::optional<Side> favour) {
  MergedOrder merged;
  const NameSet inOurs(ours.begin(), ours.end()), inTheirs(theirs.begin(), theirs.end());
  NameSet stayed;
  for (const auto& name : base) {
    if (kept.contains(name) && inOurs.contains(name) && inTheirs.contains(name)) stayed.insert(name);
  }
  const auto was = only(base, stayed), left = only(ours, stayed), right = only(theirs, stayed);
  auto backbone = left == was ? right : left;
  if (left != was && right != was && left != right) {
    merged.conflict = true;
    if (favour ? *favour == Side::theirs : right < left) backbone = right;
  }
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < backbone.size(); ++i) places.emplace(backbone[i], i);
  auto gaps = gapsOf(ours, places, kept), others = gapsOf(theirs, places, kept);
  keepFirst(gaps, others);
  for (std::size_t i = 0; i <= backbone.size(); ++i) {
    if (i > 0) merged.names.push_back(backbone[i - 1]);
    auto here = joined(std::move(gaps[i]), std::move(others[i]));
    merged.names.insert(merged.names.end(), here.begin(), here.end());
  }
  return merged;
}

}  // namespace weir::flow
