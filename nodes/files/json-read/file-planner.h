// FilePlanner: the first stage of json-read; and what its two stages share.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/data/lock.h"
#include "engine/json/elements.h"
#include "engine/json/lines.h"
#include "engine/node/file-stream.h"
#include "engine/node/task.h"
#include "nodes/files/json-read/row-decoder.h"
#include "nodes/files/json-read/text-shape.h"

namespace weir::nodes::json_read {

/// What a worker keeps from ticket to ticket.
struct Desk {
  Desk(const ReadPlan& plan, NodeContext& context) : decoder(plan, context) {}
  RowDecoder decoder;
  json::Lines lines;
  json::Elements elements;
  json::Structure structure;
};

/// `plan` is settled before the first item is emitted; the rest is guarded by the lock.
struct Shared {
  Shared(ReadOptions chosen, NodeContext& nodeContext, Files& hostFiles, Codecs* hostCodecs)
      : options(std::move(chosen)), context(nodeContext), files(hostFiles), codecs(hostCodecs), plan(options) {}

  [[nodiscard]] std::unique_ptr<Desk> borrowDesk();
  void giveDesk(std::unique_ptr<Desk> desk);
  /// How many line ends a range of a file has, if somebody has counted them.
  [[nodiscard]] std::optional<std::int64_t> lineEnds(std::int64_t file, std::int64_t range);
  void noteLineEnds(std::int64_t file, std::int64_t range, std::int64_t count);
  /// True for the first caller.
  [[nodiscard]] bool mayWarn();

  ReadOptions options;
  NodeContext& context;
  Files& files;
  Codecs* codecs;
  ReadPlan plan;

 private:
  Lock lock_;
  std::vector<std::unique_ptr<Desk>> spare_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> lineEnds_;
  bool warned_ = false;
};

/// Larger files of lines are read in ranges of this size, each by its own ticket. FileItem::tag is a range's length.
inline constexpr std::int64_t kRangeBytes = 1 << 20;
inline constexpr std::int64_t kWholeFileBytes = 4 << 20;

/// Finds files, learns the plan from samples, emits small files in groups and ranges of large ones, all in order.
class FilePlanner final : public Source {
 public:
  explicit FilePlanner(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  Result<Flow> pull(StepIo& io) override;
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override;
  Result<Poll> restore(StateReader& state) override;

 private:
  enum class Phase : std::uint8_t { find, sample, emit };
  [[nodiscard]] Result<Flow> find(StepIo& io);
  void chooseSamples();
  [[nodiscard]] Result<Flow> sample(StepIo& io);
  [[nodiscard]] Result<Flow> emit(StepIo& io);
  [[nodiscard]] Result<Flow> lookAtHead(StepIo& io);
  [[nodiscard]] Result<Flow> emitGroup(StepIo& io);
  [[nodiscard]] Result<Flow> emitRanges(StepIo& io);
  [[nodiscard]] FileItem itemOf(std::size_t index) const;
  [[nodiscard]] bool big(const FoundFile& file) const;

  std::shared_ptr<Shared> shared_;
  Phase phase_ = Phase::find;
  std::optional<FileFinder> finder_;
  std::vector<FoundFile> found_;
  std::vector<std::size_t> samples_;  // the next one last
  std::int64_t sampleBytes_ = 0, wantedBytes_ = 0;
  std::unique_ptr<FileStream> stream_;
  std::size_t next_ = 0;
  std::optional<bool> inRanges_;  // of the big file next_
  std::int64_t offset_ = 0;
};

}  // namespace weir::nodes::json_read
