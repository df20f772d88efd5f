// LogLine: what happened, with named values, for people (text) and for programs (a JSON object a line).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/host/log.h"

namespace weir::logs {

struct LogField {
  std::string_view name;
  std::variant<std::string, std::int64_t, double> value;
};

struct LogLine {
  LogLevel level = LogLevel::info;
  std::int64_t micros = 0;  // since 1970
  std::string_view part;    // of the server: http, runs, store, …
  std::string message;
  std::vector<LogField> fields{};
};

enum class LogFormat : std::uint8_t { text, json };

/// `debug`, `info`, `warn`, `error`.
[[nodiscard]] std::string_view nameOf(LogLevel level);
[[nodiscard]] std::optional<LogLevel> levelNamed(std::string_view name);
[[nodiscard]] std::optional<LogFormat> formatNamed(std::string_view name);

/// One line without its end. Whatever the texts hold, it stays one line and shows no control characters.
[[nodiscard]] std::string format(const LogLine& line, LogFormat as);

/// The trace of a W3C `traceparent` header.
struct TraceContext {
  std::string trace, parent;  // 32 and 16 digits
  bool sampled = false;
};
/// Nothing if the header is not what the standard says.
[[nodiscard]] std::optional<TraceContext> parseTraceparent(std::string_view header);

}  // namespace weir::logs
