// "WEIRBACK", the length of the head, the head as JSON; then one sealed file whose text is files and a manifest.
#include "hosts/native/backup/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/text/base64.h"
#include "hosts/native/file-errors.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::native {
namespace {

constexpr std::string_view kMagic = "WEIRBACK";
constexpr std::int64_t kFormat = 1, kMostHeadBytes = 64 << 20, kMostManifestBytes = std::int64_t{1} << 30;
constexpr std::int64_t kPieceBytes = 256 << 10, kMostNameBytes = 4096;
constexpr char kFileEntry = 1, kManifestEntry = 2;

template <class T>
void put(std::string& to, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  to.append(bytes, sizeof(T));
}

std::unexpected<Error> damaged(const std::string& what) {
  return fail("backup.damaged", "the backup cannot be used: " + what + ". Nothing was written");
}

std::string textOf(const json::Value& object, std::string_view key) {
  const auto* value = object.find(key);
  const auto* text = value == nullptr ? nullptr : value->asString();
  return text == nullptr ? std::string() : *text;
}

std::int64_t numberOf(const json::Value& object, std::string_view key) {
  const auto* value = object.find(key);
  const auto* number = value == nullptr ? nullptr : value->asInt64();
  return number == nullptr ? -1 : *number;
}

std::string headText(const BackupHead& head) {
  std::string json;
  json::Writer out(json);
  out.beginObject().key("format").value(kFormat).key("weir").value(head.weir).key("instance").value(head.instance);
  out.key("madeAt").value(head.madeMs).key("master").value(head.master).key("keys").value(head.keys).endObject();
  std::string text(kMagic);
  put(text, static_cast<std::uint32_t>(json.size()));
  return text + json;
}

Result<void> writeAll(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto wrote = ::write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return std::unexpected(fileError(errno, path, "write"));
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<std::int64_t> readAt(int file, std::int64_t offset, std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto got = ::pread(file, into.data() + done, into.size() - done,
                             static_cast<off_t>(offset + static_cast<std::int64_t>(done)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(fileError(errno, "the backup", "read"));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<std::int64_t>(done);
}

/// The text inside, taken from the front.
class Text {
 public:
  explicit Text(SealedReader& reader) : reader_(reader) {}
  Result<std::string> take(std::int64_t bytes) {
    if (bytes > reader_.size() - at_) return damaged("a part of it is missing");
    std::string text;
    WEIR_TRY(reader_.read(at_, bytes, text));
    at_ += bytes;
    return text;
  }
  template <class T>
  Result<T> number() {
    WEIR_ASSIGN(const auto bytes, take(sizeof(T)));
    T value{};
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  [[nodiscard]] bool atEnd() const { return at_ == reader_.size(); }

 private:
  SealedReader& reader_;
  std::int64_t at_ = 0;
};

Result<std::vector<BackupFile>> manifestOf(std::string_view text) {
  const auto document = json::parse(text);
  const auto* files = document ? document->root().find("files") : nullptr;
  if (files == nullptr || !files->isArray()) return damaged("its manifest is none");
  std::vector<BackupFile> list;
  for (const auto& file : *files->asArray())
    list.push_back({textOf(file, "name"), numberOf(file, "bytes"), textOf(file, "sum")});
  return list;
}

/// One file of the text, told in pieces.
Result<BackupFile> readFile(Text& text, const BackupReader::Visit& visit) {
  BackupFile file;
  WEIR_ASSIGN(const auto nameBytes, text.number<std::uint32_t>());
  if (nameBytes > kMostNameBytes) return damaged("a name in it is too long");
  WEIR_ASSIGN(file.name, text.take(nameBytes));
  if (!isInnerPath(file.name)) return damaged("a file in it would lie outside of the data folder");
  WEIR_ASSIGN(const auto bytes, text.number<std::uint64_t>());
  file.bytes = static_cast<std::int64_t>(bytes);
  if (file.bytes < 0) return damaged("a file in it has no length");
  WEIR_TRY(visit(file, {}));
  sodium::Sum sum;
  for (std::int64_t left = file.bytes; left > 0;) {
    WEIR_ASSIGN(const auto piece, text.take(std::min(left, kPieceBytes)));
    sum.add(piece);
    WEIR_TRY(visit(file, piece));
    left -= std::ssize(piece);
  }
  file.sum = encodeHex(sum.end());
  return file;
}

Result<std::vector<BackupFile>> readText(SealedReader& sealed, const BackupReader::Visit& visit) {
  Text text(sealed);
  std::vector<BackupFile> found;
  for (;;) {
    WEIR_ASSIGN(const auto kind, text.number<char>());
    if (kind == kManifestEntry) break;
    if (kind != kFileEntry) return damaged("there is something in it that is neither a file nor its manifest");
    WEIR_ASSIGN(auto file, readFile(text, visit));
    found.push_back(std::move(file));
  }
  WEIR_ASSIGN(const auto bytes, text.number<std::uint64_t>());
  if (bytes > static_cast<std::uint64_t>(kMostManifestBytes)) return damaged("its manifest is too long");
  WEIR_ASSIGN(const auto written, text.take(static_cast<std::int64_t>(bytes)));
  WEIR_ASSIGN(const auto manifest, manifestOf(written));
  const auto same = [](const BackupFile& a, const BackupFile& b) {
    return a.name == b.name && a.bytes == b.bytes && a.sum == b.sum;
  };
  if (!text.atEnd() || !std::ranges::equal(found, manifest, same))
    return damaged("its files are not those of its manifest");
  return found;
}

}  // namespace

bool isInnerPath(std::string_view name) {
  if (name.empty() || name.contains('\0')) return false;
  for (std::size_t at = 0; at <= name.size();) {
    const auto end = std::min(name.find('/', at), name.size());
    const auto part = name.substr(at, end - at);
    if (part.empty() || part == "." || part == "..") return false;
    at = end + 1;
  }
  return true;
}

Result<std::unique_ptr<BackupWriter>> BackupWriter::create(const std::string& path, const BackupHead& head,
                                                           const sodium::Key* key) {
  const auto making = path + ".making";
  ::unlink(making.c_str());
  Descriptor file(::open(making.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.isOpen()) return std::unexpected(fileError(errno, making, "make"));
  const auto text = headText(head);
  // What is in the head is part of the header of what is sealed: neither can be exchanged alone.
  SealedWriter seal({.run = encodeHex(sodium::sumOf(text))}, key);
  auto writer = std::make_unique<BackupWriter>(Private{}, path, std::move(seal), std::move(file));
  WEIR_TRY(writeAll(writer->file_.get(), text, making));
  return writer;
}

BackupWriter::~BackupWriter() {
  if (!ended_) ::unlink((path_ + ".making").c_str());
}

Result<void> BackupWriter::put(std::string_view text) {
  WEIR_TRY(seal_.add(text, out_));
  return std::ssize(out_) < kPieceBytes ? Result<void>{} : flush();
}

Result<void> BackupWriter::flush() {
  WEIR_TRY(writeAll(file_.get(), out_, path_));
  out_.clear();
  return {};
}

Result<void> BackupWriter::beginFile(const std::string& name, std::int64_t bytes) {
  std::string head(1, kFileEntry);
  weir::native::put(head, static_cast<std::uint32_t>(name.size()));
  head += name;
  weir::native::put(head, static_cast<std::uint64_t>(bytes));
  return put(head);
}

Result<void> BackupWriter::add(const std::string& name, std::string_view bytes) {
  WEIR_TRY(beginFile(name, std::ssize(bytes)));
  WEIR_TRY(put(bytes));
  written_ += std::ssize(bytes);
  files_.push_back({name, std::ssize(bytes), encodeHex(sodium::sumOf(bytes))});
  return {};
}

Result<void> BackupWriter::add(const std::string& name, int file) {
  struct stat info{};
  if (::fstat(file, &info) != 0) return std::unexpected(fileError(errno, name, "look at"));
  WEIR_TRY(beginFile(name, info.st_size));
  sodium::Sum sum;
  std::string piece;
  for (std::int64_t at = 0; at < info.st_size;) {
    piece.assign(static_cast<std::size_t>(std::min<std::int64_t>(kPieceBytes, info.st_size - at)), '\0');
    WEIR_TRY(readAt(file, at, piece));
    sum.add(piece);
    WEIR_TRY(put(piece));
    at += std::ssize(piece);
  }
  written_ += info.st_size;
  files_.push_back({name, info.st_size, encodeHex(sum.end())});
  return {};
}

Result<void> BackupWriter::end() {
  std::string manifest;
  json::Writer out(manifest);
  out.beginObject().key("files").beginArray();
  for (const auto& file : files_) {
    out.beginObject().key("name").value(file.name).key("bytes").value(file.bytes);
    out.key("sum").value(file.sum).endObject();
  }
  out.endArray().endObject();
  std::string head(1, kManifestEntry);
  weir::native::put(head, static_cast<std::uint64_t>(manifest.size()));
  WEIR_TRY(put(head));
  WEIR_TRY(put(manifest));
  WEIR_TRY(seal_.end(out_));
  WEIR_TRY(flush());
  const auto making = path_ + ".making";
  if (::fsync(file_.get()) != 0)
    return fail("files.sync_failed", "the backup '" + path_ + "' could not be brought to the disk; check the disk");
  if (::rename(making.c_str(), path_.c_str()) != 0) return std::unexpected(fileError(errno, path_, "rename"));
  ended_ = true;
  return syncFolder(folderOf(path_));
}

Result<std::unique_ptr<BackupReader>> BackupReader::open(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.isOpen()) return std::unexpected(fileError(errno, path, "open"));
  auto reader = std::make_unique<BackupReader>(Private{}, std::move(file));
  struct stat info{};
  if (::fstat(reader->file_.get(), &info) != 0) return std::unexpected(fileError(errno, path, "look at"));
  reader->fileBytes_ = info.st_size;
  std::string front(kMagic.size() + 4, '\0');
  WEIR_ASSIGN(const auto got, readAt(reader->file_.get(), 0, front));
  if (got != std::ssize(front) || !front.starts_with(kMagic)) return damaged("'" + path + "' is no backup of Weir");
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, front.data() + kMagic.size(), sizeof bytes);
  reader->sealedAt_ = std::ssize(front) + bytes;
  if (bytes > kMostHeadBytes || reader->sealedAt_ > reader->fileBytes_) return damaged("it is cut in its head");
  std::string text(bytes, '\0');
  WEIR_TRY(readAt(reader->file_.get(), std::ssize(front), text));
  const auto document = json::parse(text);
  if (!document || !document->root().isObject()) return damaged("its head is damaged");
  const auto& root = document->root();
  if (numberOf(root, "format") > kFormat)
    return fail("backup.newer_version", "the backup was made by Weir " + textOf(root, "weir") + "; restore with that");
  reader->headSum_ = encodeHex(sodium::sumOf(front + text));
  reader->head_ = {textOf(root, "weir"), textOf(root, "instance"), numberOf(root, "madeAt"), textOf(root, "master"),
                   textOf(root, "keys")};
  return reader;
}

Result<std::vector<BackupFile>> BackupReader::read(const KeyFinder& keys, const Visit& visit) {
  const auto shifted = [this](std::int64_t offset, std::span<char> into) {
    return readAt(file_.get(), sealedAt_ + offset, into);
  };
  SealedReading how;
  how.keys = keys;
  how.mustBeSealed = !head_.master.empty();
  auto sealed = SealedReader::open(shifted, fileBytes_ - sealedAt_, how);
  if (sealed && sealed->header().run != headSum_) return damaged("its head is not the one it was made with");
  if (!sealed) return damaged(sealed.error().message);
  auto found = readText(*sealed, visit);
  if (!found && found.error().code == "seal.corrupt") return damaged(found.error().message);
  return found;
}

}  // namespace weir::native
