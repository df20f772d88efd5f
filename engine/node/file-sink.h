// FileSink: writes one file so that a reader sees the old one or the whole new one, never half of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "engine/host/files.h"
#include "engine/node/contract.h"
#include "engine/node/state.h"
#include "engine/node/task.h"

namespace weir {

enum class IfExists : std::uint8_t { overwrite, append, error };

struct FileSinkOptions {
  std::string path;
  IfExists ifExists = IfExists::overwrite;
  bool makeFolders = true;
};

/// Of the settings `path`, `makeFolders` and `ifExists` as all writers have them.
template <class Settings>
[[nodiscard]] FileSinkOptions fileSinkOptions(const Settings& settings) {
  static constexpr IfExists kChoices[] = {IfExists::overwrite, IfExists::append, IfExists::error};
  return {settings.path, kChoices[static_cast<std::size_t>(settings.ifExists)], settings.makeFolders};
}

/// `files.compressed_target` for a path that readers would decompress: writers do not compress.
[[nodiscard]] Result<void> checkTarget(std::string_view path);

/// `.NAME.weir-part` beside a path: what is written until it is whole.
[[nodiscard]] std::string partPathOf(std::string_view path);

/// Bytes go to the part file, which is held exclusively (`files.busy` for a second run) and takes the file's name when
/// it is whole and safe on disk. To append, the part file begins as a copy. What an interrupted run leaves is taken
/// over by the next one.
///
/// Each function that answers `pending` is called again after a wake.
class FileSink {
 public:
  FileSink(Files& files, MemoryAccount& account, FileSinkOptions options);
  /// Takes an unfinished part file away, as far as the host can do so at once.
  ~FileSink();
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  // What a task's functions of these names hand on. In a run that keeps checkpoints the part file outlives the run, and
  // takes the file's name when the checkpoint that knows of its end is stored.
  void attach(const TaskSite& site) {
    waker_ = site.waker;
    checkpointed_ = site.checkpointed;
  }
  [[nodiscard]] Result<Poll> snapshot(CheckpointId id, StateWriter& state);
  [[nodiscard]] Result<Poll> restore(StateReader& state);
  [[nodiscard]] Result<Poll> committed(CheckpointId id);

  /// Opens the part file, after a restore where it stood. Errors: files.exists, files.busy, files.denied,
  /// files.is_folder, state.mismatch ...
  [[nodiscard]] Result<Poll> open(const Waker& waker);
  [[nodiscard]] bool opened() const noexcept { return state_ == State::open; }
  /// How many bytes the file had already (append). After open.
  [[nodiscard]] std::int64_t existingBytes() const noexcept { return existingBytes_; }
  /// The existing file's last byte, or '\n' if it was empty.
  [[nodiscard]] char existingEnd() const noexcept { return existingEnd_; }

  /// The existing file's first bytes, at most kWriteBytes. Can be taken once.
  [[nodiscard]] Buffer takeExistingBegin() noexcept { return std::exchange(existingBegin_, Buffer()); }

  /// What is to be written next; grows until flush takes it.
  [[nodiscard]] std::string& pendingText() noexcept { return text_; }
  /// Time to flush.
  [[nodiscard]] bool full() const noexcept { return static_cast<std::int64_t>(text_.size()) >= kWriteBytes; }
  /// Writes all pending text.
  [[nodiscard]] Result<Poll> flush(const Waker& waker);
  /// Writes all pending text if it is time to, and goes on with that when called again.
  [[nodiscard]] Result<Poll> keepRoom(const Waker& waker);
  /// Writes `bytes` behind all that came before, without copying them.
  [[nodiscard]] Result<Poll> write(const Buffer& bytes, const Waker& waker);
  /// Flushes, syncs and publishes. Errors: files.disk_full, files.sync_failed ...
  [[nodiscard]] Result<Poll> finish(const Waker& waker);
  /// Of the new file, the copy included.
  [[nodiscard]] std::int64_t writtenBytes() const noexcept { return position_; }

  static constexpr std::int64_t kWriteBytes = 1 << 20;

 private:
  enum class State : std::uint8_t {
    looking,
    reopening,
    measuring,
    cutting,
    makingFolders,
    creating,
    copyOpen,
    copyRead,
    copyWrite,
    open,
    syncing,
    prepared,  // whole and safe, without its name
    publishing,
    done
  };
  [[nodiscard]] Result<Poll> look(const Waker& waker);
  [[nodiscard]] Result<Poll> makeFolders(const Waker& waker);
  [[nodiscard]] Result<Poll> create(const Waker& waker);
  [[nodiscard]] Result<Poll> reopen(const Waker& waker);
  [[nodiscard]] Result<Poll> copy(const Waker& waker);

  Files& files_;
  MemoryAccount& account_;
  FileSinkOptions options_;
  std::string part_;
  State state_ = State::looking;
  bool copying_ = false;
  bool checkpointed_ = false, restored_ = false;
  bool saving_ = false;          // doing_ is the sync of a snapshot
  bool flushing_ = false;        // keepRoom is under way
  CheckpointId preparedIn_ = 0;  // the first that knows of it
  std::int64_t syncedBytes_ = -1;
  Waker waker_;
  FileId file_ = -1, old_ = -1;
  std::int64_t position_ = 0, existingBytes_ = 0;
  char existingEnd_ = '\n';
  std::string text_;
  Buffer block_, existingBegin_;
  Operation<FileInfo> info_;
  Operation<FileId> opening_;
  Operation<std::int64_t> moving_;
  Operation<Unit> doing_;
};

}  // namespace weir
