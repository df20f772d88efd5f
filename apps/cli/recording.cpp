// Writing a recording: segments, their index, and what becomes too old or too much.
#include "apps/cli/recording.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "apps/cli/command.h"
#include "apps/cli/numbered-files.h"
#include "engine/data/batch-builder.h"
#include "engine/json/writer.h"
#include "hosts/native/zstd-frames.h"

namespace weir::cli {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kFlushBytes = 1 << 20;
constexpr std::int64_t kFlushMicros = 1'000'000;
/// A recording within bounds is so many segments at least, so that the oldest can go.
constexpr std::int64_t kSegments = 8;
constexpr const char* kTimeField = "weir.recordedAt";
constexpr std::string_view kSegmentEnding = ".arrows.zst";

/// The batch with the time as its last column.
Result<Batch> withTime(const Batch& batch, std::int64_t nowMicros) {
  WEIR_ASSIGN(const auto dense, batch.dense());
  std::vector<Field> fields(dense.schema()->fields().begin(), dense.schema()->fields().end());
  std::vector<Column> columns(dense.columns().begin(), dense.columns().end());
  fields.push_back({.name = kTimeField, .type = Type::timestamp(), .nullable = false});
  const auto at = Value::timestamp(nowMicros / 1'000'000, static_cast<std::int32_t>(nowMicros % 1'000'000 * 1000));
  WEIR_ASSIGN(auto time, constantColumn(Type::timestamp(), at, dense.physicalRows(), MemoryAccount::unlimited()));
  columns.push_back(std::move(time));
  return dense.withColumns(Schema::of(std::move(fields), dense.schema()->version()), columns);
}

/// Empty: it has none.
std::string oldestSegment(const std::string& folder) {
  std::string oldest;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto path = at->path().string();
    if (path.ends_with(kSegmentEnding) && (oldest.empty() || path < oldest)) oldest = path;
  }
  return oldest;
}

}  // namespace

Result<std::unique_ptr<RecordingWriter>> RecordingWriter::create(std::string folder, std::string flow, std::string edge,
                                                                 RecordingBounds bounds, native::FileKeys keys) {
  std::error_code error;
  if (fs::exists(folder, error)) {
    return fail("files.exists", "'" + folder + "' is there already; remove it, or record to another one with --out");
  }
  fs::create_directories(folder, error);
  if (error) return fail("files.io", "cannot make the folder '" + folder + "': " + error.message());
  auto writer = std::make_unique<RecordingWriter>(std::move(folder), std::move(bounds), std::move(keys));
  writer->index_.flow = std::move(flow);
  writer->index_.edge = std::move(edge);
  WEIR_TRY(writer->writeIndex());
  return writer;
}

Result<void> RecordingWriter::writeIndex() const {
  std::string text;
  json::Writer out(text, json::Layout::pretty);
  out.beginObject().key("format").value(1).key("flow").value(index_.flow).key("edge").value(index_.edge);
  out.key("finished").value(index_.finished).key("segments").beginArray();
  for (const auto& segment : index_.segments) {
    out.beginObject().key("file").value(segment.file).key("firstMicros").value(segment.firstMicros);
    out.key("lastMicros").value(segment.lastMicros).key("rows").value(segment.rows);
    out.key("bytes").value(segment.bytes).endObject();
  }
  out.endArray().endObject();
  return writeText(folder_ + "/recording.json", text + "\n");
}

Result<void> RecordingWriter::beginSegment(const SchemaRef& schema, std::int64_t nowMicros) {
  char name[32];
  std::snprintf(name, sizeof name, "%06lld.arrows.zst", static_cast<long long>(++lastNumber_));
  file_.open(folder_ + "/" + name, std::ios::binary | std::ios::trunc);
  if (!file_.is_open()) return fail("files.io", "cannot write '" + folder_ + "/" + name + "'");
  sealer_.reset();
  if (!keys_.empty()) sealer_.emplace(keys_);
  index_.segments.push_back({name, nowMicros, nowMicros, 0, 0});
  schema_ = schema;
  flushedMicros_ = nowMicros;
  return writeIndex();
}

Result<void> RecordingWriter::flush() {
  if (pending_.empty()) return {};
  std::string packed;
  WEIR_TRY(native::appendZstdFrame(packed, pending_));
  pending_.clear();
  if (sealer_) {
    std::string sealed;
    sealer_->add(packed, sealed);
    packed = std::move(sealed);
  }
  file_.write(packed.data(), static_cast<std::streamsize>(packed.size()));
  file_.flush();
  if (!file_.good()) {
    return fail("files.io", "cannot write to the recording '" + folder_ + "'; check the room on the disk");
  }
  index_.segments.back().bytes += static_cast<std::int64_t>(packed.size());
  return {};
}

Result<void> RecordingWriter::endSegment() {
  if (!writer_) return {};
  WEIR_TRY(writer_->finish());
  WEIR_TRY(flush());
  writer_.reset();
  file_.close();
  return {};
}

/// Their oldest segments go first; what is left of a recording is read as it is.
void RecordingWriter::dropBefore(std::int64_t room) {
  std::int64_t bytes = 0;
  for (const auto& folder : bounds_.before) bytes += bytesBelow(folder);
  while (bytes > room && !bounds_.before.empty()) {
    const auto folder = bounds_.before.front();
    std::error_code gone;
    if (const auto segment = oldestSegment(folder); !segment.empty()) {
      const auto size = fs::file_size(segment, gone);
      if (!fs::remove(segment, gone) || gone) return;
      bytes -= static_cast<std::int64_t>(size);
    }
    if (!oldestSegment(folder).empty()) continue;
    // Nothing can be read of it any more.
    bytes -= bytesBelow(folder);
    fs::remove_all(folder, gone);
    bounds_.before.erase(bounds_.before.begin());
  }
}

void RecordingWriter::dropOld(std::int64_t nowMicros) {
  std::int64_t bytes = 0;
  for (const auto& segment : index_.segments) bytes += segment.bytes;
  // The one that is written to stays, and has room to grow.
  const auto room = bounds_.bytes - bounds_.bytes / kSegments;
  while (index_.segments.size() > 1) {
    const auto& oldest = index_.segments.front();
    const bool old = bounds_.ageMicros > 0 && nowMicros - oldest.lastMicros > bounds_.ageMicros;
    if (bytes <= room && !old) break;
    bytes -= oldest.bytes;
    std::error_code gone;
    fs::remove(folder_ + "/" + oldest.file, gone);
    index_.segments.erase(index_.segments.begin());
  }
  dropBefore(room - bytes);
}

Result<void> RecordingWriter::add(const Batch& batch, std::int64_t nowMicros) {
  if (batch.rows() == 0) return {};
  const bool open = writer_.has_value();
  const bool full =
      open &&
      (index_.segments.back().bytes >= bounds_.bytes / kSegments ||
       (bounds_.ageMicros > 0 && nowMicros - index_.segments.back().firstMicros >= bounds_.ageMicros / kSegments));
  if (open && (full || batch.schema() != schema_)) WEIR_TRY(endSegment());
  WEIR_ASSIGN(const auto timed, withTime(batch, nowMicros));
  if (!writer_) {
    WEIR_TRY(beginSegment(batch.schema(), nowMicros));
    const auto collect = [this](std::string_view bytes) -> Result<void> {
      pending_.append(bytes);
      return {};
    };
    ipc::WriteOptions options;
    options.envelope = true;
    writer_.emplace(collect, timed.schema(), options);
    dropOld(nowMicros);
  }
  WEIR_TRY(writer_->write(timed));
  index_.segments.back().lastMicros = nowMicros;
  index_.segments.back().rows += batch.rows();
  if (pending_.size() < kFlushBytes && nowMicros - flushedMicros_ < kFlushMicros) return {};
  flushedMicros_ = nowMicros;
  return flush();
}

Result<void> RecordingWriter::finish() {
  WEIR_TRY(endSegment());
  index_.finished = true;
  return writeIndex();
}

}  // namespace weir::cli
