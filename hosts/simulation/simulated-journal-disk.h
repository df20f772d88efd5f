// SimulatedJournalDisk: a journal's folder in memory that loses power, and fails on demand.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/host/journal-disk.h"
#include "hosts/simulation/simulated-workers.h"

namespace weir::simulation {

/// What has been synced is safe; all else may be there or not when the power comes back, in sectors of 512 or 4096
/// bytes and in any order. Renames, new files and removals of a folder that was not synced are there as far as some
/// point, in their order. Not thread-safe.
class SimulatedJournalDisk final : public JournalDisk, public PendingCalls {
 public:
  using Image = std::map<std::string, std::string>;
  explicit SimulatedJournalDisk(Image image = {});
  /// Jobs that nobody has run are dropped.
  ~SimulatedJournalDisk() override { jobs_.clear(); }
  SimulatedJournalDisk(const SimulatedJournalDisk&) = delete;
  SimulatedJournalDisk& operator=(const SimulatedJournalDisk&) = delete;

  /// Jobs wait until `run` or the simulated workers come to them.
  void post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }
  [[nodiscard]] std::size_t pending() const override { return jobs_.size(); }
  void finish(std::size_t) override { runOne(); }
  /// All jobs, and those that they post.
  void run() {
    while (!jobs_.empty()) runOne();
  }

  // Faults.
  /// The power goes at the call with this number (from now on, counted from 0); that call and all later ones fail.
  void losePowerAt(std::int64_t call) { powerLostAt_ = calls_ + call; }
  [[nodiscard]] bool powerLost() const { return calls_ > powerLostAt_; }
  [[nodiscard]] std::int64_t calls() const { return calls_; }
  /// Syncs fail from that one on, `times` times.
  void failSync(std::int64_t after, std::int64_t times) { syncFails_ = {syncs_ + after, syncs_ + after + times}; }
  [[nodiscard]] std::int64_t syncs() const { return syncs_; }
  /// Writes and creations find the disk full from that one on, so many times.
  void failWrites(std::int64_t after, std::int64_t times) { writeFails_ = {writes_ + after, writes_ + after + times}; }
  [[nodiscard]] std::int64_t writes() const { return writes_; }
  /// What files may take in all.
  void setCapacity(std::int64_t bytes) { capacity_ = bytes; }
  [[nodiscard]] std::int64_t takenBytes() const;
  void setHandles(std::int64_t most) { handles_ = most; }
  [[nodiscard]] std::int64_t openFiles() const { return static_cast<std::int64_t>(open_.size()); }

  /// What the disk holds when the power comes back, drawn from the seed; `sector` 512 or 4096.
  [[nodiscard]] Image afterPowerLoss(std::uint64_t seed, std::int64_t sector) const;
  /// All that was written.
  [[nodiscard]] Image image() const;

  Result<std::vector<JournalFile>> list() override;
  Result<JournalFileId> create(std::string_view name, std::int64_t bytes) override;
  Result<JournalFileId> open(std::string_view name) override;
  void close(JournalFileId file) override { open_.erase(file); }
  Result<std::int64_t> read(JournalFileId file, std::int64_t offset, std::span<char> into) override;
  Result<void> write(JournalFileId file, std::int64_t offset, std::string_view bytes) override;
  Result<void> sync(JournalFileId file) override;
  Result<void> truncate(JournalFileId file, std::int64_t bytes) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> remove(std::string_view name) override;
  Result<void> syncFolder() override;

 private:
  struct Write {
    std::int64_t offset = 0;
    std::string bytes;
    bool cut = false;  // to `offset`
  };
  struct File {
    std::string safe, now;        // as synced, as written
    std::vector<Write> unsafe{};  // since the last sync
  };
  using FileRef = std::shared_ptr<File>;
  using Names = std::map<std::string, FileRef>;
  struct Range {
    std::int64_t from = INT64_MAX, to = INT64_MAX;
    [[nodiscard]] bool has(std::int64_t number) const { return number >= from && number < to; }
  };

  void runOne();
  [[nodiscard]] Result<void> call();
  [[nodiscard]] Result<void> writing(std::int64_t more);
  [[nodiscard]] Result<JournalFileId> handle(FileRef file);

  std::deque<std::function<void()>> jobs_;
  Names names_;
  std::vector<Names> steps_;  // the folder since its last sync; the first is what is safe
  std::map<JournalFileId, FileRef> open_;
  JournalFileId next_ = 1;
  std::int64_t calls_ = 0, syncs_ = 0, writes_ = 0, powerLostAt_ = INT64_MAX, capacity_ = INT64_MAX,
               handles_ = INT64_MAX;
  Range syncFails_, writeFails_;
};

}  // namespace weir::simulation
