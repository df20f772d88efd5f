// The merged document, what is said of its conflicts, and their markers.
#include "engine/flow/flow-merge.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/flow/format.h"
#include "engine/flow/line-diff.h"
#include "engine/flow/merge-values.h"
#include "engine/flow/merge-versions.h"
#include "engine/flow/named-elements.h"
#include "engine/flow/node-renames.h"
#include "engine/flow/value-diff.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

using json::Value;
using Path = std::vector<MergeStep>;

/// `/nodes/paid` is node 'paid'.
std::string thingIn(std::string_view list, const std::string& name) {
  if (list.ends_with('s')) list.remove_suffix(1);
  return std::string(list) + " '" + name + "'";
}

std::string whereOf(const Path& path) {
  std::string things, members;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool listOfDocument = i + 1 < path.size() && path[i + 1].element && members.empty();
    if (path[i].element && !members.empty()) {
      members += "[" + path[i].key + "]";
    } else if (listOfDocument) {
      things += (things.empty() ? "" : ", ") + thingIn(path[i].key, path[i + 1].key);
      ++i;
    } else if (things.empty() && i + 2 < path.size() && path[i + 2].element) {
      continue;  // `config` of alerts, `ports` of inputs
    } else {
      members = pathBelow(members, path[i].key);
    }
  }
  if (!things.empty() && !members.empty()) things += ", ";
  things += members;
  return things.empty() ? "the document" : things;
}

/// The elements of lists by their names, kept for as long as the lists stay as they are.
class NamedLists {
 public:
  /// Null: there is none of this name.
  const Value* find(const Value& list, const std::string& name) {
    const auto [known, isNew] = lists_.try_emplace(&list);
    auto& names = known->second;
    if (isNew) {
      const auto naming = namingKey({&list});
      for (const auto& element : *list.asArray()) {
        if (!naming.empty()) names.emplace(textMember(element, naming), &element);
      }
    }
    const auto found = names.find(name);
    return found == names.end() ? nullptr : found->second;
  }

 private:
  std::map<const Value*, std::map<std::string_view, const Value*>> lists_;
};

/// Into the text that prefers ours; as far as it goes there.
std::string pointerOf(const Path& path, const Value& root, NamedLists& lists) {
  std::string pointer;
  const auto* value = &root;
  for (const auto& step : path) {
    const Value* next = nullptr;
    auto key = step.key;
    if (!step.element) {
      next = value->find(step.key);
    } else if (value->isArray()) {
      next = lists.find(*value, step.key);
      if (next != nullptr) key = std::to_string(next - value->asArray()->data());
    }
    if (next == nullptr) return pointer;
    pointer = below(pointer, key);
    value = next;
  }
  return pointer;
}

MergeConflict tell(const FoundConflict& found, const Value& root, NamedLists& lists) {
  return {found.kind, whereOf(found.path), pointerOf(found.path, root, lists), found.message, found.base,
          found.ours, found.theirs};
}

struct View {
  FlowDocument document;
  std::string text;
  std::vector<FoundConflict> conflicts;
  std::vector<std::string> notes;
};

std::expected<View, Problems> viewOf(const MergeVersions& versions, Side favour) {
  ValueMerge merge(versions, favour);
  auto root = merge.run();
  View view;
  view.conflicts = merge.conflicts();
  view.notes = merge.notes();
  dropDangling(root, versions, view.notes);
  if (favour == Side::theirs) {
    std::vector<NodeRename> renames;
    for (const auto& twice : versions.twiceRenamed) renames.push_back({twice.ours, twice.theirs});
    renameNodes(root, renames);
  }
  auto document = parseFlow(json::write(root));
  if (!document) return std::unexpected(std::move(document.error()));
  view.text = formatFlow(*document);
  // Places are those of the text that is handed out.
  document = parseFlow(view.text);
  if (!document) return std::unexpected(std::move(document.error()));
  view.document = std::move(*document);
  return view;
}

MergeConflict tell(const TwiceRenamed& twice, const Value& root, NamedLists& lists) {
  MergeConflict conflict{ConflictKind::renamed,
                         thingIn("nodes", twice.from),
                         pointerOf({{"nodes", false}, {twice.ours, true}, {"id", false}}, root, lists),
                         "ours calls it '" + twice.ours + "', theirs '" + twice.theirs + "'",
                         twice.from,
                         twice.ours,
                         twice.theirs};
  return conflict;
}

/// Errors that the merged flow has and neither version alone.
void addInvalid(const FlowDocument& ours, const FlowDocument& theirs, const FlowDocument& merged,
                const MergeOptions& options, FlowMerge& out) {
  const auto found = validate(merged, *options.catalogue, options.validate);
  if (!found.failed()) return;
  std::set<std::pair<std::string, std::string>> known;
  for (const auto* side : {&ours, &theirs}) {
    for (const auto& problem : validate(*side, *options.catalogue, options.validate).problems) {
      if (problem.severity == Severity::error) known.emplace(problem.code, problem.message);
    }
  }
  for (const auto& problem : found.problems) {
    if (problem.severity != Severity::error || known.contains({problem.code, problem.message})) continue;
    MergeConflict conflict{ConflictKind::invalid, "the merged flow", problem.pointer, {}, {}, {}, {}};
    conflict.message = "is not valid, though each side is: " + problem.message +
                       (problem.suggestion.empty() ? "" : " " + problem.suggestion) + " [" + problem.code + "]";
    out.conflicts.push_back(std::move(conflict));
  }
}

/// Hunks with nothing but brackets between them are one: half of such a pair is no JSON.
std::vector<LineHunk> wholeHunks(const std::vector<std::string_view>& lines, const std::vector<LineHunk>& hunks) {
  std::vector<LineHunk> whole;
  for (const auto& hunk : hunks) {
    const auto brackets = [](std::string_view line) {
      return line.find_first_not_of(" {}[],") == std::string_view::npos;
    };
    const bool joins =
        !whole.empty() && std::all_of(lines.begin() + static_cast<std::ptrdiff_t>(whole.back().beforeEnd),
                                      lines.begin() + static_cast<std::ptrdiff_t>(hunk.beforeBegin), brackets);
    if (joins) {
      whole.back().beforeEnd = hunk.beforeEnd;
      whole.back().afterEnd = hunk.afterEnd;
    } else {
      whole.push_back(hunk);
    }
  }
  return whole;
}

}  // namespace

std::string_view nameOf(ConflictKind kind) {
  switch (kind) {
    case ConflictKind::changed:
      return "changed";
    case ConflictKind::removed:
      return "removed";
    case ConflictKind::used:
      return "used";
    case ConflictKind::added:
      return "added";
    case ConflictKind::order:
      return "order";
    case ConflictKind::renamed:
      return "renamed";
    case ConflictKind::invalid:
      return "invalid";
  }
  return "changed";
}

json::Value toJson(const MergeConflict& conflict) {
  auto value = Value::object();
  value.set("kind", nameOf(conflict.kind));
  value.set("where", conflict.where);
  value.set("pointer", conflict.pointer);
  value.set("message", conflict.message);
  if (conflict.base) value.set("base", *conflict.base);
  if (conflict.ours) value.set("ours", *conflict.ours);
  if (conflict.theirs) value.set("theirs", *conflict.theirs);
  return value;
}

json::Value toJson(const FlowMerge& merge) {
  auto value = Value::object();
  value.set("text", merge.text);
  value.set("theirs", merge.theirs);
  auto conflicts = Value::array(), notes = Value::array();
  for (const auto& conflict : merge.conflicts) conflicts.push(toJson(conflict));
  for (const auto& note : merge.notes) notes.push(note);
  value.set("conflicts", std::move(conflicts));
  value.set("notes", std::move(notes));
  return value;
}

std::expected<FlowMerge, Problems> mergeFlows(const FlowDocument* base, const FlowDocument& ours,
                                              const FlowDocument& theirs, const MergeOptions& options) {
  const auto versions = prepareMerge(base, ours, theirs);
  auto view = viewOf(versions, Side::ours);
  if (!view) return std::unexpected(std::move(view.error()));
  FlowMerge merge;
  merge.text = std::move(view->text);
  merge.theirs = merge.text;
  merge.notes = versions.notes;
  merge.notes.insert(merge.notes.end(), view->notes.begin(), view->notes.end());
  const auto& root = view->document.source.root();
  NamedLists lists;
  for (const auto& twice : versions.twiceRenamed) merge.conflicts.push_back(tell(twice, root, lists));
  for (const auto& found : view->conflicts) merge.conflicts.push_back(tell(found, root, lists));
  if (!merge.conflicts.empty()) {
    auto other = viewOf(versions, Side::theirs);
    if (!other) return std::unexpected(std::move(other.error()));
    merge.theirs = std::move(other->text);
  } else if (options.catalogue != nullptr) {
    addInvalid(ours, theirs, view->document, options, merge);
  }
  return merge;
}

std::string withMarkers(const FlowMerge& merge, const ConflictMarkers& markers) {
  const auto ours = linesOf(merge.text), theirs = linesOf(merge.theirs);
  std::string out;
  const auto copy = [&](const std::vector<std::string_view>& lines, std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) out.append(lines[i]).append("\n");
  };
  const auto marker = [&](char mark, std::string_view label) {
    out.append(markers.size, mark).append(label.empty() ? "" : " ").append(label).append("\n");
  };
  std::size_t at = 0;
  for (const auto& hunk : wholeHunks(ours, diffLines(ours, theirs))) {
    copy(ours, at, hunk.beforeBegin);
    marker('<', markers.ours);
    copy(ours, hunk.beforeBegin, hunk.beforeEnd);
    marker('=', {});
    copy(theirs, hunk.afterBegin, hunk.afterEnd);
    marker('>', markers.theirs);
    at = hunk.beforeEnd;
  }
  copy(ours, at, ours.size());
  return out;
}

}  // namespace weir::flow
