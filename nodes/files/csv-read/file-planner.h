// FilePlanner: the first stage of csv-read; and what its two stages share.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "engine/data/lock.h"
#include "engine/node/task.h"
#include "nodes/files/csv-read/chunk-cursor.h"
#include "nodes/files/csv-read/row-parser.h"

namespace weir::nodes::csv_read {

/// The planner writes `plan` before it emits the first item; `layouts` and `spare` are guarded by the lock.
struct Shared {
  Shared(ReadOptions chosen, NodeContext& nodeContext, Files& hostFiles, Codecs* hostCodecs)
      : options(std::move(chosen)), context(nodeContext), files(hostFiles), codecs(hostCodecs) {}

  [[nodiscard]] ChunkCursor::Options cursorOptions(std::int64_t targetBytes) const {
    return {options.onDrift, options.encoding, options.maxRecordBytes, targetBytes};
  }
  /// Number for FileItem::tag; 0 is the plan's own.
  [[nodiscard]] std::int64_t addLayout(Layout layout);
  [[nodiscard]] const Layout& layoutAt(std::int64_t tag);
  [[nodiscard]] std::unique_ptr<RowParser> borrowParser();
  void giveParser(std::unique_ptr<RowParser> parser);

  ReadOptions options;
  NodeContext& context;
  Files& files;
  Codecs* codecs;
  std::optional<ReadPlan> plan;

 private:
  Lock lock_;
  std::deque<Layout> layouts_;
  std::vector<std::unique_ptr<RowParser>> spare_;
};

/// Up to here a file is read and parsed whole by one worker, while it is in that worker's cache.
inline constexpr std::int64_t kWholeFileBytes = 4 << 20;
inline constexpr std::int64_t kPieceBytes = 1 << 20;
/// Less where the run may use little.
[[nodiscard]] inline std::int64_t within(std::int64_t bytes, NodeContext& context) {
  return std::min(bytes, std::max<std::int64_t>(1 << 15, context.account().limitBytes() / 64));
}

/// Finds files, learns the plan from samples, emits small files in groups and large ones in pieces, all in order.
class FilePlanner final : public Source {
 public:
  explicit FilePlanner(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  Result<Flow> pull(StepIo& io) override;
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override;
  Result<Poll> restore(StateReader& state) override;

 private:
  enum class Phase : std::uint8_t { find, sample, emit };
  [[nodiscard]] Result<Flow> find(StepIo& io);
  [[nodiscard]] Result<Flow> sample(StepIo& io);
  void chooseSamples();
  [[nodiscard]] Result<void> takeSample(StepIo& io);
  [[nodiscard]] Result<void> sampleFailed(Error error, StepIo& io);
  void nextSample();
  [[nodiscard]] Result<Flow> emitGroup(StepIo& io);
  [[nodiscard]] Result<Flow> emitPiece(StepIo& io);
  [[nodiscard]] Result<Flow> skipPiece();
  [[nodiscard]] Result<Flow> pieceFailed(Error error, StepIo& io);
  [[nodiscard]] bool inPieces(const FoundFile& file) const;

  std::shared_ptr<Shared> shared_;
  Phase phase_ = Phase::find;
  std::optional<FileFinder> finder_;
  std::vector<FoundFile> found_;

  std::vector<std::size_t> samples_;  // indices into found_, the next one last
  std::int64_t sampleBytes_ = 0, wantedBytes_ = 0;
  std::unique_ptr<FileStream> sampling_;
  std::vector<std::optional<Error>> failed_;  // before there is a plan

  bool sizesKnown_ = true;

  std::size_t next_ = 0;
  std::unique_ptr<ChunkCursor> cursor_;
  std::int64_t cursorTag_ = -1;
  std::int64_t skipBefore_ = 0;  // of file next_: what an interrupted run has emitted
};

}  // namespace weir::nodes::csv_read
