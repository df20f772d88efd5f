// The course of a sink's checkpoints.
#include "engine/node/once-sink.h"

#include <algorithm>

#include "engine/host/clock.h"

namespace weir {
namespace {

/// Tells this sink of this run from all others, also where two runs have one seed.
std::string freshSink(NodeContext& context) {
  auto host = context.host<Random>();
  const auto high = host ? (*host)->next() : context.random();
  const auto low = host ? (*host)->next() : context.random();
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto word : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(word >> shift) & 15];
  }
  return text;
}

}  // namespace

OnceSink::OnceSink(NodeContext& context, std::int64_t holdBytes)
    : context_(context), holdBytes_(holdBytes), held_(context.account(), holdBytes) {
  sink_.sink = freshSink(context);
}

Result<Flow> OnceSink::process(const Batch& batch, StepIo& io) {
  WEIR_ASSIGN(const auto ready, settle(io));
  if (ready == Poll::pending) return Flow::pending;
  if (ended_ || batch.rows() == 0) return Flow::more;
  WEIR_ASSIGN(const auto rows, kept(batch));
  WEIR_TRY(held_.add(rows));
  return Flow::more;
}

/// What is left goes out with the mark that this is all.
Result<Flow> OnceSink::finish(StepIo& io) {
  WEIR_ASSIGN(const auto ready, settle(io));
  if (ready == Poll::pending) return Flow::pending;
  if (ended_) return Flow::done;
  if (!ending_) prepareEnd();
  WEIR_ASSIGN(const auto written, writeUpTo(UINT64_MAX));
  if (written == Poll::pending) return Flow::pending;
  report(io);
  return Flow::done;
}

/// All that is left in one transaction: a part by itself, whose checkpoint never came to be, would be cut differently
/// by a run that is resumed.
void OnceSink::prepareEnd() {
  Prepared end{lastId_, {}, true};
  for (auto& each : prepared_) std::ranges::move(each.rows, std::back_inserter(end.rows));
  end.rows.push_back(std::move(held_));
  prepared_.clear();
  prepared_.push_back(std::move(end));
  ending_ = true;
}

Result<Poll> OnceSink::snapshot(CheckpointId id, StateWriter& state) {
  if (!ending_ && !ended_) {
    Prepared next{id, {}, false};
    next.rows.push_back(std::exchange(held_, HeldRows(context_.account(), holdBytes_)));
    prepared_.push_back(std::move(next));
    lastId_ = id;
  }
  WEIR_TRY(state.write(Value::string(sink_.sink)));
  WEIR_TRY(state.write(static_cast<std::int64_t>(prepared_.size())));
  for (const auto& each : prepared_) {
    WEIR_TRY(state.write(static_cast<std::int64_t>(each.id)));
    WEIR_TRY(state.write(static_cast<std::int64_t>(each.rows.size())));
    for (const auto& rows : each.rows) WEIR_TRY(rows.save(state));
  }
  return Poll::ready;
}

Result<Poll> OnceSink::restore(StateReader& state) {
  WEIR_ASSIGN(const auto sink, state.readValue());
  if (sink.kind() != ValueKind::string) return fail("state.mismatch", "the saved state names no sink");
  sink_.sink = sink.text();
  std::int64_t count = 0;
  WEIR_TRY(state.read(count));
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t id = 0, parts = 0;
    WEIR_TRY(state.read(id));
    WEIR_TRY(state.read(parts));
    prepared_.push_back({static_cast<std::uint64_t>(id), {}, false});
    for (std::int64_t part = 0; part < parts; ++part) {
      prepared_.back().rows.emplace_back(context_.account(), INT64_MAX);
      WEIR_TRY(prepared_.back().rows.back().load(state));
    }
    lastId_ = std::max(lastId_, prepared_.back().id);
  }
  look_ = true;
  return Poll::ready;
}

Result<Poll> OnceSink::committed(CheckpointId id) {
  due_ = std::max(due_, id);
  // Before its first step there is nobody to wake: then the rows go out with that step.
  if (!waker_ || look_) return Poll::ready;
  auto written = writeUpTo(due_);
  // What may pass is tried again by the node's rules with the next step, or with the next checkpoint.
  if (!written && written.error().recoverable) return Poll::ready;
  return written;
}

/// What must have happened before new rows are taken: how far a restored sink had come, and what is due.
Result<Poll> OnceSink::settle(StepIo& io) {
  waker_ = io.waker();
  if (look_) {
    const auto name = sink_.sink;
    auto claimed = claim(sink_, *waker_);
    if (!claimed) return failed(std::move(claimed.error()));
    if (*claimed == Poll::pending) return Poll::pending;
    sink_.sink = name;
    ended_ = sink_.ended;
    if (ended_) prepared_.clear();
    look_ = false;
  }
  WEIR_ASSIGN(const auto written, writeUpTo(due_));
  if (written == Poll::ready) report(io);
  return written;
}

Result<Poll> OnceSink::writeUpTo(std::uint64_t id) {
  while (!prepared_.empty() && prepared_.front().id <= id) {
    auto& first = prepared_.front();
    if (writing_.empty()) {
      for (const auto& rows : first.rows) std::ranges::copy(rows.batches(), std::back_inserter(writing_));
    }
    if (writing_.empty() && !first.last) {
      prepared_.pop_front();
      continue;
    }
    std::vector<SinkRefusal> refused;
    auto written = write(writing_, {sink_.sink, first.id, first.last, sink_.epoch}, refused, *waker_);
    if (!written) return failed(std::move(written.error()));
    if (*written == Poll::pending) return Poll::pending;
    noteRefused(writing_, refused);
    writing_.clear();
    prepared_.pop_front();
  }
  return Poll::ready;
}

Result<Poll> OnceSink::failed(Error error) {
  writing_.clear();
  if (error.recoverable) forget();
  return std::unexpected(std::move(error));
}

void OnceSink::noteRefused(const std::vector<Batch>& batches, std::vector<SinkRefusal>& refused) {
  std::size_t batch = 0;
  std::uint32_t before = 0;
  for (auto& refusal : refused) {
    while (refusal.row - before >= static_cast<std::uint32_t>(batches[batch].rows())) {
      before += static_cast<std::uint32_t>(batches[batch++].rows());
    }
    refused_.push_back({batches[batch].slice(refusal.row - before, 1), std::move(refusal.error)});
  }
}

/// Rows that a commit has refused fail with the next step.
void OnceSink::report(StepIo& io) {
  for (auto& [row, error] : refused_) io.failOf(row, 0, std::move(error), 1);
  refused_.clear();
}

}  // namespace weir
