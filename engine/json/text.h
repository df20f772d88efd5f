// The text of JSON strings: unescaping and escaping, sixteen bytes at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::json {

/// Where the first backslash stands, or size().
[[nodiscard]] std::size_t findBackslash(std::string_view raw);

/// Appends what the raw text of a valid string (what stands between its quotes) means.
void appendUnescaped(std::string& out, std::string_view raw);

/// Whether a raw string means `plain`, without copying it.
[[nodiscard]] bool rawEquals(std::string_view raw, std::string_view plain);

/// Appends the text with `"`, backslash and control characters escaped and everything else (UTF-8) as it is.
void appendEscaped(std::string& out, std::string_view plain);

/// The same between quotes.
void appendQuoted(std::string& out, std::string_view plain);
/// The same between two texts that are appended as they are.
void appendQuoted(std::string& out, std::string_view before, std::string_view plain, std::string_view after);

}  // namespace weir::json
