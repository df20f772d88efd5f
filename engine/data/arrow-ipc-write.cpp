// Writers of stream and file.
#include "engine/data/arrow-envelope.h"
#include "engine/data/arrow-ipc.h"
#include "engine/data/check.h"

namespace weir::ipc {
namespace {

using arrow::ArrowField;
using arrow::Body;
using arrow::Placed;

std::vector<ArrowField> fieldsOf(const Schema& schema, bool envelope) {
  std::vector<ArrowField> fields;
  for (const auto& field : schema.fields()) fields.push_back(arrow::arrowFieldOf(field));
  if (envelope)
    fields.push_back(arrow::arrowFieldOf(
        {.name = std::string(arrow::kEnvelopeField), .type = arrow::envelopeType(), .nullable = false}));
  return fields;
}

Result<Body> bodyOf(const std::vector<ArrowField>& fields, const Batch& batch, const WriteOptions& options) {
  Body body(options.alignment);
  for (std::int64_t i = 0; i < batch.schema()->size(); ++i)
    arrow::encodeColumn(fields[static_cast<std::size_t>(i)], batch.column(i), body);
  return body;
}

/// Writes a batch message, with the envelope if asked for; its column must live as long as the body.
Result<Placed> writeRows(const std::vector<ArrowField>& fields, const Batch& batch, const WriteOptions& options,
                         const Sink& sink) {
  WEIR_ASSIGN(auto body, bodyOf(fields, batch, options));
  Column envelope;
  if (options.envelope) {
    WEIR_ASSIGN(envelope, arrow::envelopeColumn(batch, batch.account()));
    arrow::encodeColumn(fields.back(), envelope, body);
  }
  return arrow::writeBatchMessage(batch.rows(), body, options.alignment, sink);
}

bool sameEntries(const Column& a, const Column& b) {
  return a.owner.get() == b.owner.get() && a.values == b.values && a.offsets == b.offsets && a.offset == b.offset &&
         a.length == b.length;
}

}  // namespace

struct StreamWriter::Impl {
  Sink sink;
  SchemaRef schema;
  WriteOptions options;
  std::vector<ArrowField> fields;
  std::vector<Column> written;  // the dictionary that readers have, per field
  bool begun = false;

  Result<void> begin(const Batch* first) {
    if (begun) return {};
    begun = true;
    fields = fieldsOf(*schema, options.envelope);
    written.resize(fields.size());
    for (std::int64_t i = 0; first != nullptr && i < schema->size(); ++i) {
      auto& field = fields[static_cast<std::size_t>(i)];
      field.hasDictionary = first->column(i).dictionary;
      field.dictionary = i;
    }
    WEIR_TRY(arrow::writeSchemaMessage(fields, schema->version(), options.alignment, sink));
    return {};
  }

  Result<void> writeDictionaries(const Batch& batch) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!fields[i].hasDictionary) continue;
      auto entries = arrow::entriesOf(batch.columns()[i]);
      if (written[i].type && sameEntries(entries, written[i])) continue;
      auto plain = fields[i];
      plain.hasDictionary = false;
      Body body(options.alignment);
      arrow::encodeColumn(plain, entries, body);
      WEIR_TRY(arrow::writeDictionaryMessage(fields[i].dictionary, entries.length, body, options.alignment, sink));
      written[i] = std::move(entries);
    }
    return {};
  }
};

StreamWriter::StreamWriter(Sink sink, SchemaRef schema, WriteOptions options)
    : impl_(std::make_unique<Impl>(Impl{
          .sink = std::move(sink), .schema = std::move(schema), .options = options, .fields = {}, .written = {}})) {
  WEIR_CHECK(options.alignment == 8 || options.alignment == 64);
}
StreamWriter::~StreamWriter() = default;
StreamWriter::StreamWriter(StreamWriter&&) noexcept = default;
StreamWriter& StreamWriter::operator=(StreamWriter&&) noexcept = default;

Result<void> StreamWriter::write(const Batch& batch) {
  WEIR_CHECK(batch.schema() == impl_->schema);
  WEIR_ASSIGN(const auto dense, batch.dense());
  WEIR_TRY(impl_->begin(&dense));
  WEIR_TRY(impl_->writeDictionaries(dense));
  WEIR_TRY(writeRows(impl_->fields, dense, impl_->options, impl_->sink));
  return {};
}

Result<void> StreamWriter::finish() {
  WEIR_TRY(impl_->begin(nullptr));
  return arrow::writeEndOfStream(impl_->sink);
}

struct FileWriter::Impl {
  Sink sink;
  SchemaRef schema;
  WriteOptions options;
  std::vector<ArrowField> fields;
  std::vector<Placed> placed;
  std::int64_t written = 0;
  bool begun = false;

  Result<void> begin() {
    if (begun) return {};
    begun = true;
    fields = fieldsOf(*schema, options.envelope);
    constexpr std::string_view kMagic("ARROW1\0\0", 8);
    WEIR_TRY(sink(kMagic));
    WEIR_ASSIGN(const auto schemaPlace, arrow::writeSchemaMessage(fields, schema->version(), 8, sink));
    written = 8 + schemaPlace.metadataBytes;
    return {};
  }
};

FileWriter::FileWriter(Sink sink, SchemaRef schema, WriteOptions options)
    : impl_(std::make_unique<Impl>(
          Impl{.sink = std::move(sink), .schema = std::move(schema), .options = options, .fields = {}, .placed = {}})) {
  WEIR_CHECK(options.alignment == 8 || options.alignment == 64);
}
FileWriter::~FileWriter() = default;
FileWriter::FileWriter(FileWriter&&) noexcept = default;
FileWriter& FileWriter::operator=(FileWriter&&) noexcept = default;

Result<void> FileWriter::write(const Batch& batch) {
  WEIR_CHECK(batch.schema() == impl_->schema);
  WEIR_ASSIGN(const auto dense, batch.dense());
  WEIR_TRY(impl_->begin());
  WEIR_ASSIGN(auto placed, writeRows(impl_->fields, dense, impl_->options, impl_->sink));
  placed.offset = impl_->written;
  impl_->written += placed.metadataBytes + placed.bodyBytes;
  impl_->placed.push_back(placed);
  return {};
}

Result<void> FileWriter::finish() {
  WEIR_TRY(impl_->begin());
  WEIR_TRY(arrow::writeEndOfStream(impl_->sink));
  return arrow::writeFooter(impl_->fields, impl_->schema->version(), impl_->placed, impl_->sink);
}

Result<std::string> writeStream(SchemaRef schema, std::span<const Batch> batches, WriteOptions options) {
  std::string bytes;
  StreamWriter writer(
      [&bytes](std::string_view piece) -> Result<void> {
        bytes += piece;
        return {};
      },
      std::move(schema), options);
  for (const auto& batch : batches) WEIR_TRY(writer.write(batch));
  WEIR_TRY(writer.finish());
  return bytes;
}

}  // namespace weir::ipc
