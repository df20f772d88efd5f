// Notes the names of files once a call about them has succeeded; the calls of this place finish before they return.
#include "apps/cli/seal/file-witness.h"

#include <utility>

namespace weir::cli {

std::optional<std::string> sealedName(std::string_view path) {
  if (path.starts_with('/')) return std::nullopt;
  std::string mount;
  // As mounts are told apart from names of files: at least two letters, before any slash.
  const auto colon = path.find(':');
  if (colon != std::string_view::npos && colon > 1 && path.substr(0, colon).find('/') == std::string_view::npos) {
    mount = path.substr(0, colon);
    path.remove_prefix(colon + 1);
  }
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  if (parts.empty()) return std::nullopt;
  std::string name = mount.empty() || mount == "project" ? "" : mount + ":";
  for (const auto part : parts) name.append(name.empty() || name.ends_with(':') ? "" : "/").append(part);
  // A colon in the first part would be read as the end of a mount's name.
  if (mount.empty() || mount == "project") {
    if (parts.front().find(':') != std::string_view::npos) name.insert(0, "project:");
  }
  return name;
}

Operation<FileId> FileWitness::open(std::string_view path, FileMode mode, Waker waker) {
  auto operation = files_.open(path, mode, std::move(waker));
  if (!operation.ready()) return operation;
  auto opened = operation.take();
  if (opened) {
    if (mode == FileMode::read) {
      noteRead(path);
    } else {
      const auto name = sealedName(path);
      const std::scoped_lock lock(mutex_);
      if (name) {
        written_.insert_or_assign(*name, std::string(path));
      } else {
        nameless_ = path;
      }
    }
  }
  return Operation<FileId>::finished(std::move(opened));
}

Operation<Unit> FileWitness::publish(std::string_view from, std::string_view to, Waker waker) {
  auto operation = files_.publish(from, to, std::move(waker));
  if (!operation.ready()) return operation;
  auto published = operation.take();
  if (published) {
    const auto was = sealedName(from), is = sealedName(to);
    const std::scoped_lock lock(mutex_);
    if (was) written_.erase(*was);
    if (is) {
      written_.insert_or_assign(*is, std::string(to));
    } else {
      nameless_ = to;
    }
  }
  return Operation<Unit>::finished(std::move(published));
}

Operation<Unit> FileWitness::remove(std::string_view path, Waker waker) {
  auto operation = files_.remove(path, std::move(waker));
  if (!operation.ready()) return operation;
  auto removed = operation.take();
  if (const auto name = removed ? sealedName(path) : std::nullopt) {
    const std::scoped_lock lock(mutex_);
    written_.erase(*name);
  }
  return Operation<Unit>::finished(std::move(removed));
}

void FileWitness::noteRead(std::string_view path) {
  const auto name = sealedName(path);
  auto asked = files_.statPath(path, {});
  const auto info = asked.ready() ? asked.take() : Result<FileInfo>(FileInfo{});
  const std::scoped_lock lock(mutex_);
  if (!name) {
    nameless_ = path;
  } else if (!written_.contains(*name)) {
    read_.try_emplace(*name, ReadFile{std::string(path), info ? info->sizeBytes : 0, info ? info->modifiedMicros : 0});
  }
}

std::map<std::string, ReadFile> FileWitness::filesRead() const {
  const std::scoped_lock lock(mutex_);
  return read_;
}

std::map<std::string, std::string> FileWitness::filesWritten() const {
  const std::scoped_lock lock(mutex_);
  return written_;
}

std::string FileWitness::nameless() const {
  const std::scoped_lock lock(mutex_);
  return nameless_;
}

}  // namespace weir::cli
