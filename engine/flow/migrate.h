// Migrations: pure steps from older documents and older settings of nodes to the present ones.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/flow/problem.h"
#include "engine/json/value.h"

namespace weir::flow {

struct DocumentVersion {
  int major = 0, minor = 0, patch = 0;
  [[nodiscard]] friend auto operator<=>(const DocumentVersion&, const DocumentVersion&) = default;
};

/// `1.2.3`; minor and patch may be left out. False if it is none.
[[nodiscard]] bool readVersion(std::string_view text, DocumentVersion& version);

/// One step: makes a document of format `from` one of format `to`.
struct DocumentMigration {
  std::string_view from, to;
  void (*apply)(json::Value& root);
};
[[nodiscard]] std::span<const DocumentMigration> documentMigrations();

/// Brings the document to kDocumentVersion and returns the version it had if that was older. `flow.newer` if it is
/// newer than this engine, `flow.version` if it is no version, `flow.no_migration` if no step leads from it.
std::string migrateDocument(json::Value& root, Problems& problems);

/// Changes the settings of one type of node from one version's to another's; pure.
struct SettingsMigration {
  std::string_view typeId, from, to;
  json::Value (*apply)(const json::Value& settings);
};

/// Applies the steps (in a chain) to all nodes they fit; returns how many nodes changed.
std::int64_t migrateNodes(json::Value& root, std::span<const SettingsMigration> steps);

}  // namespace weir::flow
