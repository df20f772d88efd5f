// Fields in Arrow's FlatBuffers metadata (format/Schema.fbs), both ways.
#include <array>

#include "engine/data/arrow-type.h"

namespace weir::arrow {
namespace {

// Field numbers of the tables in Schema.fbs.
constexpr std::int32_t kFieldName = 0, kFieldNullable = 1, kFieldTypeKind = 2, kFieldType = 3, kFieldDictionary = 4,
                       kFieldChildren = 5, kFieldMetadata = 6;
constexpr std::int32_t kDictionaryId = 0, kDictionaryIndex = 1;
constexpr std::int16_t kDateMillis = 1;

std::uint64_t bitsOf(std::int64_t value) { return static_cast<std::uint64_t>(value); }

void readType(ArrowField& field, flat::Table type) {
  switch (field.layout) {
    case Layout::integer:
      field.bits = type.scalar<std::int32_t>(0, 0);
      field.isSigned = type.scalar<std::uint8_t>(1, 0) != 0;
      return;
    case Layout::floating:
      field.bits = 16 << (type.scalar<std::int16_t>(0, 0) & 3);
      return;
    case Layout::decimal:
      field.precision = type.scalar<std::int32_t>(0, 0);
      field.scale = type.scalar<std::int32_t>(1, 0);
      field.bits = type.scalar<std::int32_t>(2, 128);
      return;
    case Layout::date:
      field.unit = type.scalar<std::int16_t>(0, kDateMillis) == kDateMillis ? kMillis : kDays;
      field.bits = field.unit == kMillis ? 64 : 32;
      return;
    case Layout::time:
      field.unit = static_cast<Unit>(type.scalar<std::int16_t>(0, kMillis) & 3);
      field.bits = type.scalar<std::int32_t>(1, 32);
      return;
    case Layout::timestamp:
      field.unit = static_cast<Unit>(type.scalar<std::int16_t>(0, kSeconds) & 3);
      return;
    case Layout::duration:
      field.unit = static_cast<Unit>(type.scalar<std::int16_t>(0, kMillis) & 3);
      return;
    case Layout::fixedBinary:
    case Layout::fixedList:
      field.bits = type.scalar<std::int32_t>(0, 0);
      return;
    case Layout::null:
    case Layout::binary:
    case Layout::utf8:
    case Layout::boolean:
    case Layout::list:
    case Layout::structure:
    case Layout::map:
    case Layout::largeBinary:
    case Layout::largeUtf8:
    case Layout::largeList:
      return;
  }
}

bool isKnown(std::uint8_t kind) {
  switch (static_cast<Layout>(kind)) {
    case Layout::null:
    case Layout::integer:
    case Layout::floating:
    case Layout::binary:
    case Layout::utf8:
    case Layout::boolean:
    case Layout::decimal:
    case Layout::date:
    case Layout::time:
    case Layout::timestamp:
    case Layout::list:
    case Layout::structure:
    case Layout::fixedBinary:
    case Layout::fixedList:
    case Layout::map:
    case Layout::duration:
    case Layout::largeBinary:
    case Layout::largeUtf8:
    case Layout::largeList:
      return true;
  }
  return false;
}

std::string_view unknownName(std::uint8_t kind) {
  constexpr std::array<std::string_view, 27> kNames{"no type",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "an interval",
                                                    "",
                                                    "",
                                                    "a union",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "",
                                                    "run-end encoding",
                                                    "a binary view",
                                                    "a text view",
                                                    "a list view",
                                                    "a large list view"};
  return kind < kNames.size() ? kNames[kind] : "a type of a newer Arrow version";
}

void readMetadata(ArrowField& field, flat::Vector pairs) {
  for (std::int64_t i = 0; i < pairs.count(); ++i) {
    const auto pair = pairs.table(i);
    const auto key = pair.text(0);
    const auto value = pair.text(1);
    if (key == kExtensionName) field.extension = value;
    if (key == kExtensionMetadata) field.extensionMetadata = value;
    if (key == kSensitiveKey) field.sensitive = value == "true";
  }
}

std::int64_t writeType(flat::Writer& writer, const ArrowField& field) {
  const auto unit = flat::Slot{.id = 0, .bytes = 2, .value = field.unit};
  const auto bits = flat::Slot{.id = 0, .bytes = 4, .value = bitsOf(field.bits)};
  switch (field.layout) {
    case Layout::integer:
      return writer.table(std::array{bits, flat::Slot{1, 1, field.isSigned ? 1u : 0u}});
    case Layout::floating:
      return writer.table(std::array{flat::Slot{0, 2, field.bits == 64 ? 2u : 1u}});
    case Layout::timestamp: {
      const auto table = writer.table(std::array{unit, flat::Slot{.id = 1, .reference = true}});
      writer.point(writer.slotOf(table, 1), writer.text("UTC"));
      return table;
    }
    case Layout::duration:
      return writer.table(std::array{unit});
    case Layout::fixedList:
      return writer.table(std::array{bits});
    case Layout::null:
    case Layout::binary:
    case Layout::utf8:
    case Layout::boolean:
    case Layout::list:
    case Layout::structure:
    // We write none of the others.
    case Layout::decimal:
    case Layout::date:
    case Layout::time:
    case Layout::fixedBinary:
    case Layout::map:
    case Layout::largeBinary:
    case Layout::largeUtf8:
    case Layout::largeList:
      return writer.table({});
  }
  return writer.table({});
}

}  // namespace

Result<ArrowField> readField(flat::Table table, int depth, std::int64_t& budget) {
  if (!table || depth > kMaxFieldDepth || --budget < 0)
    return fail("arrow.invalid", "The Arrow schema is damaged, or nests deeper than " + std::to_string(kMaxFieldDepth) +
                                     " levels or has more than " + std::to_string(kMaxFields) + " fields.");
  ArrowField field;
  field.name = table.text(kFieldName);
  field.nullable = table.scalar<std::uint8_t>(kFieldNullable, 0) != 0;
  const auto kind = table.scalar<std::uint8_t>(kFieldTypeKind, 0);
  if (!isKnown(kind))
    return fail("arrow.unsupported", "The field `" + field.name + "` has " + std::string(unknownName(kind)) +
                                         ", which has no column here. Convert it before reading.");
  field.layout = static_cast<Layout>(kind);
  readType(field, table.table(kFieldType));
  if (const auto dictionary = table.table(kFieldDictionary)) {
    field.hasDictionary = true;
    field.dictionary = dictionary.scalar<std::int64_t>(kDictionaryId, 0);
    if (const auto index = dictionary.table(kDictionaryIndex)) {
      field.indexBits = index.scalar<std::int32_t>(0, 32);
      field.indexSigned = index.scalar<std::uint8_t>(1, 0) != 0;
    }
  }
  const auto children = table.vector(kFieldChildren, 4);
  for (std::int64_t i = 0; i < children.count(); ++i) {
    WEIR_ASSIGN(auto child, readField(children.table(i), depth + 1, budget));
    field.children.push_back(std::move(child));
  }
  readMetadata(field, table.vector(kFieldMetadata, 4));
  return field;
}

std::int64_t writeMetadata(flat::Writer& writer, std::span<const std::pair<std::string, std::string>> pairs) {
  const auto vector = writer.references(static_cast<std::int64_t>(pairs.size()));
  auto at = vector + 4;
  for (const auto& [key, value] : pairs) {
    const auto table =
        writer.table(std::array{flat::Slot{.id = 0, .reference = true}, flat::Slot{.id = 1, .reference = true}});
    writer.point(at, table);
    writer.point(writer.slotOf(table, 0), writer.text(key));
    writer.point(writer.slotOf(table, 1), writer.text(value));
    at += 4;
  }
  return vector;
}

std::int64_t writeField(flat::Writer& writer, const ArrowField& field) {
  std::vector<std::pair<std::string, std::string>> metadata;
  if (!field.extension.empty()) {
    metadata.emplace_back(kExtensionName, field.extension);
    metadata.emplace_back(kExtensionMetadata, field.extensionMetadata);
  }
  if (field.sensitive) metadata.emplace_back(kSensitiveKey, "true");
  std::vector<flat::Slot> slots{{.id = kFieldName, .reference = true},
                                {.id = kFieldNullable, .bytes = 1, .value = field.nullable ? 1u : 0u},
                                {.id = kFieldTypeKind, .bytes = 1, .value = static_cast<std::uint64_t>(field.layout)},
                                {.id = kFieldType, .reference = true},
                                {.id = kFieldChildren, .reference = true}};
  if (field.hasDictionary) slots.push_back({.id = kFieldDictionary, .reference = true});
  if (!metadata.empty()) slots.push_back({.id = kFieldMetadata, .reference = true});
  const auto table = writer.table(slots);
  writer.point(writer.slotOf(table, kFieldName), writer.text(field.name));
  writer.point(writer.slotOf(table, kFieldType), writeType(writer, field));
  const auto children = writer.references(static_cast<std::int64_t>(field.children.size()));
  writer.point(writer.slotOf(table, kFieldChildren), children);
  for (std::size_t i = 0; i < field.children.size(); ++i)
    writer.point(children + 4 + 4 * static_cast<std::int64_t>(i), writeField(writer, field.children[i]));
  if (field.hasDictionary) {
    const auto dictionary = writer.table(std::array{flat::Slot{kDictionaryId, 8, bitsOf(field.dictionary)},
                                                    flat::Slot{.id = kDictionaryIndex, .reference = true}});
    writer.point(writer.slotOf(table, kFieldDictionary), dictionary);
    writer.point(writer.slotOf(dictionary, kDictionaryIndex),
                 writer.table(std::array{flat::Slot{0, 4, 32}, flat::Slot{1, 1, 1}}));
  }
  if (!metadata.empty()) writer.point(writer.slotOf(table, kFieldMetadata), writeMetadata(writer, metadata));
  return table;
}

}  // namespace weir::arrow
