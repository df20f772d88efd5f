// Checks a node's settings against what its schema.json declares, all problems at once; fills in defaults.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/data/schema.h"
#include "engine/data/value.h"
#include "engine/node/node-type.h"
#include "engine/node/problem.h"

namespace weir {

struct SettingsCheckOptions {
  /// Schema of the rows that expressions see as `row`, if known.
  SchemaRef rowSchema{};
  /// `params`: a map value, or null.
  const Value* params = nullptr;
  /// Texts that are exactly `${name}` stand for a parameter whose value is not known here: they pass as any type.
  bool parametersOpen = false;
};

/// Codes: `settings.unknown missing type range option pattern`, and `cel.*` for expressions (the message carries the
/// line and a caret). Pointers begin with `pointer`.
[[nodiscard]] Problems checkSettings(std::span<const SettingSpec> specs, const json::Value& settings,
                                     const std::string& pointer = "/settings", const SettingsCheckOptions& = {});

/// One value (not null) against one spec.
void checkSetting(const SettingSpec& spec, const json::Value& value, const std::string& pointer,
                  const SettingsCheckOptions& options, Problems& problems);

/// The settings with every absent (or null) one that has a default filled in, also inside lists of objects; in the
/// order of the specs, unknown keys behind.
[[nodiscard]] json::Value completed(std::span<const SettingSpec> specs, const json::Value& settings);

/// A type's settings as JSON Schema (2020-12), strict.
[[nodiscard]] json::Value settingsJsonSchema(const NodeType& type);

}  // namespace weir
