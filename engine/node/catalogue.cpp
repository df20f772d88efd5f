// Every kind of node that a place knows, by id and version.
#include "engine/node/catalogue.h"

#include <algorithm>

#include "engine/node/parse-node-type.h"
#include "engine/node/version.h"
#include "engine/text/suggest.h"

namespace weir {

struct Catalogue::Entry {
  NodeType type;
  std::string path;
  std::string_view cases;
};

namespace {

bool olderThan(const NodeType* a, const NodeType* b) {
  return Version::parse(a->version).value_or(Version{}) < Version::parse(b->version).value_or(Version{});
}

Problem problemAt(std::string pointer, std::string_view code, std::string message) {
  return {std::move(pointer), code, std::move(message), {}};
}

}  // namespace

std::string Refusal::describe() const {
  std::string text;
  for (const auto& problem : problems) {
    if (!text.empty()) text += '\n';
    text += path;
    if (!problem.pointer.empty()) text += " " + problem.pointer;
    text += ": " + problem.message;
    if (!problem.suggestion.empty()) text += ". Did you mean '" + problem.suggestion + "'?";
  }
  return text;
}

Catalogue::Catalogue() = default;
Catalogue::~Catalogue() = default;
Catalogue::Catalogue(Catalogue&&) noexcept = default;
Catalogue& Catalogue::operator=(Catalogue&&) noexcept = default;

const Catalogue::Entry* Catalogue::entryOf(std::string_view id, std::string_view version) const {
  const auto* type = find(id, version);
  const auto at = std::ranges::find_if(entries_, [&](const auto& entry) { return &entry->type == type; });
  return at == entries_.end() ? nullptr : at->get();
}

Problems Catalogue::take(NodeType type, std::string path, const BuiltinNode* builtin) {
  Problems problems;
  if (!type.minRuntime.empty()) {
    const auto wanted = Version::parse(type.minRuntime), own = Version::parse(kEngineVersion);
    if (wanted && own && *own < *wanted) {
      problems.push_back(problemAt("/compatibility/minRuntime", "node.min_runtime",
                                   type.id + " " + type.version + " needs Weir " + type.minRuntime +
                                       " or newer; this is " + std::string(kEngineVersion)));
    }
  }
  auto names = type.aliases;
  names.push_back(type.id);
  for (const auto& name : names) {
    if (const auto* other = entryOf(name, type.version); other != nullptr) {
      problems.push_back(problemAt(name == type.id ? "/id" : "/aliases", "node.taken",
                                   name + " " + type.version + " of " + path + " is taken already, by " +
                                       other->type.id + " " + other->type.version + " of " + other->path +
                                       "; give it another id or version"));
    }
  }
  if (!problems.empty()) return problems;
  auto entry = std::make_unique<Entry>(std::move(type), std::move(path), std::string_view());
  if (builtin != nullptr) {
    entry->type.make = builtin->make;
    entry->cases = builtin->casesJson;
  }
  for (const auto& name : names) {
    auto& versions = byName_[name];
    versions.push_back(&entry->type);
    std::ranges::stable_sort(versions, olderThan);
  }
  entries_.push_back(std::move(entry));
  return problems;
}

Result<Catalogue> Catalogue::make(std::span<const BuiltinNode> builtins) {
  Catalogue catalogue;
  for (const auto& builtin : builtins) {
    auto parsed = parseNodeType(builtin.schemaJson);
    Refusal refusal{"built-in " + parsed.type.id, parsed.type.id, parsed.type.version, std::move(parsed.problems)};
    if (refusal.problems.empty()) refusal.problems = catalogue.take(std::move(parsed.type), refusal.path, &builtin);
    if (!refusal.problems.empty()) return fail("node.schema", refusal.describe());
  }
  return catalogue;
}

const NodeType* Catalogue::find(std::string_view id, std::string_view version) const {
  for (const auto* type : versionsOf(id)) {
    if (type->version == version) return type;
  }
  return nullptr;
}

std::span<const NodeType* const> Catalogue::versionsOf(std::string_view id) const {
  const auto found = byName_.find(id);
  if (found == byName_.end()) return {};
  return found->second;
}

const NodeType* Catalogue::newestOf(std::string_view id) const {
  const auto versions = versionsOf(id);
  return versions.empty() ? nullptr : versions.back();
}

std::string_view Catalogue::nearest(std::string_view id) const {
  std::vector<std::string_view> names;
  for (const auto& [name, versions] : byName_) names.push_back(name);
  if (const auto found = nearestName(id, names); !found.empty()) return found;
  // `filter` for `logic/filter`: the last part alone names it.
  for (const auto name : names) {
    if (name.ends_with(id) && name.size() > id.size() && name[name.size() - id.size() - 1] == '/') return name;
  }
  return {};
}

std::vector<const NodeType*> Catalogue::all() const {
  std::vector<const NodeType*> types;
  for (const auto& [name, versions] : byName_) {
    for (const auto* type : versions) {
      if (type->id == name) types.push_back(type);
    }
  }
  return types;
}

std::string_view Catalogue::casesOf(const NodeType& type) const {
  const auto* entry = entryOf(type.id, type.version);
  return entry == nullptr ? std::string_view() : entry->cases;
}

Result<const NodeType*> Catalogue::addPackage(std::string_view schemaJson, std::string path) {
  auto parsed = parseNodeType(schemaJson);
  Refusal refusal{path, parsed.type.id, parsed.type.version, std::move(parsed.problems)};
  if (refusal.problems.empty()) refusal.problems = take(std::move(parsed.type), std::move(path), nullptr);
  if (refusal.problems.empty()) return &entries_.back()->type;
  Error error{refusal.problems.front().code, refusal.describe()};
  refusals_.push_back(std::move(refusal));
  return std::unexpected(std::move(error));
}

std::span<const Refusal> Catalogue::refusals() const { return refusals_; }

}  // namespace weir
