// OnceSink: rows are held until their checkpoint is complete, then written with its number in one transaction.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/host/sink-checkpoint.h"
#include "engine/node/held-rows.h"
#include "engine/node/node-context.h"
#include "engine/node/node.h"

namespace weir {

struct SinkRefusal {
  std::uint32_t row = 0;  // counted over all batches of a write
  Error error;
};

/// What a checkpoint has saved is written again on resume, unless the target knows its number. A run that is resumed
/// takes the sink over: one that was only paused is refused from then on.
class OnceSink : public Transform {
 public:
  /// Rows of more than `holdBytes` between two checkpoints are `state.too_large`.
  OnceSink(NodeContext& context, std::int64_t holdBytes);
  Result<Flow> process(const Batch& batch, StepIo& io) final;
  Result<Flow> finish(StepIo& io) final;
  Result<Poll> snapshot(CheckpointId id, StateWriter& state) final;
  Result<Poll> restore(StateReader& state) final;
  Result<Poll> committed(CheckpointId id) final;

 protected:
  // Of these each is called again after a wake while it answers `pending`.
  /// What is kept of a batch.
  virtual Result<Batch> kept(const Batch& batch) { return batch; }
  /// Raises the epoch that the target knows of this sink by one; gives it with what was written.
  virtual Result<Poll> claim(SinkCheckpoint& sink, const Waker& waker) = 0;
  /// One transaction, which also checks and keeps `checkpoint` (alreadyWritten).
  virtual Result<Poll> write(const std::vector<Batch>& rows, const SinkCheckpoint& checkpoint,
                             std::vector<SinkRefusal>& refused, const Waker& waker) = 0;
  /// The next call begins with a new connection.
  virtual void forget() = 0;
  [[nodiscard]] NodeContext& context() const { return context_; }

 private:
  struct Prepared {
    std::uint64_t id = 0;
    std::vector<HeldRows> rows;
    bool last = false;
  };

  Result<Poll> settle(StepIo& io);
  Result<Poll> writeUpTo(std::uint64_t id);
  Result<Poll> failed(Error error);
  void prepareEnd();
  void noteRefused(const std::vector<Batch>& batches, std::vector<SinkRefusal>& refused);
  void report(StepIo& io);

  NodeContext& context_;
  std::int64_t holdBytes_;
  SinkCheckpoint sink_;  // its name and epoch
  HeldRows held_;
  std::deque<Prepared> prepared_;  // by id; not written yet
  std::uint64_t lastId_ = 0, due_ = 0;
  bool look_ = false, ending_ = false;
  bool ended_ = false;  // an earlier run wrote all there is
  std::vector<Batch> writing_;
  std::vector<std::pair<Batch, Error>> refused_;
  std::optional<Waker> waker_;
};

}  // namespace weir
