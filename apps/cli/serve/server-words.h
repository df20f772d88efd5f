// What a server says on standard error beside its log: its start and end, warnings, and why it does not start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "service/logs/log-line.h"

namespace weir::cli {

/// From here on as --log-format says it; before, as text. Any thread.
void sayAs(logs::LogFormat format);

/// For people `weir: MESSAGE`, with `more` in a line below; else one JSON object with `more` as its detail.
void say(LogLevel level, std::string_view message, std::string_view more = {});

/// Each as a warning.
void sayAll(const std::vector<std::string>& warnings);

/// As say, or as printError where people read.
void sayError(const Error& error);

/// The line that say() writes, with its end.
[[nodiscard]] std::string wordsOf(logs::LogFormat format, const logs::LogLine& line, std::string_view more);

}  // namespace weir::cli
