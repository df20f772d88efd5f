// A journal's folder on this machine, and the thread that may wait for its disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "engine/host/journal-disk.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/job-thread.h"

namespace weir::native {

class NativeJournalDisk final : public JournalDisk {
 public:
  /// Makes the folder (for its owner alone) if it is not there, and holds it: `journal.busy` while another process
  /// does.
  [[nodiscard]] static Result<std::unique_ptr<NativeJournalDisk>> open(const std::string& folder);
  /// Jobs that were posted are finished first.

  void post(std::function<void()> job) override;
  Result<std::vector<JournalFile>> list() override;
  Result<JournalFileId> create(std::string_view name, std::int64_t bytes) override;
  Result<JournalFileId> open(std::string_view name) override;
  void close(JournalFileId file) override;
  Result<std::int64_t> read(JournalFileId file, std::int64_t offset, std::span<char> into) override;
  Result<void> write(JournalFileId file, std::int64_t offset, std::string_view bytes) override;
  Result<void> sync(JournalFileId file) override;
  Result<void> truncate(JournalFileId file, std::int64_t bytes) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> remove(std::string_view name) override;
  Result<void> syncFolder() override;

  /// How often it has waited for the disk, and how many nanoseconds. Any thread.
  [[nodiscard]] std::int64_t syncs() const { return syncs_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t syncNanos() const { return syncNanos_.load(std::memory_order_relaxed); }

  /// By open alone.
  struct Private {};
  NativeJournalDisk(Private, std::string path, Descriptor folder, Descriptor hold)
      : path_(std::move(path)), folder_(std::move(folder)), hold_(std::move(hold)) {}

 private:
  [[nodiscard]] Error errorOf(int number, std::string_view name, std::string_view verb) const;
  [[nodiscard]] Error syncError(int number, std::string_view what) const;
  [[nodiscard]] int numberOf(JournalFileId file) const { return static_cast<int>(file); }

  std::string path_;
  Descriptor folder_, hold_;
  std::atomic<std::int64_t> syncs_{0}, syncNanos_{0};
  JobThread jobs_;  // the last member: what it still does needs the others
};

}  // namespace weir::native
