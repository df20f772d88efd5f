// Cuts an Arrow stream into its messages, one a frame.
#include "engine/live/batch-frames.h"

#include <cstring>
#include <utility>

#include "engine/data/arrow-read.h"

namespace weir::live {
namespace {

FrameKind kindOf(arrow::MessageKind kind) {
  switch (kind) {
    case arrow::MessageKind::schema:
      return FrameKind::schema;
    case arrow::MessageKind::dictionary:
      return FrameKind::dictionary;
    case arrow::MessageKind::batch:
      return FrameKind::batch;
  }
  return FrameKind::batch;
}

}  // namespace

Result<void> BatchFrames::append(std::string& out, const Batch& batch, std::uint64_t rowsShed) {
  const auto before = out.size();
  if (whole_ || !writer_ || batch.schema() != schema_) {
    schema_ = batch.schema();
    ipc::WriteOptions options;
    options.alignment = 8;
    const auto collect = [this](std::string_view bytes) -> Result<void> {
      pending_.append(bytes);
      return {};
    };
    writer_.emplace(collect, schema_, options);
  }
  pending_.clear();
  auto written = writer_->write(batch);
  if (written) written = appendMessages(out, pending_, rowsShed);
  if (written) return {};
  out.resize(before);
  writer_.reset();
  return written;
}

Result<void> BatchFrames::appendMessages(std::string& out, std::string_view stream, std::uint64_t rowsShed) {
  constexpr std::size_t kLead = 8;  // continuation mark and size of the metadata
  const arrow::Intake intake(MemoryAccount::unlimited());
  while (!stream.empty()) {
    std::uint32_t metadataBytes = 0;
    std::memcpy(&metadataBytes, stream.data() + 4, sizeof metadataBytes);
    WEIR_ASSIGN(const auto head, intake.head(stream.substr(kLead, metadataBytes)));
    const auto whole = kLead + metadataBytes + static_cast<std::size_t>(head.bodyBytes);
    if (static_cast<std::int64_t>(whole + kHeaderBytes) > kMaxFrameBytes) {
      return fail("live.too_large", "a batch has " + std::to_string(whole) + " bytes; a frame holds 64 MiB at most");
    }
    FrameHeader header;
    header.kind = kindOf(head.kind);
    header.subscription = subscription_;
    header.sequence = ++sequence_;
    header.rowsShed = rowsShed;
    appendFrame(out, header, stream.substr(0, whole));
    stream.remove_prefix(whole);
  }
  return {};
}

Result<std::optional<Batch>> BatchAssembler::take(const Frame& frame) {
  if ((frame.header.flags & kCompressed) != 0) {
    return fail("live.frame", "a frame is compressed, which this program does not read yet");
  }
  if (frame.header.kind == FrameKind::control) return fail("live.frame", "a control frame stands for rows");
  if (frame.header.kind == FrameKind::schema) reader_.emplace(*account_);
  if (!reader_) return fail("live.frame", "rows came before their schema");
  reader_->feed(frame.payload);
  return reader_->next();
}

}  // namespace weir::live
