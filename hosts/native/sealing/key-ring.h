// KeyRing: the data keys of one data folder, each wrapped by the master key, in its file keys.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sodium/sodium.h"
#include "hosts/native/sealing/file-keys.h"

namespace weir::native {

/// What kinds of files a folder of flows has, each with keys of its own.
enum class FileClass : std::uint8_t { journal, state, object, deadLetters, recording };
[[nodiscard]] std::string_view nameOf(FileClass of);

/// Whether a folder is encrypted is decided when its ring is made. All keys are random; the master key only wraps them.
/// One thread; one process changes it at a time (whoever holds the lock of the data folder).
class KeyRing {
 public:
  static constexpr std::string_view kFile = "keys.json";

  /// Writes the file; without a master key the data folder stays readable to whoever reads the disk. `files.exists`.
  [[nodiscard]] static Result<KeyRing> make(const std::string& dataFolder, const sodium::Key* master,
                                            std::int64_t nowMs);
  /// Nothing if the folder has none. Changes nothing. `key.missing`, `key.wrong` (they name the key that is needed),
  /// `key.not_encrypted` (a master key was given and there is nothing to open), `key.ring`.
  [[nodiscard]] static Result<std::optional<KeyRing>> open(const std::string& dataFolder, const sodium::Key* master);
  /// The text of keys.json.
  [[nodiscard]] static Result<KeyRing> parse(std::string_view text, const sodium::Key* master);

  [[nodiscard]] bool encrypted() const { return master_.has_value(); }
  [[nodiscard]] const std::string& instance() const { return instance_; }
  /// How many keys it holds, and how many of them nothing is written with any more.
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> count() const;
  /// The name of the master key; empty where nothing is encrypted.
  [[nodiscard]] std::string master() const { return master_ ? master_->name() : std::string(); }
  /// Null where nothing is encrypted.
  [[nodiscard]] const sodium::Key* database() const;
  /// What values inside the database are sealed with, so that they stay sealed on any database. The same.
  [[nodiscard]] const sodium::Key* secrets() const;
  /// Null where nothing is encrypted.
  [[nodiscard]] const sodium::Key* masterKey() const { return master_ ? &*master_ : nullptr; }
  /// That of secrets is another one from now on: nothing is sealed with the one before any more.
  Result<void> takeSecrets(const sodium::Key& key, std::int64_t nowMs);
  /// Of a class of a folder's files; made and written at first. Empty where nothing is encrypted.
  [[nodiscard]] Result<FileKeys> files(std::string_view folder, FileClass of, std::int64_t nowMs);
  /// Of a class by its chain, as files name it. `seal.key`: there is none of that name.
  [[nodiscard]] Result<FileKeys> filesOfChain(std::string_view chain) const;
  /// Those of a class of all folders.
  [[nodiscard]] std::vector<FileKeys> filesOf(FileClass of) const;
  /// Any of its keys, also old ones.
  [[nodiscard]] const sodium::Key* find(std::string_view name) const;

  /// The file's keys under another master key: at once.
  Result<void> rewrap(const sodium::Key& master);
  /// New keys for files, for what is written from now on; the old ones stay for what there is.
  Result<void> renewFiles(std::int64_t nowMs);
  /// A new key of the database is written down beside the present one, so that whichever the database has after a crash
  /// is known; then the old one goes.
  [[nodiscard]] Result<sodium::Key> beginDatabaseKey(std::int64_t nowMs);
  [[nodiscard]] const sodium::Key* nextDatabase() const;
  Result<void> endDatabaseKey(bool took);
  /// Old keys of files that nothing needs any more.
  Result<void> dropOld();
  /// A ring of a restored folder: what it says of its origin is another one's.
  void renewInstance() { instance_ = newInstance(); }

  [[nodiscard]] std::string text() const;
  Result<void> write(const std::string& dataFolder);

 private:
  struct Entry {
    std::string purpose, chain;
    std::int64_t madeMs = 0;
    bool old = false, next = false;
    sodium::Key key;
  };
  KeyRing() = default;
  [[nodiscard]] static std::string newInstance();
  const Entry* entryOf(std::string_view purpose, bool next = false) const;
  Entry& add(std::string_view purpose, std::string chain, std::int64_t nowMs);
  Result<void> save() { return folder_.empty() ? Result<void>{} : write(folder_); }

  std::string folder_, instance_;
  std::optional<sodium::Key> master_;
  std::vector<Entry> entries_;  // of one purpose the newest first
};

}  // namespace weir::native
