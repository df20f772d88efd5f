// Keeps messages, and encodes them for readers.
#include "service/live/stream.h"

#include <algorithm>

#include "engine/data/row-json.h"
#include "engine/json/writer.h"
#include "engine/live/batch-frames.h"

namespace weir::stream {
namespace {

struct Bounds {
  std::size_t messages, bytes;
};

Bounds boundsOf(Kind kind) {
  if (kind == Kind::metrics) return {1, std::size_t{16} << 20};
  if (kind == Kind::tap) return {16, std::size_t{4} << 20};
  return {10'000, std::size_t{16} << 20};
}

std::optional<Batch> batchOf(const RowParts& parts) {
  if (!parts.schema) return std::nullopt;
  live::BatchAssembler assembler(MemoryAccount::unlimited());
  const auto take = [&assembler](live::FrameKind kind, const std::string& payload) -> Result<std::optional<Batch>> {
    live::FrameHeader header;
    header.kind = kind;
    return assembler.take({header, payload});
  };
  if (!take(live::FrameKind::schema, *parts.schema)) return std::nullopt;
  for (const auto& dictionary : parts.dictionaries) {
    if (!take(live::FrameKind::dictionary, dictionary)) return std::nullopt;
  }
  auto batch = take(live::FrameKind::batch, parts.batch);
  return batch ? std::move(*batch) : std::nullopt;
}

WebSocketFrame rowFrame(live::FrameKind kind, std::uint32_t subscription, std::uint64_t number, std::uint64_t rowsShed,
                        const std::string& payload) {
  std::string bytes;
  bytes.reserve(live::kHeaderBytes + payload.size());
  live::FrameHeader header;
  header.kind = kind;
  header.subscription = subscription;
  header.sequence = number;
  header.rowsShed = rowsShed;
  live::appendHeader(bytes, header);
  return binaryFrame(bytes.append(payload));
}

}  // namespace

std::string_view nameOf(Kind kind) {
  switch (kind) {
    case Kind::metrics:
      return "metrics";
    case Kind::events:
      return "events";
    case Kind::errors:
      return "errors";
    case Kind::logs:
      return "logs";
    case Kind::tap:
      return "tap";
    case Kind::progress:
      return "progress";
    case Kind::alerts:
      return "alerts";
  }
  return "";
}

std::int64_t rowsIn(const RowParts& parts) {
  const auto batch = batchOf(parts);
  return batch ? batch->rows() : -1;
}

const std::string& Message::data() const {
  if (!data_.empty() || !isRows()) return data_;
  data_ = "{\"rows\":[";
  if (const auto batch = batchOf(parts_)) {
    for (std::int64_t row = 0; row < batch->rows(); ++row) {
      if (row > 0) data_ += ',';
      appendRowJson(data_, *batch, row);
    }
  }
  data_ += "]}";
  return data_;
}

const std::string& Message::json(std::uint32_t subscription, std::uint64_t rowsShed) const {
  const Key key{subscription, rowsShed};
  if (!json_.empty() && jsonKey_ == key) return json_;
  json_.clear();
  json::Writer out(json_);
  out.beginObject().key("v").value(1).key("type").value(isRows() ? std::string_view("rows") : type);
  out.key("subscription").value(std::int64_t{subscription}).key("sequence").value(number);
  if (isRows()) out.key("rowsShed").value(rowsShed);
  out.key("data").raw(data()).endObject();
  jsonKey_ = key;
  return json_;
}

const WebSocketFrame& Message::text(std::uint32_t subscription, std::uint64_t rowsShed) const {
  const Key key{subscription, rowsShed};
  if (text_ && textKey_ == key) return text_;
  text_ = textFrame(json(subscription, rowsShed));
  textKey_ = key;
  return text_;
}

const std::vector<WebSocketFrame>& Message::binary(std::uint32_t subscription, std::uint64_t rowsShed) const {
  const Key key{subscription, rowsShed};
  if (!binary_.empty() && binaryKey_ == key) return binary_;
  binary_.clear();
  for (const auto& dictionary : parts_.dictionaries) {
    binary_.push_back(rowFrame(live::FrameKind::dictionary, subscription, number, rowsShed, dictionary));
  }
  binary_.push_back(rowFrame(live::FrameKind::batch, subscription, number, rowsShed, parts_.batch));
  binaryKey_ = key;
  return binary_;
}

WebSocketFrame Message::schemaFrame(std::uint32_t subscription, std::uint64_t rowsShed) const {
  return rowFrame(live::FrameKind::schema, subscription, number, rowsShed, *parts_.schema);
}

Reader::Reader(std::shared_ptr<Stream> stream, Watcher& watcher, std::uint64_t after)
    : watcher(watcher), stream_(std::move(stream)), at_(std::min(after, stream_->last())) {
  stream_->join(*this);
}

Reader::~Reader() { stream_->leave(*this); }

bool Reader::hasNext() const { return stream_->behind(at_) != nullptr; }

MessageRef Reader::next() {
  auto message = stream_->behind(at_);
  if (!message) return nullptr;
  if (!isLatestWins(stream_->topic().kind)) missed_ += message->number - at_ - 1;
  // Rows from before it came were not for it.
  // A run that was resumed counts from the beginning what it has shed.
  if (std::exchange(began_, true) && message->rowsBefore > rowsAt_) rowsShed_ += message->rowsBefore - rowsAt_;
  rowsAt_ = message->rowsBefore + static_cast<std::uint64_t>(message->rows);
  at_ = message->number;
  return message;
}

MessageRef Stream::behind(std::uint64_t after) const {
  if (kept_.empty() || kept_.back()->number <= after) return nullptr;
  return *std::ranges::upper_bound(kept_, after, {}, [](const MessageRef& message) { return message->number; });
}

void Stream::leave(Reader& reader) { std::erase(readers_, &reader); }

void Stream::add(std::string type, std::string data, std::uint64_t number) {
  number = std::max(number, last_ + 1);
  auto message = std::make_shared<Message>(number, std::move(type), std::move(data));
  message->rowsBefore = rows_ + shed_;
  keep(std::move(message));
}

void Stream::addRows(RowParts parts, std::int64_t rows, std::uint64_t rowsShed) {
  auto message = std::make_shared<Message>(last_ + 1, std::move(parts), rows);
  shed_ = rowsShed;
  message->rowsBefore = rows_ + shed_;
  rows_ += static_cast<std::uint64_t>(rows);
  keep(std::move(message));
}

void Stream::keep(std::shared_ptr<Message> message) {
  const auto bounds = boundsOf(topic_.kind);
  last_ = message->number;
  bytes_ += message->bytes();
  kept_.push_back(std::move(message));
  while (kept_.size() > bounds.messages || (bytes_ > bounds.bytes && kept_.size() > 1)) {
    bytes_ -= kept_.front()->bytes();
    kept_.pop_front();
  }
  tellReaders();
}

void Stream::tellReaders() {
  // From the back: a reader that ends itself moves only those that were told already.
  for (auto i = readers_.size(); i-- > 0;) {
    if (i < readers_.size()) readers_[i]->watcher.moved();
  }
}

void Stream::end(std::string outcome) {
  if (ended()) return;
  outcome_ = outcome.empty() ? "ended" : std::move(outcome);
  tellReaders();
}

}  // namespace weir::stream
