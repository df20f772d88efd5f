// Files in a map.
#include "hosts/browser/run-files.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::browser {
namespace {

template <class T>
Operation<T> now(Result<T> result) {
  return Operation<T>::finished(std::move(result));
}

std::unexpected<Error> notFound(std::string_view path) {
  return fail("files.not_found", "there is no file '" + std::string(path) + "' among those of the request");
}

}  // namespace

Result<std::string> RunFiles::clean(std::string_view path) {
  auto rest = path;
  if (rest.starts_with("project:"))
    rest.remove_prefix(8);
  else if (const auto colon = rest.find(':'); colon < rest.find('/')) {
    return fail("files.unknown_mount", "'" + std::string(path) + "': here is only the mount 'project'");
  }
  std::vector<std::string_view> parts;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('/'), rest.size());
    const auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
      continue;
    }
    if (parts.empty())
      return fail("files.outside_mount", "'" + std::string(path) + "' leads outside the mount 'project'");
    parts.pop_back();
  }
  std::string name;
  for (const auto part : parts) name.append(name.empty() ? "" : "/").append(part);
  return name;
}

Result<void> RunFiles::put(std::string_view path, std::string content) {
  WEIR_ASSIGN(auto name, clean(path));
  if (name.empty()) return fail("files.not_found", "a file of the request has no name");
  bytes_ += std::ssize(content);
  if (bytes_ > kMostBytes) return fail("files.disk_full", "the files of a request have 64 MiB at most");
  files_[std::move(name)] = std::make_shared<std::string>(std::move(content));
  return {};
}

bool RunFiles::isFolder(const std::string& path) const {
  if (path.empty()) return true;
  const auto inside = files_.lower_bound(path + "/");
  return inside != files_.end() && inside->first.starts_with(path + "/");
}

FileInfo RunFiles::infoOf(const std::string& path, const Content& content) const {
  FileInfo info;
  info.path = "project:" + path;
  info.folder = content == nullptr;
  info.sizeBytes = content == nullptr ? 0 : std::ssize(*content);
  return info;
}

FileId RunFiles::add(Open open) {
  open_.emplace(++last_, std::move(open));
  return last_;
}

Result<RunFiles::Content> RunFiles::opened(FileId file) const {
  const auto found = open_.find(file);
  if (found == open_.end()) return fail("files.io", "the file is not open");
  return found->second.content;
}

Result<void> RunFiles::resize(std::string& content, std::int64_t bytes) {
  const auto grown = bytes - std::ssize(content);
  if (bytes_ + grown > kMostBytes) {
    return fail("files.disk_full",
                "what a run writes here has 64 MiB at most; run the flow from a page, over a folder");
  }
  bytes_ += grown;
  content.resize(static_cast<std::size_t>(bytes));
  return {};
}

Result<FileId> RunFiles::openNow(std::string_view path, FileMode mode) {
  WEIR_ASSIGN(auto name, clean(path));
  if (isFolder(name)) return fail("files.is_folder", "'" + std::string(path) + "' is a folder");
  auto found = files_.find(name);
  if (mode == FileMode::read && found == files_.end()) return notFound(path);
  if (mode != FileMode::read) {
    const auto holds = [&name](const auto& entry) { return entry.second.writes && entry.second.path == name; };
    if (std::ranges::any_of(open_, holds)) return fail("files.busy", "'" + name + "' is being written", true);
  }
  if (mode == FileMode::create && found != files_.end()) {
    bytes_ -= std::ssize(*found->second);
    files_.erase(found);
    found = files_.end();
  }
  if (found == files_.end()) found = files_.emplace(name, std::make_shared<std::string>()).first;
  return add({name, found->second, mode != FileMode::read});
}

Operation<FileId> RunFiles::open(std::string_view path, FileMode mode, Waker) {
  return now<FileId>(openNow(path, mode));
}

Operation<FileInfo> RunFiles::stat(FileId file, Waker) {
  auto content = opened(file);
  if (!content) return now<FileInfo>(std::unexpected(std::move(content.error())));
  return now<FileInfo>(infoOf(open_.at(file).path, *content));
}

Result<FileInfo> RunFiles::statNow(std::string_view path) const {
  WEIR_ASSIGN(const auto name, clean(path));
  if (const auto found = files_.find(name); found != files_.end()) return infoOf(name, found->second);
  if (isFolder(name)) return infoOf(name, nullptr);
  return notFound(path);
}

Operation<FileInfo> RunFiles::statPath(std::string_view path, Waker) { return now<FileInfo>(statNow(path)); }

Operation<std::int64_t> RunFiles::read(FileId file, std::int64_t offset, Buffer into, std::int64_t at,
                                       std::int64_t bytes, Waker) {
  const auto content = opened(file);
  if (!content) return now<std::int64_t>(std::unexpected(content.error()));
  const auto there = std::clamp<std::int64_t>(std::ssize(**content) - offset, 0, bytes);
  if (there > 0) std::memcpy(into.mutableData() + at, (*content)->data() + offset, static_cast<std::size_t>(there));
  return now<std::int64_t>(there);
}

Operation<std::int64_t> RunFiles::write(FileId file, std::int64_t offset, Buffer bytes, Waker) {
  const auto content = opened(file);
  if (!content) return now<std::int64_t>(std::unexpected(content.error()));
  auto& text = **content;
  if (auto grown = resize(text, std::max<std::int64_t>(std::ssize(text), offset + bytes.size())); !grown) {
    return now<std::int64_t>(std::unexpected(std::move(grown.error())));
  }
  if (bytes.size() > 0) std::memcpy(text.data() + offset, bytes.data(), static_cast<std::size_t>(bytes.size()));
  return now<std::int64_t>(bytes.size());
}

Operation<Unit> RunFiles::cut(FileId file, std::int64_t bytes, Waker) {
  const auto content = opened(file);
  if (!content) return now<Unit>(std::unexpected(content.error()));
  if (auto cut = resize(**content, bytes); !cut) return now<Unit>(std::unexpected(std::move(cut.error())));
  return now<Unit>(Unit{});
}

Operation<Unit> RunFiles::sync(FileId, Waker) { return now<Unit>(Unit{}); }

Operation<Unit> RunFiles::publish(std::string_view from, std::string_view to, Waker) {
  const auto source = clean(from), target = clean(to);
  if (!source || !target) return now<Unit>(std::unexpected((source ? target : source).error()));
  const auto found = files_.find(*source);
  if (found == files_.end()) return now<Unit>(notFound(from));
  const auto content = found->second;
  files_.erase(found);
  if (const auto old = files_.find(*target); old != files_.end()) bytes_ -= std::ssize(*old->second);
  files_[*target] = content;
  return now<Unit>(Unit{});
}

Operation<Unit> RunFiles::remove(std::string_view path, Waker) {
  const auto name = clean(path);
  if (!name) return now<Unit>(std::unexpected(name.error()));
  const auto found = files_.find(*name);
  if (found == files_.end()) return now<Unit>(notFound(path));
  bytes_ -= std::ssize(*found->second);
  files_.erase(found);
  return now<Unit>(Unit{});
}

Operation<Unit> RunFiles::makeFolders(std::string_view, Waker) { return now<Unit>(Unit{}); }

Result<std::vector<FileInfo>> RunFiles::listNow(std::string_view folder) const {
  WEIR_ASSIGN(const auto name, clean(folder));
  if (files_.contains(name)) return fail("files.not_folder", "'" + std::string(folder) + "' is a file");
  if (!isFolder(name)) return notFound(folder);
  const auto prefix = name.empty() ? std::string() : name + "/";
  std::vector<FileInfo> entries;
  for (auto one = files_.lower_bound(prefix); one != files_.end() && one->first.starts_with(prefix); ++one) {
    const auto slash = one->first.find('/', prefix.size());
    const auto path = one->first.substr(0, slash);
    auto info = infoOf(path, slash == std::string::npos ? one->second : nullptr);
    if (entries.empty() || entries.back().path != info.path) entries.push_back(std::move(info));
  }
  std::ranges::sort(entries, {}, &FileInfo::path);
  return entries;
}

Operation<std::vector<FileInfo>> RunFiles::list(std::string_view folder, Waker) {
  return now<std::vector<FileInfo>>(listNow(folder));
}

Operation<FileId> RunFiles::temporary(Waker) {
  return now<FileId>(add({std::string(), std::make_shared<std::string>(), true}));
}

}  // namespace weir::browser
