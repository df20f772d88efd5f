// The metadata of messages and of the file's footer (format/Message.fbs, File.fbs), and their framing.
#include <array>
#include <cstring>

#include "engine/data/arrow-encode.h"

namespace weir::arrow {
namespace {

constexpr std::uint64_t kVersion5 = 4;
constexpr std::uint64_t kHeaderSchema = 1, kHeaderDictionary = 2, kHeaderBatch = 3;
constexpr std::uint32_t kContinuation = 0xffffffffu;

std::uint64_t bitsOf(std::int64_t value) { return static_cast<std::uint64_t>(value); }

std::string littleEndian(std::uint32_t value) {
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &value, 4);
  return bytes;
}

Result<Placed> frame(flat::Writer& writer, std::int64_t bodyBytes, std::int64_t alignment, const Sink& sink) {
  auto metadata = writer.bytes();
  while ((metadata.size() + 8) % static_cast<std::size_t>(alignment) != 0) metadata += '\0';
  const auto size = static_cast<std::int64_t>(metadata.size());
  metadata.insert(0, littleEndian(kContinuation) + littleEndian(static_cast<std::uint32_t>(size)));
  WEIR_TRY(sink(metadata));
  return Placed{.metadataBytes = size + 8, .bodyBytes = bodyBytes};
}

/// The Message table; returns where its header's reference stands.
std::int64_t beginMessage(flat::Writer& writer, std::uint64_t header, std::int64_t bodyBytes) {
  const auto table =
      writer.table(std::array{flat::Slot{0, 2, kVersion5}, flat::Slot{1, 1, header},
                              flat::Slot{.id = 2, .reference = true}, flat::Slot{3, 8, bitsOf(bodyBytes)}});
  writer.root(table);
  return writer.slotOf(table, 2);
}

std::int64_t writeSchema(flat::Writer& writer, std::span<const ArrowField> fields, const std::string& version) {
  std::vector<flat::Slot> slots{{0, 2, 0}, {.id = 1, .reference = true}};
  if (!version.empty()) slots.push_back({.id = 2, .reference = true});
  const auto table = writer.table(slots);
  const auto vector = writer.references(static_cast<std::int64_t>(fields.size()));
  writer.point(writer.slotOf(table, 1), vector);
  for (std::size_t i = 0; i < fields.size(); ++i)
    writer.point(vector + 4 + 4 * static_cast<std::int64_t>(i), writeField(writer, fields[i]));
  if (!version.empty()) {
    const std::pair<std::string, std::string> pair{kVersionKey, version};
    writer.point(writer.slotOf(table, 2), writeMetadata(writer, {&pair, 1}));
  }
  return table;
}

std::int64_t writeBatch(flat::Writer& writer, std::int64_t rows, const Body& body) {
  const auto table = writer.table(std::array{flat::Slot{0, 8, bitsOf(rows)}, flat::Slot{.id = 1, .reference = true},
                                             flat::Slot{.id = 2, .reference = true}});
  constexpr std::int64_t kStructBytes = 16;
  writer.point(writer.slotOf(table, 1),
               writer.structs(body.nodes(), static_cast<std::int64_t>(body.nodes().size()) / kStructBytes));
  writer.point(writer.slotOf(table, 2),
               writer.structs(body.buffers(), static_cast<std::int64_t>(body.buffers().size()) / kStructBytes));
  return table;
}

}  // namespace

Result<Placed> writeSchemaMessage(std::span<const ArrowField> fields, const std::string& version,
                                  std::int64_t alignment, const Sink& sink) {
  flat::Writer writer;
  const auto header = beginMessage(writer, kHeaderSchema, 0);
  writer.point(header, writeSchema(writer, fields, version));
  return frame(writer, 0, alignment, sink);
}

Result<Placed> writeBatchMessage(std::int64_t rows, const Body& body, std::int64_t alignment, const Sink& sink) {
  flat::Writer writer;
  const auto header = beginMessage(writer, kHeaderBatch, body.bytes());
  writer.point(header, writeBatch(writer, rows, body));
  WEIR_ASSIGN(const auto placed, frame(writer, body.bytes(), alignment, sink));
  WEIR_TRY(body.writeTo(sink));
  return placed;
}

Result<Placed> writeDictionaryMessage(std::int64_t id, std::int64_t rows, const Body& body, std::int64_t alignment,
                                      const Sink& sink) {
  flat::Writer writer;
  const auto header = beginMessage(writer, kHeaderDictionary, body.bytes());
  const auto table = writer.table(std::array{flat::Slot{0, 8, bitsOf(id)}, flat::Slot{.id = 1, .reference = true}});
  writer.point(header, table);
  writer.point(writer.slotOf(table, 1), writeBatch(writer, rows, body));
  WEIR_ASSIGN(const auto placed, frame(writer, body.bytes(), alignment, sink));
  WEIR_TRY(body.writeTo(sink));
  return placed;
}

Result<void> writeEndOfStream(const Sink& sink) { return sink(littleEndian(kContinuation) + littleEndian(0)); }

Result<void> writeFooter(std::span<const ArrowField> fields, const std::string& version,
                         std::span<const Placed> batches, const Sink& sink) {
  flat::Writer writer;
  const auto footer =
      writer.table(std::array{flat::Slot{0, 2, kVersion5}, flat::Slot{.id = 1, .reference = true},
                              flat::Slot{.id = 2, .reference = true}, flat::Slot{.id = 3, .reference = true}});
  writer.root(footer);
  writer.point(writer.slotOf(footer, 1), writeSchema(writer, fields, version));
  std::string blocks;
  for (const auto& placed : batches) {
    for (const auto number : {placed.offset, placed.metadataBytes, placed.bodyBytes}) {
      char bytes[8];
      std::memcpy(bytes, &number, 8);
      blocks.append(bytes, 8);
    }
  }
  writer.point(writer.slotOf(footer, 2), writer.structs({}, 0));
  writer.point(writer.slotOf(footer, 3), writer.structs(blocks, static_cast<std::int64_t>(batches.size())));
  const auto size = static_cast<std::uint32_t>(writer.bytes().size());
  return sink(writer.bytes() + littleEndian(size) + "ARROW1");
}

}  // namespace weir::arrow
