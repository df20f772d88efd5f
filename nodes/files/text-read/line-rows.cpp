// Copies lines into columns.
#include "nodes/files/text-read/line-rows.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "engine/data/batch-builder.h"

namespace weir::nodes::text_read {

Fields Fields::of(const FieldSet& needed) {
  Fields fields;
  fields.line = needed.contains("line");
  fields.file = needed.contains("file");
  fields.number = needed.contains("number");
  fields.offset = needed.contains("offset");
  std::vector<Field> columns;
  if (fields.line) columns.push_back({"line", Type::string(), false});
  if (fields.file) columns.push_back({"file", Type::string(), false});
  if (fields.number) columns.push_back({"number", Type::int64(), false});
  if (fields.offset) columns.push_back({"offset", Type::int64(), false});
  fields.schema = Schema::of(std::move(columns));
  return fields;
}

LineRows::LineRows(const Fields& fields, NodeContext& context, std::string_view path, std::int64_t fileIndex)
    : fields_(fields), context_(context), path_(path), fileIndex_(fileIndex) {}

Result<Batch> LineRows::batchOf(const Lines& lines, std::size_t from, std::size_t count, std::int64_t sequence) const {
  const auto spans = std::span(lines.spans).subspan(from, count);
  std::array<ColumnRoom, 4> room{};
  std::int64_t textBytes = 0;
  for (const auto& span : spans) textBytes += span.end - span.begin;
  std::size_t columns = 0;
  if (fields_.line) room[columns++].textBytes = textBytes;
  if (fields_.file) room[columns++].dictionary = true;
  columns += (fields_.number ? 1U : 0U) + (fields_.offset ? 1U : 0U);
  const auto rows = static_cast<std::int64_t>(count);
  WEIR_ASSIGN(auto writer, BatchWriter::make(fields_.schema, rows, std::span(room).first(columns), context_.account()));
  std::int64_t column = 0;
  if (fields_.line) {
    auto* offsets = writer.offsets(column);
    auto* to = writer.text(column++);
    std::int32_t used = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto bytes = spans[i].end - spans[i].begin;
      std::memcpy(to + used, lines.text.data() + spans[i].begin, static_cast<std::size_t>(bytes));
      used += static_cast<std::int32_t>(bytes);
      offsets[i + 1] = used;
    }
  }
  if (fields_.file) {
    const Value name = Value::string(path_);
    WEIR_ASSIGN(auto entries, columnOf(Type::string(), {&name, 1}, context_.account()));
    std::fill_n(writer.codes(column), count, 0);
    writer.setDictionary(column++, std::move(entries));
  }
  if (fields_.number) std::copy_n(lines.numbers.data() + from, count, writer.ints(column++));
  if (fields_.offset) std::copy_n(lines.offsets.data() + from, count, writer.ints(column++));
  Envelope envelope;
  envelope.partition = static_cast<std::uint32_t>(fileIndex_);
  envelope.firstSequence = static_cast<std::uint64_t>(sequence) + from;
  envelope.timestampMicros = context_.nowMicros();
  return writer.finish(rows, std::move(envelope));
}

Result<void> LineRows::emit(const Lines& lines, std::int64_t sequence, std::int64_t represented, StepIo& io) const {
  const auto total = lines.spans.size();
  auto surplus = represented - static_cast<std::int64_t>(total);
  std::size_t from = 0;
  do {
    const auto count = std::min(total - from, static_cast<std::size_t>(kMaxBatchRows));
    WEIR_ASSIGN(auto batch, batchOf(lines, from, count, sequence));
    if (represented >= 0) batch = batch.withRepresentedRows(std::exchange(surplus, 0) + batch.rows());
    io.emit(0, std::move(batch));
    from += count;
  } while (from < total);
  return {};
}

}  // namespace weir::nodes::text_read
