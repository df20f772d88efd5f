// The files of dead letters beside a flow, as the commands read and change them.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/arrow-ipc.h"
#include "engine/runtime/dead-letter.h"
#include "hosts/native/sealing/sealed-log.h"

namespace weir::cli {

/// The keys of sealed segments, by the name of the class of files that stands in them. `seal.key`.
using LetterKeys = std::function<Result<native::FileKeys>(const std::string& chain)>;

/// One segment.
struct LetterFile {
  std::string path, run;
  int segment = 1;
  std::int64_t bytes = 0, modifiedMicros = 0;
  bool part = false;  // its name is not final: a run writes it, or ended without a word
  bool live = false;  // a run writes it
  /// Not set: it is not sealed, as under `weir run`. Set: one that is not sealed is refused, as somebody may have put
  /// it there.
  LetterKeys keys{};
  /// Of one that is not sealed: it is when it is rewritten.
  native::FileKeys sealAs{};
};

[[nodiscard]] bool isSealedLetter(const LetterFile& file);

/// Where those of flows in `folder` are.
[[nodiscard]] std::string lettersFolder(const std::string& folder);
/// By run, then segment; none if there is no folder. Error `files.io`.
[[nodiscard]] Result<std::vector<LetterFile>> letterFiles(const std::string& folder, const LetterKeys& keys = {});
/// Those of one run, whose id begins with `run`; `last` is the run that wrote last. Errors `dead_letters.unknown_run`
/// (it names those there are, and is one too if several begin so).
[[nodiscard]] Result<std::vector<LetterFile>> filesOfRun(const std::string& folder, const std::string& run);

/// A segment, batch by batch. What a run left half written is read as far as its batches are whole.
class LetterFileReader {
 public:
  [[nodiscard]] static Result<LetterFileReader> open(const LetterFile& file);
  /// Nothing after the last one.
  [[nodiscard]] Result<std::optional<Batch>> next();
  /// Of a sealed one.
  [[nodiscard]] const native::FileKeys& keys() const { return keys_; }

 private:
  struct Closing {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  LetterFileReader(const LetterFile& file, std::FILE* handle);
  LetterFile file_;
  std::unique_ptr<std::FILE, Closing> handle_;
  std::unique_ptr<ipc::StreamReader> reader_;
  native::FileKeys keys_;
  std::optional<native::LogOpener> opener_;
  bool ended_ = false;
};

/// Told a letter and its number among those of its run, from 1.
using LetterVisit = std::function<Result<bool>(std::int64_t number, const DeadLetter& letter)>;
/// All letters of these files, until `visit` answers false.
Result<void> visitLetters(const std::vector<LetterFile>& files, const LetterVisit& visit);

/// What stands in a letter's place; nothing: it goes.
using LetterChange = std::function<std::optional<DeadLetter>(std::int64_t number, const DeadLetter& letter)>;
/// Writes the files anew, each replaced at once when all are safe on disk; one without letters is removed. What a run
/// left half written gets its final name.
Result<void> rewriteLetters(const std::vector<LetterFile>& files, const LetterChange& change);

/// Held while a command changes the letters of a folder. Error `files.busy`.
class LettersLock {
 public:
  [[nodiscard]] static Result<LettersLock> take(const std::string& folder);
  LettersLock(LettersLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  LettersLock& operator=(LettersLock&&) = delete;
  ~LettersLock();

 private:
  explicit LettersLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace weir::cli
