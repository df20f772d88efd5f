// What a suite of scenarios found, as text, JSON and one page with charts.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "apps/cli/bench-load.h"

namespace weir::cli {

[[nodiscard]] std::string benchText(const BenchResult& result);
[[nodiscard]] std::string benchJson(std::string_view suite, std::span<const BenchResult> results);
/// Self-contained: styles and drawings are in it, it loads and runs nothing.
[[nodiscard]] std::string benchPage(std::string_view suite, std::span<const BenchResult> results);

}  // namespace weir::cli
