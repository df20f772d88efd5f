// What every source over files begins with: from paths and globs to a list of files, and files as work for a next
// stage.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/files.h"
#include "engine/node/node-context.h"
#include "engine/node/task.h"
#include "engine/text/glob.h"

namespace weir {

struct FoundFile {
  std::string path;
  std::int64_t sizeBytes = 0;
  std::int64_t modifiedMicros = 0;
  /// The person named exactly this file: if it cannot be read, the run fails; a file that a glob found becomes an error
  /// row, and the others are read.
  bool named = false;
};

/// Whether `path` is a path or a glob that can be read: `glob.syntax`.
[[nodiscard]] Result<void> checkPathPattern(std::string_view path);

/// Walks folders for files that match. Listings are asked for several at a time.
class FileFinder {
 public:
  struct Problem {
    std::string path;
    Error error;
  };
  struct Options {
    /// Folders are results too (files/list).
    bool folders = false;
  };

  /// A path is a name or a glob, both with or without `mount:`. A file that is called exactly as a glob reads is that
  /// file. Errors: glob.syntax, settings.missing.
  [[nodiscard]] static Result<FileFinder> make(std::span<const std::string> paths, Files& files, Options options);
  [[nodiscard]] static Result<FileFinder> make(std::span<const std::string> paths, Files& files) {
    return make(paths, files, Options{});
  }

  /// more: call again; pending: after a wake; done: the answer is there. Errors of named paths: files.not_found,
  /// files.is_folder, files.denied ...
  [[nodiscard]] Result<Flow> step(const Waker& waker);
  /// In byte order of paths, each once.
  [[nodiscard]] const std::vector<FoundFile>& found() const noexcept { return found_; }
  [[nodiscard]] std::vector<FoundFile> takeFound() noexcept { return std::move(found_); }
  /// Folders that could not be listed, and links that lead out of the mount.
  [[nodiscard]] std::vector<Problem>& problems() noexcept { return problems_; }
  /// What to say of folders that a glob for files matches and does not lead into; empty if there are none.
  [[nodiscard]] std::string passedFolders() const;
  /// `files.no_match`, if nothing was found at all.
  [[nodiscard]] Result<void> matched() const;

 private:
  struct Pattern {
    std::string shown, mount;
    Glob glob;
    bool named = false;  // to be looked at as a name
  };
  /// A folder that is being walked and those above it: a link to one of them leads in a circle.
  struct Way {
    std::uint64_t device = 0, inode = 0;
    std::shared_ptr<const Way> above;
  };
  struct Pending {
    std::size_t pattern = 0;
    std::string path;
    int links = 0;       // links to folders on the way
    bool first = false;  // the folder that a glob starts from
    std::shared_ptr<const Way> way;
    Operation<FileInfo> info;
    Operation<std::vector<FileInfo>> listing;
  };
  explicit FileFinder(Files& files) : files_(&files) {}
  void startNext(const Waker& waker);
  [[nodiscard]] Result<void> takeInfo(Pending& pending);
  [[nodiscard]] Result<void> takeListing(Pending& pending);
  void takeFolder(const Pending& above, FileInfo& entry);
  void walk(std::size_t pattern);
  void finish();

  Files* files_;
  Options options_;
  std::vector<Pattern> patterns_;
  std::deque<Pending> waiting_;
  std::vector<Pending> active_;
  std::vector<FoundFile> found_;
  std::vector<Problem> problems_;
  std::string passedFolder_;  // the first in byte order
  std::int64_t passedFolders_ = 0;
  bool finished_ = false;
};

/// Work for a second stage: a whole file, or a piece of one (`piece` holds its bytes, whole records).
struct FileItem {
  std::int64_t index = 0;  // of the file among those found; the envelope's partition
  std::string path;
  std::int64_t sizeBytes = 0, modifiedMicros = 0;
  bool named = false;
  std::int64_t offset = 0;  // of the piece in the file's text
  std::int64_t line = 1;    // at which the piece begins
  std::int64_t tag = 0;     // what the node likes to know
  Buffer piece{};
  bool isPiece = false;
};
/// A whole file, the `index`-th of those found.
[[nodiscard]] FileItem fileItem(const FoundFile& file, std::size_t index);
/// As an internal batch of one row each; pieces travel without being copied (at most one, alone in its batch).
[[nodiscard]] Result<Batch> packFileItems(std::span<const FileItem> items, MemoryAccount& account);
[[nodiscard]] std::vector<FileItem> unpackFileItems(const Batch& batch);

/// An error row about a file: {file} or {file, line}.
void failFile(Outbox& out, std::string_view path, Error error, std::int64_t line = 0);

enum class IfNoFiles : std::uint8_t { error, warn };

/// Says what was found to the person: failed folders as error rows, `files.no_match` as error or warning, total bytes
/// as progress. Takes the finder's list.
[[nodiscard]] Result<std::vector<FoundFile>> settleFound(FileFinder& finder, IfNoFiles ifNoFiles, StepIo& io,
                                                         NodeContext& context);

/// The files of a source's paths: found in its first steps, and said to the person as settleFound does.
/// How the files that were found are kept with a checkpoint: those that appear later are not read.
[[nodiscard]] Result<Poll> saveFound(const std::vector<FoundFile>& found, StateWriter& state);
[[nodiscard]] Result<std::vector<FoundFile>> restoreFound(StateReader& state);

class FileList {
 public:
  struct Options {
    std::vector<std::string> paths;
    IfNoFiles ifNoFiles = IfNoFiles::error;
  };
  FileList(Options options, Files& files, NodeContext& context)
      : options_(std::move(options)), files_(files), context_(context) {}
  /// done: found() is there, and stays; else as FileFinder::step.
  [[nodiscard]] Result<Flow> step(StepIo& io);
  [[nodiscard]] const std::vector<FoundFile>& found() const noexcept { return found_; }
  [[nodiscard]] Result<Poll> snapshot(StateWriter& state) const;
  [[nodiscard]] Result<Poll> restore(StateReader& state);

 private:
  Options options_;
  Files& files_;
  NodeContext& context_;
  std::optional<FileFinder> finder_;
  std::vector<FoundFile> found_;
  bool listed_ = false;
};

/// The whole of a first stage for readers whose files are independent pieces of work: finds them and emits one batch
/// per ticket, of files that together have about `kTicketBytes`.
class FileLister final : public Source {
 public:
  static constexpr std::int64_t kTicketBytes = 1 << 20;
  FileLister(FileList::Options options, NodeContext& context, Files& files)
      : context_(context), list_(std::move(options), files, context) {}
  Result<Flow> pull(StepIo& io) override;
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override;
  Result<Poll> restore(StateReader& state) override;

 private:
  NodeContext& context_;
  FileList list_;
  std::size_t next_ = 0;
};

}  // namespace weir
