// A FlowDiff in words: for a terminal, for a pull request, for a program.
#pragma once

#include <string>

#include "engine/flow/flow-diff.h"

namespace weir::flow {

/// "2 nodes changed, 1 edge added"; "no differences".
[[nodiscard]] std::string summaryOf(const FlowDiff& diff);

/// Nothing if there is no difference. With `colours`, escapes of a terminal; what comes from the documents is
/// printable.
///
///     orders: 1 node changed
///
///     ~ node paid (logic/filter 1.0.0)
///         settings.condition
///           - row.paid
///           + row.paid && row.price > 0.0
[[nodiscard]] std::string textOf(const FlowDiff& diff, bool colours);

/// For a pull request: a heading, a list, and blocks for texts of several lines.
[[nodiscard]] std::string markdownOf(const FlowDiff& diff);

/// {flow, same, summary, parts: [{part, change, id, formerId?, about?, pointer, differences: [{path, pointer, before?,
/// after?}]}]}
[[nodiscard]] json::Value toJson(const FlowDiff& diff);

/// A document as lines that stay put when something else changes, without positions: what `git diff` compares. The
/// document is as canonicalFlow gives it.
[[nodiscard]] std::string listingOf(const json::Value& document);

}  // namespace weir::flow
