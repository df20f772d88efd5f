// The callers' side: queues, numbers, and the report of what is on disk.
#include "engine/journal/journal.h"

#include <algorithm>
#include <utility>

#include "engine/journal/journal-impl.h"

namespace weir {
namespace {

constexpr std::int64_t kLeastSegment = 64 << 10, kPage = 4096;
/// What may wait for a slow disk.
constexpr std::int64_t kMostPending = 64 << 20;
/// What a record takes besides its rows, roughly.
constexpr std::int64_t kRecordOverhead = 256;
/// Larger batches become several records.
constexpr std::int64_t kMostRecord = 4 << 20;

std::int64_t segmentBytesOf(const JournalOptions& options) {
  const auto wanted = std::min(options.segmentBytes, options.diskBytes / 8);
  return std::max(kLeastSegment, wanted / kPage * kPage);
}

}  // namespace

std::uint64_t JournalContents::waitingRows() const {
  std::uint64_t rows = 0;
  for (const auto& edge : edges) rows += edge.next - std::min(edge.next, edge.position);
  return rows;
}

Journal::Impl::Impl(JournalDisk& disk, JournalOptions options, journal::Recovered recovered)
    : disk_(disk),
      options_(std::move(options)),
      epoch_(options_.epoch != 0 ? options_.epoch : recovered.lastEpoch + 1),
      run_(options_.run.empty() ? recovered.run : options_.run),
      segmentBytes_(segmentBytesOf(options_)),
      table_(std::move(recovered.edges)),
      closed_(std::move(recovered.segments)),
      writer_(disk, options_.sealer),
      nextSegment_(recovered.nextSegment) {
  if (!options_.note.empty()) table_.note = options_.note;
  for (const auto& edge : table_.all()) {
    ids_.push_back(edge.id);
    next_.push_back(edge.next);
    positions_.push_back(edge.position);
    completed_.push_back(0);
  }
  // What every consumer is done with goes as soon as there is something to do.
  released_ = !closed_.empty();
  publishRoom();
}

void Journal::Impl::fillContents(JournalContents& contents) const {
  contents.run = run_;
  contents.epoch = epoch_;
  contents.edges = table_.all();
  contents.tops = table_.tops;
  contents.bytes = 0;
  for (const auto& segment : closed_) contents.bytes += segment.fileBytes;
}

std::uint32_t Journal::Impl::edge(std::string_view id) {
  const Locked locked(lock_);
  const auto found = std::ranges::find(ids_, id);
  if (found != ids_.end()) return static_cast<std::uint32_t>(found - ids_.begin()) + 1;
  ids_.emplace_back(id);
  next_.push_back(0);
  positions_.push_back(0);
  completed_.push_back(0);
  return static_cast<std::uint32_t>(ids_.size());
}

void Journal::Impl::begin() {
  if (turning_ || stopping_ || failure_) return;
  turning_ = true;
  disk_.post([self = shared_from_this()] { self->turn(); });
}

Journal::Ticket Journal::Impl::append(std::uint32_t edge, Batch batch) {
  const auto rows = batch.rows();
  const auto bytes = batch.logicalBytes() + kRecordOverhead;
  const auto most = std::min(kMostRecord, segmentBytes_ / 4);
  const auto piece = bytes <= most ? rows : std::max<std::int64_t>(1, rows * most / bytes);
  const Locked locked(lock_);
  ++ticket_;
  if (rows == 0) {
    // Nothing to write; safe as soon as all before it is.
    if (pendingBytes_ == 0 && !failure_) durable_.store(ticket_, std::memory_order_release);
    return ticket_;
  }
  next_[edge - 1] += static_cast<std::uint64_t>(rows);
  pendingBytes_ += bytes;
  for (std::int64_t from = 0; from < rows; from += piece) {
    const auto count = std::min(piece, rows - from);
    const bool last = from + count == rows;
    pending_.push_back({.edge = edge,
                        .batch = count == rows ? std::move(batch) : batch.slice(from, count),
                        .ticket = ticket_,
                        .bytes = last ? bytes : std::int64_t{0}});
  }
  begin();
  return ticket_;
}

Journal::Ticket Journal::Impl::last() const {
  const Locked locked(lock_);
  return ticket_;
}

std::uint64_t Journal::Impl::next(std::uint32_t edge) const {
  const Locked locked(lock_);
  return next_[edge - 1];
}

std::int64_t Journal::Impl::room() const {
  const Locked locked(lock_);
  if (failure_) return 0;
  return std::max<std::int64_t>(0, std::min(available_, kMostPending) - pendingBytes_);
}

Journal::Ticket Journal::Impl::mark(std::uint32_t edge, journal::EdgeMark mark) {
  const auto bytes = static_cast<std::int64_t>(mark.note.size()) + kRecordOverhead;
  const Locked locked(lock_);
  pendingBytes_ += bytes;
  pending_.push_back({.edge = edge, .ticket = ++ticket_, .bytes = bytes, .mark = std::move(mark)});
  begin();
  return ticket_;
}

Journal::Ticket Journal::Impl::reached(std::uint32_t origin, std::uint32_t partition, std::uint64_t sequence) {
  const Locked locked(lock_);
  pendingBytes_ += journal::kHeadBytes;
  pending_.push_back({.edge = UINT32_MAX,
                      .ticket = ++ticket_,
                      .bytes = journal::kHeadBytes,
                      .top = Top{.origin = origin, .partition = partition, .sequence = sequence}});
  begin();
  return ticket_;
}

void Journal::Impl::release(std::uint32_t edge, std::uint64_t sequence, std::uint64_t checkpoint) {
  const Locked locked(lock_);
  if (checkpoint > 0) completed_[edge - 1] = checkpoint;
  auto& position = positions_[edge - 1];
  if (sequence <= position) return;
  position = std::min(sequence, next_[edge - 1]);
  released_ = true;
  begin();
}

Journal::Ticket Journal::Impl::settle() {
  const Locked locked(lock_);
  pendingBytes_ += kRecordOverhead;
  pending_.push_back({.edge = UINT32_MAX, .ticket = ++ticket_, .bytes = kRecordOverhead, .positions = true});
  begin();
  return ticket_;
}

std::optional<Error> Journal::Impl::failure() const {
  const Locked locked(lock_);
  return failure_;
}

std::optional<Error> Journal::Impl::trouble() const {
  const Locked locked(lock_);
  return trouble_;
}

void Journal::Impl::tryAgain() {
  const Locked locked(lock_);
  asked_ = true;
  begin();
}

JournalCounters Journal::Impl::counters() const {
  const Locked locked(lock_);
  auto out = counters_;
  out.pendingBytes = pendingBytes_;
  return out;
}

void Journal::Impl::listen(std::function<void()> listener) {
  const Locked locked(listenerLock_);
  listener_ = std::move(listener);
}

void Journal::Impl::stop() {
  listen({});
  {
    const Locked locked(lock_);
    stopping_ = true;
  }
  // A turn that is under way ends after its group.
  const Locked turning(turnLock_);
  const Locked locked(lock_);
  pending_.clear();
  work_.clear();
  inGroup_.clear();
}

void Journal::Impl::tell() {
  const Locked locked(listenerLock_);
  if (listener_) listener_();
}

Result<std::unique_ptr<Journal>> Journal::open(JournalDisk& disk, JournalOptions options, JournalContents& contents) {
  WEIR_ASSIGN(auto recovered, journal::recover(disk, {.epoch = options.epoch,
                                                      .run = options.run,
                                                      .sealer = options.sealer,
                                                      .positions = options.positions}));
  contents.troubles = std::move(recovered.troubles);
  contents.note = recovered.edges.note;
  auto impl = std::make_shared<Impl>(disk, std::move(options), std::move(recovered));
  impl->fillContents(contents);
  return std::make_unique<Journal>(std::move(impl));
}

Journal::Journal(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Journal::~Journal() { impl_->stop(); }
std::uint32_t Journal::edge(std::string_view id) { return impl_->edge(id); }
Journal::Ticket Journal::append(std::uint32_t edge, Batch batch) { return impl_->append(edge, std::move(batch)); }
Journal::Ticket Journal::durable() const { return impl_->durable(); }
Journal::Ticket Journal::last() const { return impl_->last(); }
std::uint64_t Journal::next(std::uint32_t edge) const { return impl_->next(edge); }
std::int64_t Journal::room() const { return impl_->room(); }
void Journal::release(std::uint32_t edge, std::uint64_t sequence, std::uint64_t checkpoint) {
  impl_->release(edge, sequence, checkpoint);
}
Journal::Ticket Journal::reached(std::uint32_t origin, std::uint32_t partition, std::uint64_t sequence) {
  return impl_->reached(origin, partition, sequence);
}
Journal::Ticket Journal::mark(std::uint32_t edge, std::uint64_t checkpoint, std::uint64_t position, std::string note) {
  return impl_->mark(edge, {.checkpoint = checkpoint, .position = position, .note = std::move(note)});
}
Journal::Ticket Journal::settle() { return impl_->settle(); }
std::optional<Error> Journal::failure() const { return impl_->failure(); }
std::optional<Error> Journal::trouble() const { return impl_->trouble(); }
void Journal::tryAgain() { impl_->tryAgain(); }
JournalCounters Journal::counters() const { return impl_->counters(); }
void Journal::listen(std::function<void()> listener) { impl_->listen(std::move(listener)); }
void Journal::stopListening() { impl_->listen({}); }
void Journal::abandon() { impl_->stop(); }

}  // namespace weir
