// Catalogue: every kind of node that a place knows, by id and version.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/node/node-type.h"
#include "engine/node/problem.h"

namespace weir {

/// A package (or built-in) that was not taken in, and why.
struct Refusal {
  std::string path;  // of the package, or "built-in"
  std::string id, version;
  Problems problems;
  /// All of it as sentences, one a line.
  [[nodiscard]] std::string describe() const;
};

/// Built at start, then only read (from any thread). Types stay where they are: pointers hold as long as the catalogue.
class Catalogue {
 public:
  /// A built-in that breaks the rules is a bug of the build: `node.schema` with all its problems.
  [[nodiscard]] static Result<Catalogue> make(std::span<const BuiltinNode> builtins);

  Catalogue();
  ~Catalogue();
  Catalogue(Catalogue&&) noexcept;
  Catalogue& operator=(Catalogue&&) noexcept;

  /// Exactly this version, by id or alias; null if there is none.
  [[nodiscard]] const NodeType* find(std::string_view id, std::string_view version) const;
  /// Under any of its names; oldest first; empty if the id is not known.
  [[nodiscard]] std::span<const NodeType* const> versionsOf(std::string_view id) const;
  [[nodiscard]] const NodeType* newestOf(std::string_view id) const;
  /// The nearest known id (or alias), or empty.
  [[nodiscard]] std::string_view nearest(std::string_view id) const;
  /// Every type, sorted by id, then version.
  [[nodiscard]] std::vector<const NodeType*> all() const;
  /// The cases.json of a built-in; empty for packages.
  [[nodiscard]] std::string_view casesOf(const NodeType& type) const;

  /// Takes in the schema.json of a package found at `path`. Codes of a refusal: `node.schema` (one for each problem),
  /// `node.min_runtime` (newer than this engine), `node.taken` (id and version are there already; both are named).
  /// A package without code has no `make`: it can be looked at and validated against, not run.
  [[nodiscard]] Result<const NodeType*> addPackage(std::string_view schemaJson, std::string path);
  /// What addPackage refused, in order.
  [[nodiscard]] std::span<const Refusal> refusals() const;

 private:
  struct Entry;
  [[nodiscard]] Problems take(NodeType type, std::string path, const BuiltinNode* builtin);
  [[nodiscard]] const Entry* entryOf(std::string_view id, std::string_view version) const;

  std::vector<std::unique_ptr<Entry>> entries_;
  std::map<std::string, std::vector<const NodeType*>, std::less<>> byName_;  // ids and aliases; oldest version first
  std::vector<Refusal> refusals_;
};

}  // namespace weir
