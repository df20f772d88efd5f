// Three versions of a JSON value made one.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/flow/flow-merge.h"
#include "engine/flow/merge-versions.h"

namespace weir::flow {

/// One step down into a document: a member, or the element of a list that has this name.
struct MergeStep {
  std::string key;
  bool element = false;
};

struct FoundConflict {
  ConflictKind kind = ConflictKind::changed;
  std::vector<MergeStep> path;
  std::string message;
  std::optional<json::Value> base, ours, theirs;
};

/// Merges the documents of `versions`; where they conflict `favour` has its way.
class ValueMerge {
 public:
  ValueMerge(const MergeVersions& versions, Side favour) : versions_(versions), favour_(favour) {}

  [[nodiscard]] json::Value run();
  [[nodiscard]] const std::vector<FoundConflict>& conflicts() const { return conflicts_; }
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  using Values = std::optional<json::Value>;
  struct Three {
    const json::Value *base, *ours, *theirs;
  };

  Values any(const Three& values);
  Values lastResort(const Three& values);
  Values members(const Three& values);
  Values elements(const Three& values, std::string_view key);
  Values words(const Three& values);
  Values element(const Three& values);
  Values conflict(ConflictKind kind, const Three& values, std::string message);
  [[nodiscard]] Values favoured(const Three& values) const;
  [[nodiscard]] bool at(std::initializer_list<std::string_view> path) const;
  [[nodiscard]] bool isPlace() const;
  [[nodiscard]] bool holdsContested() const;
  [[nodiscard]] bool ordersMatter() const;

  const MergeVersions& versions_;
  Side favour_;
  std::vector<MergeStep> path_;
  std::vector<FoundConflict> conflicts_;
  std::size_t pathBytes_ = 0;  // of their paths
  std::vector<std::string> notes_;
};

}  // namespace weir::flow
