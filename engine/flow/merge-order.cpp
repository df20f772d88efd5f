// Orders what is left by what stayed, then puts the rest beside it.
#include "engine/flow/merge-order.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>

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

/// One of two lists that may share names, taken from its front.
class Front {
 public:
  Front(const Names& names, const Names& other) : names_(names), shared_(other.begin(), other.end()) {}

  /// Takes what stands before the first name that the other still has too.
  Names take(const NameSet& done) {
    Names taken;
    for (; at_ < names_.size(); ++at_) {
      if (!shared_.contains(names_[at_])) {
        taken.push_back(names_[at_]);
      } else if (!done.contains(names_[at_])) {
        break;
      }
    }
    return taken;
  }
  [[nodiscard]] bool empty() const { return at_ == names_.size(); }
  [[nodiscard]] const std::string& front() const { return names_[at_]; }

 private:
  const Names& names_;
  std::set<std::string_view> shared_;
  std::size_t at_ = 0;
};

/// Two lists that may share names, chunk by chunk between what they share.
Names joined(const Names& left, const Names& right) {
  Names out;
  NameSet done;
  Front ours(left, right), theirs(right, left);
  while (!ours.empty() || !theirs.empty()) {
    auto a = ours.take(done), b = theirs.take(done);
    if (!a.empty() && !b.empty() && b.front() < a.front()) std::swap(a, b);
    out.insert(out.end(), a.begin(), a.end());
    out.insert(out.end(), b.begin(), b.end());
    if (ours.empty() || theirs.empty()) continue;
    const auto& next = std::min(ours.front(), theirs.front());
    out.push_back(next);
    done.insert(next);
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
    auto here = joined(gaps[i], others[i]);
    merged.names.insert(merged.names.end(), here.begin(), here.end());
  }
  return merged;
}

}  // namespace weir::flow
