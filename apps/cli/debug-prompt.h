// What a person types into `weir debug`, as requests to the run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/json/value.h"

namespace weir::cli {

/// One line, understood.
struct DebugLine {
  enum class What : std::uint8_t { nothing, help, quit, request, show, list, wait, events };
  What what = What::nothing;
  std::string type;  // of the request
  json::Value data{};
  /// The request is about the row that is shown, whose number is put in as `held`.
  bool ofHeld = false;
  /// A tap: how many rows are to be shown.
  std::int64_t rows = 0;
};

/// Words, with '…' and "…" kept together. Error `settings.invalid`: a quote without its partner.
[[nodiscard]] Result<std::vector<std::string>> wordsOf(std::string_view line);
/// Errors `settings.invalid`, with what could have been written.
[[nodiscard]] Result<DebugLine> readDebugLine(std::string_view line, const std::vector<std::string>& nodes,
                                              const std::vector<std::string>& edges);
[[nodiscard]] std::string_view debugHelp();

}  // namespace weir::cli
