// Files as calls: path and number in, numbers and bytes out.
#include "hosts/browser/browser-files.h"

#include <utility>

namespace weir::browser {
namespace {

std::uint32_t wordOf(FileId file) { return static_cast<std::uint32_t>(file); }

FileInfo readInfo(WireReader& reader) {
  FileInfo info;
  info.path = reader.text();
  info.folder = reader.flag();
  info.sizeBytes = reader.number();
  info.modifiedMicros = reader.number();
  info.inode = static_cast<std::uint64_t>(reader.number());
  info.device = info.inode == 0 ? 0 : 1;
  return info;
}

Result<FileInfo> infoOf(WireReader& reader) { return readInfo(reader); }
Result<FileId> fileOf(WireReader& reader) { return static_cast<FileId>(reader.word()); }

std::uint32_t addressOf(const std::byte* bytes) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(bytes));
}

}  // namespace

Operation<FileId> BrowserFiles::open(std::string_view path, FileMode mode, Waker waker) {
  WireWriter arguments;
  arguments.text(path).word(static_cast<std::uint32_t>(mode));
  return calls_.begin<FileId>(CallKind::fileOpen, arguments, std::move(waker), fileOf);
}

void BrowserFiles::close(FileId file) { Calls::tell(CallKind::fileClose, WireWriter().word(wordOf(file))); }

Operation<FileInfo> BrowserFiles::stat(FileId file, Waker waker) {
  return calls_.begin<FileInfo>(CallKind::fileStat, WireWriter().word(wordOf(file)), std::move(waker), infoOf);
}

Operation<FileInfo> BrowserFiles::statPath(std::string_view path, Waker waker) {
  return calls_.begin<FileInfo>(CallKind::filePathStat, WireWriter().text(path), std::move(waker), infoOf);
}

Operation<std::int64_t> BrowserFiles::read(FileId file, std::int64_t offset, Buffer into, std::int64_t at,
                                           std::int64_t bytes, Waker waker) {
  WireWriter arguments;
  arguments.word(wordOf(file)).number(offset).word(addressOf(into.data() + at)).number(bytes);
  // The buffer stays until JavaScript has written into it, also if nobody waits any more.
  return calls_.begin<std::int64_t>(
      CallKind::fileRead, arguments, std::move(waker),
      [kept = std::move(into)](WireReader& reader) -> Result<std::int64_t> { return reader.number(); });
}

Operation<std::int64_t> BrowserFiles::write(FileId file, std::int64_t offset, Buffer bytes, Waker waker) {
  WireWriter arguments;
  arguments.word(wordOf(file)).number(offset).word(addressOf(bytes.data())).number(bytes.size());
  return calls_.begin<std::int64_t>(
      CallKind::fileWrite, arguments, std::move(waker),
      [kept = std::move(bytes)](WireReader& reader) -> Result<std::int64_t> { return reader.number(); });
}

Operation<Unit> BrowserFiles::cut(FileId file, std::int64_t bytes, Waker waker) {
  return calls_.begin(CallKind::fileCut, WireWriter().word(wordOf(file)).number(bytes), std::move(waker));
}

Operation<Unit> BrowserFiles::sync(FileId file, Waker waker) {
  return calls_.begin(CallKind::fileSync, WireWriter().word(wordOf(file)), std::move(waker));
}

Operation<Unit> BrowserFiles::publish(std::string_view from, std::string_view to, Waker waker) {
  return calls_.begin(CallKind::filePublish, WireWriter().text(from).text(to), std::move(waker));
}

Operation<Unit> BrowserFiles::remove(std::string_view path, Waker waker) {
  return calls_.begin(CallKind::fileRemove, WireWriter().text(path), std::move(waker));
}

Operation<Unit> BrowserFiles::makeFolders(std::string_view path, Waker waker) {
  return calls_.begin(CallKind::fileMakeFolders, WireWriter().text(path), std::move(waker));
}

Operation<std::vector<FileInfo>> BrowserFiles::list(std::string_view folder, Waker waker) {
  return calls_.begin<std::vector<FileInfo>>(CallKind::fileList, WireWriter().text(folder), std::move(waker),
                                             [](WireReader& reader) -> Result<std::vector<FileInfo>> {
                                               std::vector<FileInfo> entries;
                                               while (reader.more()) entries.push_back(readInfo(reader));
                                               return entries;
                                             });
}

Operation<FileId> BrowserFiles::temporary(Waker waker) {
  return calls_.begin<FileId>(CallKind::fileTemporary, WireWriter(), std::move(waker), fileOf);
}

}  // namespace weir::browser
