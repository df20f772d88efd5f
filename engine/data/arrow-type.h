// ArrowField: a field of an Arrow schema, ours or foreign, and the Type that it becomes here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/error.h"
#include "engine/data/flat-buffer.h"
#include "engine/data/schema.h"

namespace weir::arrow {

/// Arrow's layouts that can be read. Values are those of the union Type in Arrow's Schema.fbs.
enum class Layout : std::uint8_t {
  null = 1,
  integer = 2,
  floating = 3,
  binary = 4,
  utf8 = 5,
  boolean = 6,
  decimal = 7,
  date = 8,
  time = 9,
  timestamp = 10,
  list = 12,
  structure = 13,
  fixedBinary = 15,
  fixedList = 16,
  map = 17,
  duration = 18,
  largeBinary = 19,
  largeUtf8 = 20,
  largeList = 21
};

/// Powers of ten below a second: 0 seconds, 1 milli, 2 micro, 3 nano (Arrow's TimeUnit); 4: days.
using Unit = std::uint8_t;
inline constexpr Unit kSeconds = 0, kMillis = 1, kMicros = 2, kNanos = 3, kDays = 4;

inline constexpr std::string_view kExtensionName = "ARROW:extension:name";
inline constexpr std::string_view kExtensionMetadata = "ARROW:extension:metadata";
inline constexpr std::string_view kAnyExtension = "weir.any";
inline constexpr std::string_view kBlobExtension = "weir.blob";
inline constexpr std::string_view kTensorExtension = "arrow.fixed_shape_tensor";
inline constexpr std::string_view kSensitiveKey = "weir.sensitive";
inline constexpr std::string_view kVersionKey = "weir.version";
inline constexpr std::string_view kEnvelopeField = "weir.envelope";
/// How deep fields may nest, and how many a schema may have in all.
inline constexpr int kMaxFieldDepth = 40;
inline constexpr std::int64_t kMaxFields = 100'000;

struct ArrowField {
  std::string name;
  bool nullable = true;
  bool sensitive = false;
  Layout layout = Layout::null;
  std::int32_t bits = 0;  // integer, floating, decimal, date, time; bytes of fixedBinary; elements of fixedList
  bool isSigned = false;
  Unit unit = kMicros;
  std::int32_t precision = 0, scale = 0;  // decimal
  std::string extension, extensionMetadata;
  std::vector<ArrowField> children;
  // Dictionary encoding: the layout above is that of the entries.
  bool hasDictionary = false;
  std::int64_t dictionary = 0;
  std::int32_t indexBits = 32;
  bool indexSigned = true;
  TypeRef type;  // what it becomes; see settle
};

/// Fills in `type`, bottom up. int8..64 -> int, uint8..64 -> uint, float16..64 -> double, decimal of up to 15 digits ->
/// double (correctly rounded), wider -> string (all digits), date -> timestamp (midnight UTC), time -> duration since
/// midnight, timestamp and duration -> microseconds, or nanoseconds if they have them (a zone changes nothing, none is
/// read as UTC), large_* as their small forms, fixed_size_binary -> bytes, fixed_size_list of numbers -> tensor, of
/// others -> list, map -> list of {key, value}. Error `arrow.unsupported`.
[[nodiscard]] Result<void> settle(ArrowField& field);

/// What a Field of ours is in Arrow.
[[nodiscard]] ArrowField arrowFieldOf(const Field& field);

/// Reads a Field table. Error `arrow.invalid`, `arrow.unsupported`.
[[nodiscard]] Result<ArrowField> readField(flat::Table table, int depth, std::int64_t& budget);
/// Writes a Field table; returns its position.
std::int64_t writeField(flat::Writer& writer, const ArrowField& field);
/// Writes key-value metadata, pairs one after the other; returns the vector's position.
std::int64_t writeMetadata(flat::Writer& writer, std::span<const std::pair<std::string, std::string>> pairs);

/// The schema that fields become. Error `arrow.invalid` if two have one name.
[[nodiscard]] Result<SchemaRef> schemaOf(std::span<const ArrowField> fields, std::string version);

}  // namespace weir::arrow
