// Pins files by links, copies databases, pins again; then writes what was pinned.
#include "hosts/native/backup/data-backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "adapters/sqlite/database.h"
#include "engine/journal/format.h"
#include "engine/text/base64.h"
#include "hosts/native/file-errors.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::native {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDatabase = "weir.db", kPurpose = "weir backup";
/// Of what a server keeps elsewhere.
constexpr std::string_view kRecords = "database/";
constexpr int kMostTries = 50;

/// Gone in the end, whatever happens.
struct Staging {
  std::string path;
  explicit Staging(std::string folder) : path(std::move(folder)) {}
  ~Staging() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
};

/// A database of a run (its state), or of the whole.
bool isDatabase(std::string_view name) {
  const auto file = name.substr(name.rfind('/') + 1);
  return file.ends_with(".db") || file == "state";
}

/// Of a database: the file itself, its log, its index.
bool isDatabasePart(std::string_view name) {
  for (const std::string_view ending : {"-wal", "-shm", "-journal"}) {
    if (name.ends_with(ending)) return isDatabase(name.substr(0, name.size() - ending.size()));
  }
  return isDatabase(name);
}

/// Not part of what is kept: locks, what is being made, what is copied in a way of its own.
bool isLeftOut(const std::string& name) {
  const auto file = name.substr(name.rfind('/') + 1);
  return name == "tmp" || name.starts_with("tmp/") || name == "reserve" || name == "setup-link" || file == "lock" ||
         name.starts_with(kBeforeUpgrade) || file.ends_with(".lock") || file.ends_with(".making") ||
         name == KeyRing::kFile || isDatabasePart(file);
}

std::vector<std::string> namesBelow(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto name = fs::path(at->path()).lexically_relative(folder).string();
    if (name == "tmp") {
      at.disable_recursion_pending();
      continue;
    }
    struct stat info{};
    if (::lstat(at->path().c_str(), &info) == 0 && S_ISREG(info.st_mode)) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Result<void> makeFolderOf(const std::string& path) {
  std::error_code error;
  fs::create_directories(folderOf(path), error);
  if (error) return std::unexpected(fileError(error.value(), folderOf(path), "make the folder"));
  return {};
}

bool sameFile(const std::string& a, const std::string& b) {
  struct stat first{}, second{};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_ino == second.st_ino &&
         first.st_dev == second.st_dev;
}

/// Links all files that are there now; one that was replaced since takes the place of the one that was linked before.
Result<void> pin(const std::string& from, const std::string& to) {
  for (const auto& name : namesBelow(from)) {
    if (isLeftOut(name)) continue;
    const auto source = from + "/" + name, target = to + "/" + name;
    if (sameFile(source, target)) continue;
    WEIR_TRY(makeFolderOf(target));
    ::unlink(target.c_str());
    if (::link(source.c_str(), target.c_str()) != 0 && errno != ENOENT)
      return std::unexpected(fileError(errno, source, "keep"));
  }
  return {};
}

/// What tells two states of a database file apart: its length and time, and the front and length of its log.
Result<std::string> stampOf(const std::string& path) {
  std::string stamp;
  for (const auto* ending : {"", "-wal"}) {
    const auto file = path + ending;
    struct stat info{};
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened.isOpen()) {
      if (errno != ENOENT) return std::unexpected(fileError(errno, file, "open"));
      stamp += "none;";
      continue;
    }
    if (::fstat(opened.get(), &info) != 0) return std::unexpected(fileError(errno, file, "look at"));
    std::string head(32, '\0');
    const auto got = ::pread(opened.get(), head.data(), head.size(), 0);
    head.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    stamp += head + "|" + std::to_string(info.st_size) + "|" + std::to_string(info.st_ino) + "|" +
             std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + ";";
  }
  return stamp;
}

Result<void> copyBytes(const std::string& from, const std::string& to) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source.isOpen()) {
    ::unlink(to.c_str());
    if (errno == ENOENT) return {};
    return std::unexpected(fileError(errno, from, "open"));
  }
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!target.isOpen()) return std::unexpected(fileError(errno, to, "make"));
  std::string piece(256 << 10, '\0');
  for (;;) {
    const auto got = ::read(source.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(fileError(errno, from, "read"));
    if (got == 0) return {};
    std::string_view left(piece.data(), static_cast<std::size_t>(got));
    while (!left.empty()) {
      const auto put = ::write(target.get(), left.data(), left.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return std::unexpected(fileError(errno, to, "write"));
      left.remove_prefix(static_cast<std::size_t>(put));
    }
  }
}

/// The databases of runs, whose owners let nobody else in: the file, then its log, as long as neither changes.
Result<std::string> copyStates(const std::string& from, const std::string& to) {
  std::string stamps;
  for (const auto& name : namesBelow(from)) {
    if (name == kDatabase || name.starts_with(kBeforeUpgrade) || !isDatabase(name)) continue;
    const auto source = from + "/" + name, target = to + "/" + name;
    WEIR_TRY(makeFolderOf(target));
    WEIR_TRY(copyBytes(source, target));
    WEIR_TRY(copyBytes(source + "-wal", target + "-wal"));
    WEIR_ASSIGN(const auto stamp, stampOf(source));
    stamps += name + ":" + stamp;
  }
  return stamps;
}

Result<std::string> stampStates(const std::string& from) {
  std::string stamps;
  for (const auto& name : namesBelow(from)) {
    if (name == kDatabase || name.starts_with(kBeforeUpgrade) || !isDatabase(name)) continue;
    WEIR_ASSIGN(const auto stamp, stampOf(from + "/" + name));
    stamps += name + ":" + stamp;
  }
  return stamps;
}

Result<void> copyDatabase(const std::string& from, const std::string& to, const KeyRing& ring) {
  if (!fileThere(from)) return {};
  sqlite::OpenOptions opening;
  opening.access = sqlite::Access::write;
  if (const auto* key = ring.database()) opening.key = *key;
  auto database = sqlite::Database::open(from, opening);
  if (!database && database.error().code == "sql.key" && ring.nextDatabase() != nullptr) {
    opening.key = *ring.nextDatabase();
    database = sqlite::Database::open(from, opening);
  }
  if (!database) return std::unexpected(std::move(database.error()));
  return database->copyTo(to, opening);
}

/// Where the zeros begin that a file which grows inside the room it was given ends with.
Result<std::int64_t> writtenOf(const Descriptor& file, const std::string& path, std::int64_t size) {
  std::int64_t written = 0;
  std::string piece(256 << 10, '\0');
  for (std::int64_t at = 0; at < size;) {
    const auto got = ::pread(file.get(), piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(fileError(errno, path, "read"));
    if (got == 0) break;
    const auto last = std::string_view(piece.data(), static_cast<std::size_t>(got)).find_last_not_of('\0');
    if (last != std::string_view::npos) written = at + static_cast<std::int64_t>(last) + 1;
    at += got;
  }
  return written;
}

/// A file that may be written at its end meanwhile, as it was at one moment. What one pass finds written is whole when
/// a second one copies it; a single pass may miss a page and meet one that was written after it.
Result<void> copyGrowing(const std::string& from, const std::string& to) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!source.isOpen()) return std::unexpected(fileError(errno, from, "open"));
  struct stat info{};
  if (::fstat(source.get(), &info) != 0) return std::unexpected(fileError(errno, from, "look at"));
  WEIR_ASSIGN(const auto written, writtenOf(source, from, info.st_size));
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!target.isOpen()) return std::unexpected(fileError(errno, to, "make"));
  std::string piece(256 << 10, '\0');
  for (std::int64_t at = 0; at < written;) {
    const auto wanted = std::min(std::ssize(piece), written - at);
    const auto got = ::pread(source.get(), piece.data(), static_cast<std::size_t>(wanted), at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::unexpected(fileError(got < 0 ? errno : EIO, from, "read"));
    const auto put = ::pwrite(target.get(), piece.data(), static_cast<std::size_t>(got), at);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return std::unexpected(fileError(errno, to, "write"));
    at += put;
  }
  // Zeros may belong to what was written last.
  if (::ftruncate(target.get(), info.st_size) != 0) return std::unexpected(fileError(errno, to, "write"));
  return {};
}

/// Journals write into the last segments of their folder, one of which may be made beforehand: copies instead of links.
Result<void> copySegments(const std::string& staging) {
  constexpr std::size_t kNewest = 3;
  std::map<std::string, std::vector<std::string>> segments;  // by folder, oldest first
  for (const auto& name : namesBelow(staging)) {
    const auto path = staging + "/" + name;
    if (journal::segmentOfName(name.substr(name.rfind('/') + 1)) > 0) segments[folderOf(path)].push_back(path);
  }
  for (const auto& [folder, paths] : segments) {
    // The newest first: what an older one holds is whole by then.
    for (std::size_t i = 0; i < std::min(kNewest, paths.size()); ++i) {
      const auto& path = paths[paths.size() - 1 - i];
      const auto copy = path + ".copy";
      WEIR_TRY(copyGrowing(path, copy));
      if (::rename(copy.c_str(), path.c_str()) != 0) return std::unexpected(fileError(errno, path, "make"));
    }
  }
  return {};
}

/// All that is to be kept lies in the staging folder.
Result<void> stage(const BackupOptions& options, const KeyRing& ring, const std::string& staging) {
  const auto& data = options.dataFolder;
  WEIR_TRY(pin(data, staging));
  if (options.records.begin) {
    WEIR_TRY(options.records.begin());
  } else {
    WEIR_TRY(copyDatabase(data + "/" + std::string(kDatabase), staging + "/" + std::string(kDatabase), ring));
  }
  for (int tries = 0; tries < kMostTries; ++tries) {
    WEIR_ASSIGN(const auto before, stampStates(data));
    WEIR_ASSIGN(const auto copied, copyStates(data, staging));
    if (options.between) options.between();
    // A checkpoint that came meanwhile may have freed segments that the copied one needs.
    WEIR_TRY(pin(data, staging));
    WEIR_ASSIGN(const auto after, stampStates(data));
    if (before == copied && copied == after) return copySegments(staging);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return fail("backup.busy", "the runs of '" + data + "' make checkpoints without a pause; try again", true);
}

const sodium::Key* backupKey(const KeyRing& ring, sodium::Key& into) {
  if (ring.secrets() == nullptr) return nullptr;
  into = ring.secrets()->derive(kPurpose);
  return &into;
}

Result<BackupHead> headOf(const BackupOptions& options, const KeyRing& ring) {
  BackupHead head;
  head.weir = options.weir;
  head.instance = ring.instance();
  head.madeMs = options.nowMs;
  head.master = ring.master();
  // As it is now: it has the keys of all that was pinned.
  WEIR_ASSIGN(head.keys, readPrivateFile(options.dataFolder + "/" + std::string(KeyRing::kFile), 64 << 20));
  return head;
}

Result<void> addRecords(const BackupOptions& options, BackupWriter& writer) {
  if (!options.records.write) return {};
  return options.records.write([&writer](const std::string& name, std::string_view bytes) {
    return writer.add(std::string(kRecords) + name, bytes);
  });
}

Result<bool> isEmptyFolder(const std::string& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return true;
  if (status.type() != fs::file_type::directory) return false;
  const bool empty = fs::is_empty(path, error);
  if (error) return std::unexpected(fileError(error.value(), path, "look at"));
  return empty;
}

/// Looks at the first part of the records that lay elsewhere, and at whether there are any.
class RecordsCheck {
 public:
  void take(const BackupFile& file, std::string_view piece) {
    if (!file.name.starts_with(kRecords)) return;
    if (first_.empty()) first_ = file.name;
    if (file.name == first_) text_ += piece;
  }
  [[nodiscard]] Result<void> end(const RestoreOptions::Records& to) const {
    if (first_.empty() && to.take) {
      return fail("settings.invalid",
                  "the backup holds its database itself, as a file of the data folder; leave --database-url out (and "
                  "WEIR_DATABASE_URL, DATABASE_URL). Nothing was written");
    }
    if (!first_.empty() && !to.take) {
      return fail("settings.invalid",
                  "the backup is of a server with PostgreSQL; name an empty database with --database-url (or "
                  "WEIR_DATABASE_URL). Nothing was written");
    }
    return first_.empty() ? Result<void>{} : to.check(text_);
  }

 private:
  std::string first_, text_;
};

/// Writes the files of a backup below a folder, as they are told, and hands on what lay elsewhere.
class Unpacking {
 public:
  Unpacking(std::string folder, const RestoreOptions::Records& records)
      : folder_(std::move(folder)), records_(records) {}
  Result<void> take(const BackupFile& file, std::string_view piece) {
    if (piece.empty()) {
      WEIR_TRY(close());
      if (file.name.starts_with(kRecords)) {
        part_ = file.name.substr(kRecords.size());
        return {};
      }
      path_ = folder_ + "/" + file.name;
      WEIR_TRY(makeFolderOf(path_));
      open_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
      if (!open_.isOpen()) return std::unexpected(fileError(errno, path_, "make"));
      return {};
    }
    if (!part_.empty()) {
      bytes_ += piece;
      return {};
    }
    while (!piece.empty()) {
      const auto put = ::write(open_.get(), piece.data(), piece.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return std::unexpected(fileError(errno, path_, "write"));
      piece.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
  }
  Result<void> close() {
    if (!part_.empty()) {
      const auto part = std::exchange(part_, {});
      return records_.take(part, std::exchange(bytes_, {}));
    }
    if (open_.isOpen() && ::fsync(open_.get()) != 0)
      return fail("files.sync_failed", "'" + path_ + "' could not be brought to the disk; check the disk");
    open_ = Descriptor();
    return {};
  }

 private:
  std::string folder_, path_;
  const RestoreOptions::Records& records_;
  std::string part_, bytes_;  // of the records elsewhere that is being read
  Descriptor open_;
};

}  // namespace

Result<BackupHead> backupHeadOf(const std::string& path) {
  WEIR_ASSIGN(const auto reader, BackupReader::open(path));
  return reader->head();
}

Result<BackupReport> backUp(const BackupOptions& options, const KeyRing& ring) {
  if (!options.records.begin && !fileThere(options.dataFolder + "/" + std::string(kDatabase)))
    return fail("backup.no_data", "'" + options.dataFolder + "' has no weir.db: it is no data folder of a server");
  WEIR_TRY(makePrivateFolder(options.dataFolder + "/tmp"));
  const Staging staging(options.dataFolder + "/tmp/backup-" + encodeHex(sodium::randomBytes(6)));
  WEIR_TRY(makePrivateFolder(staging.path));
  WEIR_TRY(stage(options, ring, staging.path));
  if (options.staged) options.staged();
  WEIR_ASSIGN(const auto head, headOf(options, ring));
  sodium::Key key;
  WEIR_ASSIGN(const auto writer, BackupWriter::create(options.path, head, backupKey(ring, key)));
  WEIR_TRY(addRecords(options, *writer));
  for (const auto& name : namesBelow(staging.path)) {
    const Descriptor file(::open((staging.path + "/" + name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.isOpen()) return std::unexpected(fileError(errno, name, "open"));
    WEIR_TRY(writer->add(name, file.get()));
  }
  WEIR_TRY(writer->end());
  return BackupReport{writer->files(), writer->bytes(), head.instance, head.master, head.madeMs};
}

Result<BackupReport> backUpRecords(const BackupOptions& options, const KeyRing& ring) {
  WEIR_TRY(options.records.begin());
  WEIR_ASSIGN(const auto head, headOf(options, ring));
  sodium::Key key;
  WEIR_ASSIGN(const auto writer, BackupWriter::create(options.path, head, backupKey(ring, key)));
  WEIR_TRY(addRecords(options, *writer));
  WEIR_TRY(writer->end());
  return BackupReport{writer->files(), writer->bytes(), head.instance, head.master, head.madeMs};
}

Result<BackupReport> restore(
    const RestoreOptions& options, const sodium::Key* master,
    const std::function<Result<void>(const std::string& folder, const KeyRing& ring)>& settle) {
  WEIR_ASSIGN(const bool empty, isEmptyFolder(options.dataFolder));
  if (!empty) {
    return fail("backup.not_empty", "'" + options.dataFolder +
                                        "' is not an empty folder; a backup is restored into one that is empty or not "
                                        "there. Nothing was changed");
  }
  WEIR_ASSIGN(const auto reader, BackupReader::open(options.path));
  const auto& head = reader->head();
  WEIR_ASSIGN(auto ring, KeyRing::parse(head.keys, head.master.empty() ? nullptr : master));
  sodium::Key key;
  backupKey(ring, key);
  const auto keys = [&key](std::string_view id) { return key.name() == id ? &key : nullptr; };
  RecordsCheck check;
  const auto looking = [&check](const BackupFile& file, std::string_view piece) -> Result<void> {
    check.take(file, piece);
    return {};
  };
  WEIR_ASSIGN(const auto files, reader->read(keys, looking));
  WEIR_TRY(check.end(options.records));
  const Staging making(options.dataFolder + ".restoring-" + encodeHex(sodium::randomBytes(6)));
  WEIR_TRY(makePrivateFolder(making.path));
  Unpacking unpacking(making.path, options.records);
  const auto taking = [&](const BackupFile& file, std::string_view piece) { return unpacking.take(file, piece); };
  WEIR_TRY(reader->read(keys, taking));
  WEIR_TRY(unpacking.close());
  ring.renewInstance();
  WEIR_TRY(ring.write(making.path));
  if (settle) WEIR_TRY(settle(making.path, ring));
  for (const auto& name : namesBelow(making.path)) WEIR_TRY(syncFolder(folderOf(making.path + "/" + name)));
  if (options.records.commit) WEIR_TRY(options.records.commit());
  if (::rename(making.path.c_str(), options.dataFolder.c_str()) != 0) {
    auto error = fileError(errno, options.dataFolder, "make");
    if (options.records.commit) error.message += "; the database is filled by now: make another one for the next try";
    return std::unexpected(std::move(error));
  }
  WEIR_TRY(syncFolder(folderOf(options.dataFolder)));
  BackupReport report{std::ssize(files), 0, head.instance, head.master, head.madeMs};
  for (const auto& file : files) report.bytes += file.bytes;
  return report;
}

}  // namespace weir::native
