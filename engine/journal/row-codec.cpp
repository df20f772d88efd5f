// Arrow messages, with a short envelope in front where that says it all.
#include "engine/journal/row-codec.h"

#include "engine/data/arrow-envelope.h"
#include "engine/journal/little-endian.h"

namespace weir::journal {
namespace {

constexpr std::int64_t kMessageAlignment = 8;
constexpr std::size_t kShortEnvelopeBytes = 32;
constexpr std::uint32_t kContinuation = 0xffffffffU;

arrow::Sink into(std::string& to) {
  return [&to](std::string_view piece) -> Result<void> {
    to += piece;
    return {};
  };
}

std::unexpected<Error> badRecord(std::string_view why) {
  return fail("journal.corrupt",
              "a record of the journal has right checksums and does not make sense: " + std::string(why));
}

struct Message {
  std::string_view metadata, body;
};

Result<Message> messageOf(std::string_view payload) {
  Taking from{.rest = payload};
  const auto mark = from.number<std::uint32_t>();
  const auto metadata = from.text();
  if (from.bad || mark != kContinuation) return badRecord("it holds no Arrow message");
  return Message{.metadata = metadata, .body = from.rest};
}

Result<Envelope> shortEnvelope(std::string_view payload) {
  Taking from{.rest = payload};
  Envelope envelope;
  envelope.origin = from.number<std::uint32_t>();
  envelope.partition = from.number<std::uint32_t>();
  envelope.firstSequence = from.number<std::uint64_t>();
  envelope.timestampMicros = from.number<std::int64_t>();
  envelope.priority = from.number<std::int32_t>();
  static_cast<void>(from.number<std::uint32_t>());
  if (from.bad) return badRecord("it holds no envelope");
  return envelope;
}

}  // namespace

RowEncoder::RowEncoder(SchemaRef schema, bool wholeEnvelope) : schema_(std::move(schema)), whole_(wholeEnvelope) {
  for (const auto& field : schema_->fields()) fields_.push_back(arrow::arrowFieldOf(field));
  if (whole_)
    fields_.push_back(arrow::arrowFieldOf(
        {.name = std::string(arrow::kEnvelopeField), .type = arrow::envelopeType(), .nullable = false}));
}

Result<void> RowEncoder::schema(std::string& to) const {
  WEIR_TRY(arrow::writeSchemaMessage(fields_, schema_->version(), kMessageAlignment, into(to)));
  return {};
}

Result<void> RowEncoder::rows(const Batch& batch, std::string& to) const {
  arrow::Body body(kMessageAlignment);
  for (std::int64_t i = 0; i < schema_->size(); ++i)
    arrow::encodeColumn(fields_[static_cast<std::size_t>(i)], batch.column(i), body);
  const auto& envelope = batch.envelope();
  Column column;
  if (whole_) {
    WEIR_ASSIGN(column, arrow::envelopeColumn(batch, MemoryAccount::unlimited()));
    arrow::encodeColumn(fields_.back(), column, body);
  } else {
    put(to, envelope.origin);
    put(to, envelope.partition);
    put(to, envelope.firstSequence);
    put(to, envelope.timestampMicros);
    put(to, envelope.priority);
    put(to, std::uint32_t{0});
  }
  WEIR_TRY(arrow::writeBatchMessage(batch.rows(), body, kMessageAlignment, into(to)));
  return {};
}

Result<RowDecoder> RowDecoder::make(std::string_view payload, MemoryAccount& account) {
  WEIR_ASSIGN(const auto message, messageOf(payload));
  RowDecoder decoder(account);
  WEIR_ASSIGN(const auto head, decoder.intake_.head(message.metadata));
  if (head.kind != arrow::MessageKind::schema) return badRecord("it was to hold a schema");
  WEIR_TRY(decoder.intake_.takeSchema(message.metadata));
  return decoder;
}

Result<Batch> RowDecoder::rows(const RecordHead& head, std::string_view payload) const {
  Envelope envelope;
  const bool whole = (head.flags & kWholeEnvelope) != 0;
  if (!whole) {
    WEIR_ASSIGN(envelope, shortEnvelope(payload));
    payload.remove_prefix(kShortEnvelopeBytes);
  }
  WEIR_ASSIGN(const auto message, messageOf(payload));
  WEIR_ASSIGN(const auto found, intake_.head(message.metadata));
  if (found.kind != arrow::MessageKind::batch || found.bodyBytes > static_cast<std::int64_t>(message.body.size()))
    return badRecord("it was to hold rows");
  WEIR_ASSIGN(const auto body, Buffer::copyOf(message.body, *account_));
  WEIR_ASSIGN(auto batch, intake_.batch(message.metadata, body));
  if (batch.rows() != head.rows) return badRecord("it holds another number of rows than it says");
  if (!whole) batch.setEnvelope(std::move(envelope));
  return batch;
}

}  // namespace weir::journal
