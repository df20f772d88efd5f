// Envelope to column and back.
#include "engine/data/arrow-envelope.h"

#include <cstring>

#include "engine/data/batch-builder.h"
#include "engine/data/column-arena.h"

namespace weir::arrow {
namespace {

constexpr std::int64_t kOrigin = 0, kPartition = 1, kSequence = 2, kTimestamp = 3, kPriority = 4, kTrace = 5;
constexpr std::int64_t kTraceBytes = 16;

}  // namespace

const TypeRef& envelopeType() {
  static const TypeRef type = Type::map({{.name = "origin", .type = Type::uint64(), .nullable = false},
                                         {.name = "partition", .type = Type::uint64(), .nullable = false},
                                         {.name = "sequence", .type = Type::uint64(), .nullable = false},
                                         {.name = "timestamp", .type = Type::timestamp(), .nullable = false},
                                         {.name = "priority", .type = Type::int64(), .nullable = false},
                                         {.name = "trace", .type = Type::bytes(), .nullable = true}});
  return type;
}

Result<Column> envelopeColumn(const Batch& batch, MemoryAccount& account) {
  const auto rows = batch.rows();
  const auto& envelope = batch.envelope();
  const auto schema = Schema::of(envelopeType()->fields);
  std::int64_t traces = 0;
  for (std::int64_t row = 0; row < rows; ++row) traces += envelope.at(row).trace == TraceId{} ? 0 : 1;
  const ColumnRoom room[6] = {{}, {}, {}, {}, {}, {.textBytes = traces * kTraceBytes}};
  WEIR_ASSIGN(auto writer, BatchWriter::make(schema, rows, room, account));
  auto* offsets = writer.offsets(kTrace);
  auto* text = writer.text(kTrace);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto run = envelope.at(row);
    const auto place = envelope.place(row);
    writer.uints(kOrigin)[row] = place.origin;
    writer.uints(kPartition)[row] = place.partition;
    writer.uints(kSequence)[row] = place.sequence;
    writer.ints(kTimestamp)[row] = run.timestampMicros;
    writer.ints(kPriority)[row] = run.priority;
    offsets[row + 1] = offsets[row];
    if (run.trace == TraceId{}) {
      writer.setNull(kTrace, row);
      continue;
    }
    std::memcpy(text + offsets[row], &run.trace.high, 8);
    std::memcpy(text + offsets[row] + 8, &run.trace.low, 8);
    offsets[row + 1] += static_cast<std::int32_t>(kTraceBytes);
  }
  const auto built = writer.finish(rows, {});
  Column column;
  column.type = envelopeType();
  column.length = rows;
  WEIR_ASSIGN(column.owner, blockOfColumns(built.columns(), account));
  column.children = columnsOf(column.owner);
  return column;
}

Envelope envelopeOf(const Column& column) {
  EnvelopeJoin join;
  for (std::int64_t row = 0; row < column.length; ++row) {
    const auto at = column.offset + row;
    const auto i = static_cast<std::size_t>(at);
    EnvelopePlace place;
    place.origin = static_cast<std::uint32_t>(column.children[kOrigin].uints()[i]);
    place.partition = static_cast<std::uint32_t>(column.children[kPartition].uints()[i]);
    place.sequence = column.children[kSequence].uints()[i];
    EnvelopeRun run;
    run.timestampMicros = column.children[kTimestamp].ints()[i];
    run.priority = static_cast<std::int32_t>(column.children[kPriority].ints()[i]);
    const auto& trace = column.children[kTrace];
    if (!trace.isNull(at) && trace.text(at).size() == kTraceBytes) {
      std::memcpy(&run.trace.high, trace.text(at).data(), 8);
      std::memcpy(&run.trace.low, trace.text(at).data() + 8, 8);
    }
    join.add(place, run);
  }
  return std::move(join).finish();
}

}  // namespace weir::arrow
