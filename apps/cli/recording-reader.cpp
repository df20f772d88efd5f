// Reading a recording, whole or cut off.
#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <utility>

#include "apps/cli/command.h"
#include "apps/cli/recording.h"
#include "engine/json/document.h"

namespace weir::cli {
namespace {

std::unexpected<Error> invalid(const std::string& folder, const std::string& why) {
  return fail("recording.invalid", "the recording '" + folder + "': " + why);
}

std::int64_t numberIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : 0;
}

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

/// A name that leads nowhere else.
bool isSegmentName(std::string_view name) {
  return name.ends_with(".arrows.zst") && name.find('/') == std::string_view::npos && !name.starts_with('.');
}

/// Who the rows are is said anew where they are fed in; when they came and how urgent they are stays.
Envelope envelopeOf(const Envelope& recorded) {
  Envelope made;
  made.timestampMicros = recorded.timestampMicros;
  made.priority = recorded.priority;
  if (!recorded.detail) return made;
  auto detail = std::make_shared<Envelope::Detail>();
  detail->runs = recorded.detail->runs;
  detail->timestamps = recorded.detail->timestamps;
  detail->priorities = recorded.detail->priorities;
  detail->traces = recorded.detail->traces;
  const bool any =
      !detail->runs.empty() || !detail->timestamps.empty() || !detail->priorities.empty() || !detail->traces.empty();
  if (any) made.detail = std::move(detail);
  return made;
}

}  // namespace

Result<RecordingReader> RecordingReader::open(std::string folder, Codecs& codecs, MemoryAccount& account) {
  const auto text = readText(folder + "/recording.json");
  if (!text) {
    return fail("recording.not_found",
                "'" + folder + "' is no recording: " + text.error().message + ". 'weir record' makes one");
  }
  const auto read = json::parse(*text);
  if (!read) return invalid(folder, "its recording.json: " + read.error().message);
  const auto& root = read->root();
  if (const auto format = numberIn(root, "format"); format != 1) {
    return invalid(folder, "it is of format " + std::to_string(format) + ", this program reads 1");
  }
  RecordingIndex index;
  index.flow = textIn(root, "flow");
  index.edge = textIn(root, "edge");
  const auto* finished = root.find("finished");
  index.finished = finished != nullptr && finished->asBool() != nullptr && *finished->asBool();
  const auto* segments = root.find("segments");
  if (segments == nullptr || segments->asArray() == nullptr)
    return invalid(folder, "its recording.json has no segments");
  for (const auto& each : *segments->asArray()) {
    RecordingSegment segment{textIn(each, "file"), numberIn(each, "firstMicros"), numberIn(each, "lastMicros"),
                             numberIn(each, "rows"), numberIn(each, "bytes")};
    if (!isSegmentName(segment.file)) return invalid(folder, "'" + segment.file + "' is no name of a segment");
    index.segments.push_back(std::move(segment));
  }
  return RecordingReader(std::move(folder), std::move(index), codecs, account);
}

Result<void> RecordingReader::openNext() {
  const bool last = segment_ + 1 == index_.segments.size();
  const auto& segment = index_.segments[segment_++];
  // Of a recording that was cut off nobody knows where its last segment ends.
  if (segment.lastMicros < fromMicros_ && !(last && !index_.finished)) return {};
  file_ = std::make_unique<std::ifstream>(folder_ + "/" + segment.file, std::ios::binary);
  if (!file_->is_open()) return invalid(folder_, "its segment '" + segment.file + "' cannot be opened");
  WEIR_ASSIGN(unpacked_, codecs_->decompressor("zstd"));
  reader_.emplace(*account_);
  compressed_.clear();
  return {};
}

Result<bool> RecordingReader::feed() {
  if (compressed_.empty()) {
    compressed_.resize(std::size_t{256} << 10);
    file_->read(compressed_.data(), static_cast<std::streamsize>(compressed_.size()));
    compressed_.resize(static_cast<std::size_t>(file_->gcount()));
    if (compressed_.empty()) return false;
  }
  std::array<std::byte, 64 << 10> bytes;
  WEIR_ASSIGN(const auto step, unpacked_->run(compressed_, bytes));
  compressed_.erase(0, static_cast<std::size_t>(step.consumed));
  reader_->feed(std::string_view(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(step.produced)));
  return true;
}

Result<std::optional<RecordedBatch>> RecordingReader::next() {
  for (;;) {
    if (!reader_) {
      if (segment_ == index_.segments.size()) return std::nullopt;
      WEIR_TRY(openNext());
      continue;
    }
    WEIR_ASSIGN(const auto batch, reader_->next());
    if (!batch) {
      WEIR_ASSIGN(const auto more, feed());
      if (more) continue;
      const bool cut = !reader_->ended();
      reader_.reset();
      if (cut && (index_.finished || segment_ < index_.segments.size())) {
        return invalid(folder_, "its segment '" + index_.segments[segment_ - 1].file + "' ends in the middle");
      }
      continue;
    }
    const auto& schema = *batch->schema();
    const auto times = schema.size() - 1;
    if (times < 0 || schema.field(times).name != "weir.recordedAt" || batch->rows() == 0 ||
        schema.field(times).type->kind != Kind::timestamp) {
      return invalid(folder_, "its rows have no times");
    }
    const auto at = batch->value(0, times);
    RecordedBatch recorded;
    recorded.atMicros = at.seconds() * 1'000'000 + at.nanos() / 1000;
    std::vector<Field> fields(schema.fields().begin(), schema.fields().end() - 1);
    WEIR_ASSIGN(const auto bare, batch->withColumns(Schema::of(std::move(fields), schema.version()),
                                                    batch->columns().first(batch->columns().size() - 1)));
    recorded.batch = bare.withEnvelope(envelopeOf(batch->envelope()));
    return recorded;
  }
}

}  // namespace weir::cli
