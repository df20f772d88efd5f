// From the positions of fields to columns.
#include "nodes/files/csv-read/row-parser.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/data/bits.h"
#include "engine/text/utf8.h"

namespace weir::nodes::csv_read {

std::string shownText(std::string_view text) {
  std::string shown;
  const auto most = static_cast<std::int64_t>(std::min(text.size(), kShownBytes));
  for (std::int64_t at = 0; at < most;) {
    const auto point = utf8::decode(text, at);
    utf8::append(shown, point.value);
    at += point.bytes;
  }
  if (text.size() > kShownBytes) shown += "...";
  return shown;
}

Error recordTooLong(std::int64_t maxRecordBytes, bool insideQuotes) {
  std::string message = "the record is longer than maxRecordBytes (" + std::to_string(maxRecordBytes) + ")";
  message += insideQuotes ? "; a quote opens in it and never closes" : "; allow more if that is right";
  return Error{"csv.record_too_long", std::move(message)};
}

void failRecord(Outbox& out, std::string_view path, std::int64_t line, std::string_view text, std::string_view column,
                Error error) {
  MapBuilder row;
  static_cast<void>(row.insert(Value::string("file"), Value::string(path)));
  static_cast<void>(row.insert(Value::string("line"), Value::int64(line)));
  if (!column.empty()) static_cast<void>(row.insert(Value::string("column"), Value::string(column)));
  static_cast<void>(row.insert(Value::string("text"), Value::string(shownText(text))));
  error.message = "'" + std::string(path) + "', line " + std::to_string(line) + ": " + error.message;
  out.failValue(std::move(row).build(), std::move(error));
}

void RowParser::start(const Chunk& chunk, Outbox& out) {
  chunk_ = chunk;
  structure_.scan(chunk.text, chunk.layout->columns);
  next_ = 0;
  linePosition_ = 0;
  lineAt_ = chunk.line;
  holdsNul_ = !chunk.text.empty() && std::memchr(chunk.text.data(), 0, chunk.text.size()) != nullptr;
  for (const auto& bad : structure_.bad()) {
    const auto text =
        chunk.text.substr(static_cast<std::size_t>(bad.begin), static_cast<std::size_t>(bad.end - bad.begin));
    failRecord(out, chunk.path, chunk.line + bad.line - 1, text, {}, Error{bad.code, bad.message});
  }
}

csv::FieldTexts RowParser::slice(std::int32_t column, std::int64_t from, std::int64_t rows) const {
  auto fields = structure_.fields(column);
  fields.starts += from * fields.startStride;
  fields.ends += from * fields.endStride;
  fields.rows = rows;
  return fields;
}

Result<Batch> RowParser::next(Outbox& out) {
  const auto from = next_;
  const auto rows = std::min(kMaxBatchRows, structure_.rows() - from);
  const auto& emitted = plan_.emitted();
  room_.assign(emitted.size(), ColumnRoom{});
  for (std::size_t i = 0; i < emitted.size(); ++i) {
    const auto& column = plan_.columns()[static_cast<std::size_t>(emitted[i])];
    if (column.type != csv::ColumnType::text) continue;
    const auto source = chunk_.layout->sources[static_cast<std::size_t>(emitted[i])];
    room_[i].dictionary = column.dictionary && source >= 0;
    if (source >= 0 && !column.dictionary)
      room_[i].textBytes = csv::textBytes(slice(source, from, rows)) + csv::kPaddingBytes;
  }
  WEIR_ASSIGN(auto writer, BatchWriter::make(plan_.schema(), rows, room_, context_.account()));
  bad_.clear();
  for (std::size_t i = 0; i < emitted.size(); ++i) {
    WEIR_TRY(decode(writer, static_cast<std::int64_t>(i), emitted[i], from, rows));
  }
  for (const auto column : plan_.checked()) check(column, from, rows);
  if (holdsNul_) findNuls(from, rows);
  if (static_cast<std::int64_t>(chunk_.text.size()) > maxRecordBytes_) findTooLong(from, rows);
  Envelope envelope;
  envelope.partition = chunk_.partition;
  envelope.firstSequence = chunk_.sequence + static_cast<std::uint64_t>(from);
  envelope.timestampMicros = context_.nowMicros();
  auto batch = writer.finish(rows, std::move(envelope));
  next_ = from + rows;
  if (bad_.empty()) return batch;
  return withoutBad(std::move(batch), from, out);
}

Result<void> RowParser::decode(BatchWriter& writer, std::int64_t at, std::int32_t index, std::int64_t from,
                               std::int64_t rows) {
  const auto& column = plan_.columns()[static_cast<std::size_t>(index)];
  const auto source = chunk_.layout->sources[static_cast<std::size_t>(index)];
  if (source < 0) {
    WEIR_ASSIGN(auto nothing, constantColumn(plan_.schema()->field(at).type, Value::null(), rows, context_.account()));
    writer.setColumn(at, std::move(nothing));
    return {};
  }
  const auto fields = slice(source, from, rows);
  if (column.type == csv::ColumnType::text || column.type == csv::ColumnType::unknown) {
    return decodeText(writer, at, fields, column);
  }
  csv::Marks marks(writer.validity(at));
  switch (column.type) {
    case csv::ColumnType::boolean:
      std::memset(writer.bits(at), 0, static_cast<std::size_t>(bits::bytesFor(rows)));
      csv::decodeBooleans(fields, plan_.reader(), writer.bits(at), marks);
      break;
    case csv::ColumnType::integer:
      csv::decodeIntegers(fields, plan_.reader(), column.exact, writer.ints(at), marks);
      break;
    case csv::ColumnType::number:
      csv::decodeNumbers(fields, plan_.reader(), column.exact, writer.doubles(at), marks);
      break;
    default:
      csv::decodeTimestamps(fields, plan_.reader(), writer.ints(at), marks);
      break;
  }
  if (marks.nulls() > 0) writer.markNulls(at, marks.nulls());
  noteBad(marks, index);
  return {};
}

Result<void> RowParser::decodeText(BatchWriter& writer, std::int64_t at, const csv::FieldTexts& fields,
                                   const Column& column) {
  if (!column.dictionary) {
    csv::Marks marks(writer.validity(at));
    csv::decodeTexts(fields, plan_.reader(), writer.offsets(at), writer.text(at), marks);
    if (marks.nulls() > 0) writer.markNulls(at, marks.nulls());
    return {};
  }
  csv::Marks marks(writer.validity(at));
  if (csv::decodeDictionary(fields, plan_.reader(), dictionary_, writer.codes(at), marks)) {
    if (marks.nulls() > 0) writer.markNulls(at, marks.nulls());
    WEIR_ASSIGN(auto all, entries());
    writer.setDictionary(at, std::move(all));
    return {};
  }
  // Here the values are many: plain text, in a block of its own.
  const auto schema = Schema::of({Field{column.name, Type::string()}});
  const ColumnRoom room{csv::textBytes(fields) + csv::kPaddingBytes, false};
  WEIR_ASSIGN(auto plain, BatchWriter::make(schema, fields.rows, {&room, 1}, context_.account()));
  csv::Marks again(plain.validity(0));
  csv::decodeTexts(fields, plan_.reader(), plain.offsets(0), plain.text(0), again);
  if (again.nulls() > 0) plain.markNulls(0, again.nulls());
  const auto batch = plain.finish(fields.rows, Envelope{});
  writer.setColumn(at, batch.column(0));
  return {};
}

/// The dictionary's texts as a column of their own.
Result<weir::Column> RowParser::entries() {
  const auto count = dictionary_.size();
  const auto bytes = dictionary_.bytes();
  const auto offsetBytes = (std::int64_t{count} + 1) * 4;
  WEIR_ASSIGN(auto buffer, Buffer::allocate(offsetBytes + static_cast<std::int64_t>(bytes.size()), context_.account()));
  auto* offsets = reinterpret_cast<std::int32_t*>(buffer.mutableData());
  offsets[0] = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    offsets[i + 1] = offsets[i] + static_cast<std::int32_t>(dictionary_[i].size());
  }
  auto* text = buffer.mutableData() + offsetBytes;
  if (!bytes.empty()) std::memcpy(text, bytes.data(), bytes.size());
  weir::Column column;
  column.type = Type::string();
  column.owner = buffer.block();
  column.values = text;
  column.offsets = offsets;
  column.length = count;
  return column;
}

void RowParser::noteBad(const csv::Marks& marks, std::int32_t column) {
  for (const auto row : marks.badRows()) bad_.push_back({row, column});
}

/// Reads a column that nobody needs, only to find what is wrong in it.
void RowParser::check(std::int32_t index, std::int64_t from, std::int64_t rows) {
  const auto& column = plan_.columns()[static_cast<std::size_t>(index)];
  const auto source = chunk_.layout->sources[static_cast<std::size_t>(index)];
  if (source < 0) return;
  const auto fields = slice(source, from, rows);
  scratch_.resize(static_cast<std::size_t>(rows));
  scratchBits_.assign(static_cast<std::size_t>(bits::bytesFor(rows)) + 8, 0xFF);
  csv::Marks marks(scratchBits_.data());
  if (column.type == csv::ColumnType::integer) {
    csv::decodeIntegers(fields, plan_.reader(), column.exact, scratch_.data(), marks);
  } else if (column.type == csv::ColumnType::timestamp) {
    csv::decodeTimestamps(fields, plan_.reader(), scratch_.data(), marks);
  } else if (column.type == csv::ColumnType::number) {
    std::vector<double> numbers(static_cast<std::size_t>(rows));
    csv::decodeNumbers(fields, plan_.reader(), column.exact, numbers.data(), marks);
  } else {
    std::vector<std::uint8_t> truths(scratchBits_.size());
    csv::decodeBooleans(fields, plan_.reader(), truths.data(), marks);
  }
  noteBad(marks, index);
}

/// Chunks are often larger than the longest record that is allowed.
void RowParser::findTooLong(std::int64_t from, std::int64_t rows) {
  for (std::int64_t row = 0; row < rows; ++row) {
    if (structure_.rowEnd(from + row) - structure_.rowBegin(from + row) > maxRecordBytes_) {
      bad_.push_back({row, kTooLong});
    }
  }
}

void RowParser::findNuls(std::int64_t from, std::int64_t rows) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto begin = structure_.rowBegin(from + row);
    const auto bytes = structure_.rowEnd(from + row) - begin;
    if (bytes > 0 && std::memchr(chunk_.text.data() + begin, 0, static_cast<std::size_t>(bytes)) != nullptr) {
      bad_.push_back({row, kHoldsNul});
    }
  }
}

Result<Batch> RowParser::withoutBad(Batch batch, std::int64_t from, Outbox& out) {
  std::ranges::sort(
      bad_, [](const BadValue& a, const BadValue& b) { return a.row != b.row ? a.row < b.row : a.column < b.column; });
  const auto repeated = std::ranges::unique(bad_, {}, &BadValue::row);
  bad_.erase(repeated.begin(), repeated.end());
  const auto good = batch.rows() - static_cast<std::int64_t>(bad_.size());
  WEIR_ASSIGN(auto indices, Buffer::allocate(std::max<std::int64_t>(1, good) * 4, context_.account()));
  auto* into = reinterpret_cast<std::uint32_t*>(indices.mutableData());
  auto bad = bad_.begin();
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    if (bad != bad_.end() && bad->row == row) {
      report(*bad++, from, out);
    } else {
      *into++ = static_cast<std::uint32_t>(row);
    }
  }
  if (good == 0) return Batch{};
  WEIR_ASSIGN(const auto selected, batch.withSelection(std::move(indices), good));
  return selected.dense();
}

void RowParser::report(const BadValue& bad, std::int64_t from, Outbox& out) {
  const auto begin = structure_.rowBegin(from + bad.row);
  const auto end = structure_.rowEnd(from + bad.row);
  const auto record = chunk_.text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  const auto line = lineOf(begin);
  if (bad.column == kTooLong) {
    return failRecord(out, chunk_.path, line, record, {}, recordTooLong(maxRecordBytes_, false));
  }
  if (bad.column == kHoldsNul) {
    return failRecord(
        out, chunk_.path, line, record, {},
        Error{"csv.nul_byte", "the record holds a NUL byte; the file is damaged, or UTF-16 without a mark"});
  }
  const auto& column = plan_.columns()[static_cast<std::size_t>(bad.column)];
  const auto source = chunk_.layout->sources[static_cast<std::size_t>(bad.column)];
  const auto found = shownText(structure_.fields(source).text(from + bad.row).substr(0, 80));
  failRecord(
      out, chunk_.path, line, record, column.name,
      Error{"csv.value", "column '" + column.name + "': expected " + std::string(csv::columnTypeName(column.type)) +
                             ", found '" + found + "'; correct it, or give the column another type in schema"});
}

/// Positions come in increasing order within a chunk, so counting stays linear.
std::int64_t RowParser::lineOf(std::int64_t position) {
  if (position < linePosition_) {
    linePosition_ = 0;
    lineAt_ = chunk_.line;
  }
  const auto between =
      chunk_.text.substr(static_cast<std::size_t>(linePosition_), static_cast<std::size_t>(position - linePosition_));
  lineAt_ += std::ranges::count(between, plan_.dialect().newline);
  linePosition_ = position;
  return lineAt_;
}

}  // namespace weir::nodes::csv_read
