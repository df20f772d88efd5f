// Values as JSON and back, by the rules of "JSON values".
#pragma once

#include <string>

#include "engine/data/error.h"
#include "engine/data/value.h"
#include "engine/json/value.h"

namespace weir {

/// Appends compact JSON: int and uint with all digits, double as the shortest text that round-trips, "NaN", "Infinity",
/// "-Infinity", bytes as base64, timestamp as RFC 3339 UTC, duration as "3.5s", blob as {"$blob": …} (blob.h). Keys of
/// maps that are no strings become their texts; an optional is its value or null; types and addresses are their texts.
void appendJson(std::string& out, const Value& value);
[[nodiscard]] std::string toJson(const Value& value);

/// A number without fraction and exponent is an int if it fits int64, else a double. Strings stay strings;
/// {"$blob": …} that reads as a blob reference is one.
[[nodiscard]] Value fromJson(const json::Value& json);
/// Reads a JSON text. Errors are those of json::parse.
[[nodiscard]] Result<Value> parseJsonValue(std::string_view text);

}  // namespace weir
