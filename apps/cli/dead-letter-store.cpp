// Finds, reads and rewrites segments of dead letters.
#include "apps/cli/dead-letter-store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <set>

namespace weir::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kEnding = ".arrows", kPart = ".weir-part";

std::unexpected<Error> trouble(std::string_view what, const std::string& path) {
  return fail("files.io", "cannot " + std::string(what) + " '" + path + "': " + std::strerror(errno));
}

/// `RUN.arrows`, `RUN.2.arrows`, each perhaps with `.weir-part`; nothing for any other file.
std::optional<LetterFile> parseName(std::string name) {
  LetterFile file;
  if (name.ends_with(kPart)) {
    file.part = true;
    name.resize(name.size() - kPart.size());
  }
  if (!name.ends_with(kEnding)) return std::nullopt;
  name.resize(name.size() - kEnding.size());
  if (const auto dot = name.rfind('.'); dot != std::string::npos) {
    const auto* begin = name.data() + dot + 1;
    const auto* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(begin, end, file.segment);
    if (error != std::errc() || stop != end || file.segment < 2) return std::nullopt;
    name.resize(dot);
  }
  if (name.empty()) return std::nullopt;
  file.run = std::move(name);
  return file;
}

/// Whether another process holds it for writing.
bool heldBySomebody(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

std::string finalPath(const LetterFile& file) {
  return file.part ? file.path.substr(0, file.path.size() - kPart.size()) : file.path;
}

Result<void> syncPath(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return trouble("open", path);
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced ? Result<void>{} : trouble("make safe", path);
}

/// A new file with the changed letters of `file`; gives how many there are, and leaves no file if there are none.
Result<std::int64_t> writeChanged(const LetterFile& file, const std::string& fresh, std::int64_t& number,
                                  const LetterChange& change) {
  auto* handle = std::fopen(fresh.c_str(), "wbxe");
  if (handle == nullptr) return trouble("write", fresh);
  std::int64_t kept = 0;
  const auto write = [&]() -> Result<void> {
    WEIR_ASSIGN(auto reader, LetterFileReader::open(file));
    std::optional<native::LogSealer> sealer;
    const auto& keys = reader.keys().empty() ? file.sealAs : reader.keys();
    if (!keys.empty()) sealer.emplace(keys);
    ipc::StreamWriter writer(
        [&](std::string_view bytes) -> Result<void> {
          std::string sealed;
          if (sealer && !bytes.empty()) {
            sealer->add(bytes, sealed);
            bytes = sealed;
          }
          if (std::fwrite(bytes.data(), 1, bytes.size(), handle) == bytes.size()) return {};
          return trouble("write", fresh);
        },
        deadLetterSchema());
    for (;;) {
      WEIR_ASSIGN(const auto batch, reader.next());
      if (!batch) break;
      std::vector<DeadLetter> letters;
      for (std::int64_t row = 0; row < batch->rows(); ++row) {
        if (auto changed = change(++number, deadLetterOf(*batch, row))) letters.push_back(std::move(*changed));
      }
      if (letters.empty()) continue;
      kept += static_cast<std::int64_t>(letters.size());
      WEIR_ASSIGN(const auto out, deadLetterBatch(letters, MemoryAccount::unlimited()));
      WEIR_TRY(writer.write(out));
    }
    WEIR_TRY(writer.finish());
    if (std::fflush(handle) != 0 || ::fsync(::fileno(handle)) != 0) return trouble("make safe", fresh);
    return {};
  };
  auto written = write();
  std::fclose(handle);
  if (!written || kept == 0) std::remove(fresh.c_str());
  if (!written) return std::unexpected(std::move(written.error()));
  return kept;
}

}  // namespace

std::string lettersFolder(const std::string& folder) { return folder + "/.weir/dead-letters"; }

Result<std::vector<LetterFile>> letterFiles(const std::string& folder, const LetterKeys& keys) {
  std::vector<LetterFile> files;
  std::error_code error;
  if (!fs::exists(folder, error)) return files;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    auto file = parseName(at->path().filename().string());
    struct stat found{};
    if (!file || ::stat(at->path().c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    file->path = at->path().string();
    file->keys = keys;
    file->bytes = found.st_size;
    file->modifiedMicros = std::int64_t{found.st_mtim.tv_sec} * 1'000'000 + found.st_mtim.tv_nsec / 1000;
    file->live = file->part && heldBySomebody(file->path);
    files.push_back(std::move(*file));
  }
  if (error) return fail("files.io", "cannot look through '" + folder + "': " + error.message());
  std::ranges::sort(files, [](const LetterFile& a, const LetterFile& b) {
    return a.run != b.run ? a.run < b.run : a.segment < b.segment;
  });
  return files;
}

Result<std::vector<LetterFile>> filesOfRun(const std::string& folder, const std::string& run) {
  WEIR_ASSIGN(auto files, letterFiles(folder));
  if (files.empty()) return fail("dead_letters.unknown_run", "there are no dead letters in '" + folder + "'");
  std::set<std::string> matching, all;
  for (const auto& file : files) {
    all.insert(file.run);
    if (file.run.starts_with(run)) matching.insert(file.run);
  }
  if (run == "last") matching = {std::ranges::max_element(files, {}, &LetterFile::modifiedMicros)->run};
  if (all.contains(run)) matching = {run};
  if (matching.size() != 1) {
    std::string names;
    for (const auto& name : matching.empty() ? all : matching) names += (names.empty() ? "" : ", ") + name;
    return fail("dead_letters.unknown_run",
                (matching.empty() ? "no run with dead letters in '" + folder + "' begins with '" + run + "'"
                                  : "several runs begin with '" + run + "'") +
                    "; there are: " + names);
  }
  std::erase_if(files, [&](const LetterFile& file) { return file.run != *matching.begin(); });
  return files;
}

LetterFileReader::LetterFileReader(const LetterFile& file, std::FILE* handle)
    : file_(file), handle_(handle), reader_(std::make_unique<ipc::StreamReader>(MemoryAccount::unlimited())) {}

bool isSealedLetter(const LetterFile& file) {
  auto* handle = std::fopen(file.path.c_str(), "rbe");
  if (handle == nullptr) return false;
  std::array<char, native::kLogHeaderBytes> head{};
  const auto size = std::fread(head.data(), 1, head.size(), handle);
  std::fclose(handle);
  return native::isSealedLog({head.data(), size});
}

Result<LetterFileReader> LetterFileReader::open(const LetterFile& file) {
  auto* handle = std::fopen(file.path.c_str(), "rbe");
  if (handle == nullptr) return trouble("open", file.path);
  LetterFileReader reader(file, handle);
  std::array<char, native::kLogHeaderBytes> head{};
  const auto size = std::fread(head.data(), 1, head.size(), handle);
  std::rewind(handle);
  const std::string_view bytes(head.data(), size);
  if (!native::isSealedLog(bytes)) {
    if (!file.keys || size == 0) return reader;
    return fail("seal.key",
                "'" + file.path + "' is not sealed, though all that is kept here is: somebody put it there");
  }
  if (!file.keys) return fail("seal.key", "'" + file.path + "' is sealed; its server can read it");
  WEIR_ASSIGN(const auto chain, native::chainOfLog(bytes));
  WEIR_ASSIGN(reader.keys_, file.keys(chain));
  reader.opener_.emplace(reader.keys_);
  return reader;
}

Result<std::optional<Batch>> LetterFileReader::next() {
  const auto damaged = [this](Error error) -> Result<std::optional<Batch>> {
    ended_ = true;
    // A run that ended without a word leaves half a batch at the end.
    if (file_.part) return std::nullopt;
    error.message = "'" + file_.path + "': " + error.message;
    return std::unexpected(std::move(error));
  };
  std::array<char, 1 << 16> bytes;
  while (!ended_) {
    auto batch = reader_->next();
    if (!batch) return damaged(std::move(batch.error()));
    if (*batch) {
      if (holdsDeadLetters((*batch)->schema())) return batch;
      ended_ = true;
      return fail("dead_letters.invalid", "'" + file_.path + "' holds other rows than dead letters");
    }
    const auto read = std::fread(bytes.data(), 1, bytes.size(), handle_.get());
    if (read > 0) {
      std::string_view text(bytes.data(), read);
      std::string plain;
      if (opener_) {
        if (auto opened = opener_->feed(text, plain); !opened) {
          ended_ = true;
          opened.error().message = "'" + file_.path + "': " + opened.error().message;
          return std::unexpected(std::move(opened.error()));
        }
        text = plain;
      }
      reader_->feed(text);
      continue;
    }
    ended_ = true;
    if (std::ferror(handle_.get()) != 0) return trouble("read", file_.path);
    if (auto finished = reader_->finish(); !finished) return damaged(std::move(finished.error()));
  }
  return std::nullopt;
}

Result<void> visitLetters(const std::vector<LetterFile>& files, const LetterVisit& visit) {
  std::int64_t number = 0;
  for (const auto& file : files) {
    WEIR_ASSIGN(auto reader, LetterFileReader::open(file));
    for (;;) {
      WEIR_ASSIGN(const auto batch, reader.next());
      if (!batch) break;
      for (std::int64_t row = 0; row < batch->rows(); ++row) {
        WEIR_ASSIGN(const bool more, visit(++number, deadLetterOf(*batch, row)));
        if (!more) return {};
      }
    }
  }
  return {};
}

Result<void> rewriteLetters(const std::vector<LetterFile>& files, const LetterChange& change) {
  struct Fresh {
    const LetterFile* file;
    std::string path;
    std::int64_t letters;
  };
  std::vector<Fresh> made;
  std::int64_t number = 0;
  for (const auto& file : files) {
    auto path = finalPath(file) + ".weir-edit";
    std::remove(path.c_str());  // of a command that was killed
    auto letters = writeChanged(file, path, number, change);
    if (!letters) {
      for (const auto& fresh : made) std::remove(fresh.path.c_str());
      return std::unexpected(std::move(letters.error()));
    }
    made.push_back(Fresh{&file, std::move(path), *letters});
  }
  for (const auto& fresh : made) {
    const auto path = finalPath(*fresh.file);
    if (fresh.letters > 0 && std::rename(fresh.path.c_str(), path.c_str()) != 0) return trouble("replace", path);
    const bool gone = fresh.letters == 0 || fresh.file->part;
    if (gone && ::unlink(fresh.file->path.c_str()) != 0) return trouble("remove", fresh.file->path);
  }
  return files.empty() ? Result<void>{} : syncPath(fs::path(files.front().path).parent_path().string(), O_RDONLY);
}

Result<LettersLock> LettersLock::take(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return trouble("open", folder);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return LettersLock(descriptor);
  ::close(descriptor);
  return fail("files.busy", "another command changes the dead letters in '" + folder + "'; wait for its end");
}

LettersLock::~LettersLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace weir::cli
