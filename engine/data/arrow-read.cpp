// Message metadata (format/Message.fbs) and the walk over nodes and buffers.
#include "engine/data/arrow-read.h"

#include "engine/data/arrow-envelope.h"
#include "engine/data/column-copy.h"

namespace weir::arrow {
namespace {

constexpr std::uint8_t kHeaderSchema = 1, kHeaderDictionary = 2, kHeaderBatch = 3;
constexpr std::int16_t kVersion4 = 3, kVersion5 = 4;
constexpr std::int64_t kStructBytes = 16;

std::unexpected<Error> invalidMessage(std::string_view why) {
  return fail("arrow.invalid",
              "An Arrow message is damaged: " + std::string(why) + ". Check the data, or write it again.");
}

/// Hands out the nodes and buffers of a record batch in the order of its fields.
class Walk {
 public:
  Walk(flat::Vector nodes, flat::Vector buffers, const Buffer& body) : nodes_(nodes), buffers_(buffers), body_(body) {}

  Result<ArrayView> next(const ArrowField& field) {
    ArrayView view;
    if (node_ >= nodes_.count()) return invalidMessage("it has fewer nodes than its schema has fields");
    view.length = nodes_.int64(node_++, 0);
    for (int i = 0; i < bufferCount(field); ++i) {
      WEIR_ASSIGN(view.buffers[static_cast<std::size_t>(i)], buffer());
    }
    if (field.hasDictionary) return view;
    for (const auto& child : field.children) {
      WEIR_ASSIGN(auto inner, next(child));
      view.children.push_back(std::move(inner));
    }
    return view;
  }
  [[nodiscard]] bool done() const noexcept { return node_ == nodes_.count() && buffer_ == buffers_.count(); }

 private:
  Result<Bytes> buffer() {
    if (buffer_ >= buffers_.count()) return invalidMessage("it has fewer buffers than its schema needs");
    const auto offset = buffers_.int64(buffer_, 0);
    const auto size = buffers_.int64(buffer_, 1);
    ++buffer_;
    if (size == 0) return Bytes{};
    if (offset < 0 || size < 0 || offset > body_.size() || size > body_.size() - offset)
      return invalidMessage("a buffer reaches beyond the body");
    return Bytes{.data = body_.data() + offset, .size = size};
  }

  flat::Vector nodes_;
  flat::Vector buffers_;
  const Buffer& body_;
  std::int64_t node_ = 0;
  std::int64_t buffer_ = 0;
};

const ArrowField* fieldOfDictionary(std::span<const ArrowField> fields, std::int64_t id) {
  for (const auto& field : fields) {
    if (field.hasDictionary && field.dictionary == id) return &field;
    if (const auto* inner = fieldOfDictionary(field.children, id)) return inner;
  }
  return nullptr;
}

}  // namespace

Result<MessageHead> Intake::head(std::string_view metadata) const {
  flat::Source source{.bytes = metadata};
  const auto message = flat::Table::root(source);
  const auto version = message.scalar<std::int16_t>(0, 0);
  const auto kind = message.scalar<std::uint8_t>(1, 0);
  const auto bodyBytes = message.scalar<std::int64_t>(3, 0);
  if (source.bad || !message || bodyBytes < 0) return invalidMessage("its metadata cannot be read");
  if (version != kVersion4 && version != kVersion5)
    return fail("arrow.unsupported", "The Arrow data has metadata version " + std::to_string(version + 1) +
                                         "; versions 4 and 5 can be read. Write it with a newer library.");
  switch (kind) {
    case kHeaderSchema:
      return MessageHead{.kind = MessageKind::schema, .bodyBytes = bodyBytes};
    case kHeaderDictionary:
      return MessageHead{.kind = MessageKind::dictionary, .bodyBytes = bodyBytes};
    case kHeaderBatch:
      return MessageHead{.kind = MessageKind::batch, .bodyBytes = bodyBytes};
    default:
      return fail("arrow.unsupported", "The Arrow data has a message that is no schema, dictionary or batch (kind " +
                                           std::to_string(kind) + "). Write it as record batches.");
  }
}

Result<void> Intake::takeSchema(std::string_view metadata) {
  flat::Source source{.bytes = metadata};
  return takeSchema(flat::Table::root(source).table(2), source);
}

Result<void> Intake::takeSchema(flat::Table schema, flat::Source& source) {
  if (!schema) return invalidMessage("it has no schema");
  if (schema_ != nullptr) return invalidMessage("it is a second schema");
  if (schema.scalar<std::int16_t>(0, 0) != 0)
    return fail("arrow.unsupported", "The Arrow data is big-endian; write it on, or for, a little-endian machine.");
  const auto fields = schema.vector(1, 4);
  std::int64_t budget = kMaxFields;
  std::vector<ArrowField> read;
  for (std::int64_t i = 0; i < fields.count(); ++i) {
    WEIR_ASSIGN(auto field, readField(fields.table(i), 0, budget));
    WEIR_TRY(settle(field));
    read.push_back(std::move(field));
  }
  std::string version;
  const auto metadata = schema.vector(2, 4);
  for (std::int64_t i = 0; i < metadata.count(); ++i)
    if (metadata.table(i).text(0) == kVersionKey) version = metadata.table(i).text(1);
  if (source.bad) return invalidMessage("its schema cannot be read");
  envelope_ = !read.empty() && read.back().name == kEnvelopeField && read.back().type == envelopeType();
  const auto own = std::span(read).first(read.size() - (envelope_ ? 1 : 0));
  WEIR_ASSIGN(schema_, schemaOf(own, std::move(version)));
  fields_ = std::move(read);
  return {};
}

Result<std::vector<ArrayView>> Intake::views(flat::Table recordBatch, flat::Source& source,
                                             std::span<const ArrowField> fields, const Buffer& body,
                                             std::int64_t& rows) const {
  rows = recordBatch.scalar<std::int64_t>(0, 0);
  const auto nodes = recordBatch.vector(1, kStructBytes);
  const auto buffers = recordBatch.vector(2, kStructBytes);
  const bool compressed = static_cast<bool>(recordBatch.table(3));
  if (source.bad || !recordBatch || rows < 0) return invalidMessage("its batch cannot be read");
  if (compressed)
    return fail("arrow.compressed",
                "The Arrow data is compressed inside its messages (lz4 or zstd), which is not read. Write it again "
                "without compression; the whole file may be compressed instead (.zst, .gz).");
  Walk walk(nodes, buffers, body);
  std::vector<ArrayView> made;
  for (const auto& field : fields) {
    WEIR_ASSIGN(auto view, walk.next(field));
    if (view.length != rows) return invalidMessage("the column `" + field.name + "` has another number of rows");
    made.push_back(std::move(view));
  }
  if (!walk.done()) return invalidMessage("it has more nodes or buffers than its schema has fields");
  return made;
}

Result<void> Intake::takeDictionary(std::string_view metadata, const Buffer& body) {
  if (schema_ == nullptr) return invalidMessage("a dictionary comes before the schema");
  flat::Source source{.bytes = metadata};
  const auto dictionary = flat::Table::root(source).table(2);
  const auto id = dictionary.scalar<std::int64_t>(0, 0);
  const auto delta = dictionary.scalar<std::uint8_t>(2, 0) != 0;
  const auto* field = fieldOfDictionary(fields_, id);
  if (field == nullptr) return invalidMessage("no field uses its dictionary " + std::to_string(id));
  const auto entries = entriesField(*field);
  std::int64_t rows = 0;
  WEIR_ASSIGN(const auto made, views(dictionary.table(1), source, {&entries, 1}, body, rows));
  const DecodeContext context{.dictionaries = dictionaries_, .owner = body.block(), .account = *account_};
  WEIR_ASSIGN(auto column, decodeArray(entries, made[0], context));
  const auto known = dictionaries_.find(id);
  if (delta && known != dictionaries_.end()) {
    WEIR_ASSIGN(column, concatColumn({&known->second, &column}, *account_));
  }
  dictionaries_.insert_or_assign(id, std::move(column));
  return {};
}

Result<Batch> Intake::batch(std::string_view metadata, const Buffer& body) const {
  if (schema_ == nullptr) return invalidMessage("a batch comes before the schema");
  flat::Source source{.bytes = metadata};
  std::int64_t rows = 0;
  WEIR_ASSIGN(const auto made, views(flat::Table::root(source).table(2), source, fields_, body, rows));
  const DecodeContext context{.dictionaries = dictionaries_, .owner = body.block(), .account = *account_};
  std::vector<Column> columns;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    WEIR_ASSIGN(auto column, decodeArray(fields_[i], made[i], context));
    columns.push_back(std::move(column));
  }
  Envelope envelope;
  if (envelope_) {
    envelope = envelopeOf(columns.back());
    columns.pop_back();
  }
  if (columns.empty() && rows > kMaxEmptyRows) return invalidMessage("it has too many rows of no columns");
  return Batch::of(schema_, std::move(columns), rows, std::move(envelope), *account_);
}

}  // namespace weir::arrow
