// A recording: the batches of one edge with their times, in a folder of compressed Arrow segments.
#pragma once

#include <cstdint>
#include <deque>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/arrow-ipc.h"
#include "engine/host/codecs.h"
#include "hosts/native/sealing/sealed-log.h"

namespace weir::cli {

/// The oldest segments go when the newer ones alone reach one of these.
struct RecordingBounds {
  std::int64_t bytes = std::int64_t{1} << 30;  // on the disk, compressed
  std::int64_t ageMicros = 0;                  // 0: none is too old
  std::vector<std::string> before{};  // earlier recordings of the same run, the first first: their bytes count too
};

struct RecordingSegment {
  std::string file;
  std::int64_t firstMicros = 0, lastMicros = 0, rows = 0, bytes = 0;
};

/// What `recording.json` says.
struct RecordingIndex {
  std::string flow, edge;
  std::vector<RecordingSegment> segments;  // oldest first; the last one may be longer than is said here
  bool finished = false;
};

/// Each segment is an Arrow stream of one schema in zstd frames, with the envelope and the column `weir.recordedAt`.
class RecordingWriter {
 public:
  /// Makes the folder, which must not be there. With keys the segments are sealed logs of what they hold
  /// (hosts/native/sealing/sealed-log.h), their bytes counted as they lie there. Errors `files.exists`, `files.io`.
  [[nodiscard]] static Result<std::unique_ptr<RecordingWriter>> create(std::string folder, std::string flow,
                                                                       std::string edge, RecordingBounds bounds,
                                                                       native::FileKeys keys = {});
  /// Errors `files.io`, `memory.limit`.
  Result<void> add(const Batch& batch, std::int64_t nowMicros);
  Result<void> finish();
  [[nodiscard]] const RecordingIndex& index() const { return index_; }

  RecordingWriter(std::string folder, RecordingBounds bounds, native::FileKeys keys)
      : folder_(std::move(folder)), bounds_(std::move(bounds)), keys_(std::move(keys)) {}
  /// Of a run that was cut off what it has given is written, and can be read.
  ~RecordingWriter() { static_cast<void>(endSegment()); }
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;

 private:
  Result<void> beginSegment(const SchemaRef& schema, std::int64_t nowMicros);
  Result<void> endSegment();
  Result<void> flush();
  Result<void> writeIndex() const;
  void dropOld(std::int64_t nowMicros);
  void dropBefore(std::int64_t room);

  std::string folder_;
  RecordingBounds bounds_;
  native::FileKeys keys_;
  std::optional<native::LogSealer> sealer_;  // of the segment
  RecordingIndex index_;
  SchemaRef schema_;  // of the batches of the segment, as they come
  std::optional<ipc::StreamWriter> writer_;
  std::ofstream file_;
  std::string pending_;
  std::int64_t flushedMicros_ = 0, lastNumber_ = 0;
};

struct RecordedBatch {
  Batch batch;  // without the column of the time
  std::int64_t atMicros = 0;
};

class RecordingReader {
 public:
  /// Errors `recording.not_found`, `recording.invalid`.
  [[nodiscard]] static Result<RecordingReader> open(std::string folder, Codecs& codecs, MemoryAccount& account);
  [[nodiscard]] const RecordingIndex& index() const { return index_; }
  /// Segments that end before are passed over.
  void startAt(std::int64_t fromMicros) { fromMicros_ = fromMicros; }
  /// Nothing after the last one; the last segment of a recording that was killed may end in the middle. Errors
  /// `recording.invalid`, `codec.corrupt`, those of Arrow.
  [[nodiscard]] Result<std::optional<RecordedBatch>> next();

 private:
  RecordingReader(std::string folder, RecordingIndex index, Codecs& codecs, MemoryAccount& account)
      : folder_(std::move(folder)), index_(std::move(index)), codecs_(&codecs), account_(&account) {}
  Result<void> openNext();
  /// False: the segment has no more bytes.
  Result<bool> feed();

  std::string folder_;
  RecordingIndex index_;
  Codecs* codecs_;
  MemoryAccount* account_;
  std::int64_t fromMicros_ = INT64_MIN;
  std::size_t segment_ = 0;
  std::unique_ptr<std::ifstream> file_;
  std::unique_ptr<Decompressor> unpacked_;
  std::optional<ipc::StreamReader> reader_;
  std::string compressed_;
};

}  // namespace weir::cli
