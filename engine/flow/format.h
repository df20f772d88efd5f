// The canonical text of a flow document: what `weir fmt` writes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "engine/flow/document.h"

namespace weir::flow {

/// Keys in a fixed order (those beginning with x- last), one node or edge per block, presets expanded, positions and
/// sizes in one last block `layout`. Formatting what it wrote gives the same text.
[[nodiscard]] std::string formatFlow(const FlowDocument& document);

/// The same of a document that was only checked (parseSource).
[[nodiscard]] std::string formatSource(const json::Value& root);

/// The same if it has so many bytes at most; little more than these are made of one that has more.
[[nodiscard]] std::optional<std::string> formatWithin(const json::Value& root, std::size_t mostBytes);

/// The document as formatFlow writes it, as a value: keys in their order, presets expanded, positions in the layout, no
/// nulls. What `weir diff` and `weir merge` compare.
[[nodiscard]] json::Value canonicalFlow(const FlowDocument& document);

/// The text of what canonicalFlow gives.
[[nodiscard]] std::string formatCanonical(const json::Value& root);

/// A value on one line, as formatFlow writes short ones: `{ "name": "n", "of": [1, 2] }`.
[[nodiscard]] std::string oneLine(const json::Value& value);

/// A value as formatFlow writes it at the left margin: on one line if it is short, else on several.
[[nodiscard]] std::string severalLines(const json::Value& value);

/// What an edge's preset stands for: buffer and batch; an empty object if there is no such preset.
[[nodiscard]] json::Value presetOf(std::string_view name);

}  // namespace weir::flow
