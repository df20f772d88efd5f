// What a grep looks for: its pattern, and which rows of a batch match it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/data/batch.h"
#include "engine/regex/regex.h"
#include "nodes/text/grep/grep.gen.h"

namespace weir::nodes::grep {

[[nodiscard]] Result<regex::Regex> compilePattern(const Settings& settings);

/// The text column `field` of a batch, dictionary or plain. Errors: `text.no_field`, `text.not_text`.
[[nodiscard]] Result<const Column*> textColumn(const Batch& batch, const std::string& field);

/// A byte for each row of a dense batch: 1 if it is kept. Null never matches (and is kept by `invert` neither).
[[nodiscard]] std::vector<std::uint8_t> matches(const Column& column, const regex::Regex& pattern, bool invert,
                                                regex::Regex::Scratch& scratch);

}  // namespace weir::nodes::grep
