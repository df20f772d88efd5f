// Files in memory.
#include "hosts/simulation/simulated-files.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::simulation {
namespace {

std::string clean(std::string_view path) {
  std::string out(path);
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  if (out.starts_with("./")) out.erase(0, 2);
  return out == "." ? std::string() : out;
}

}  // namespace

template <class T>
Operation<T> SimulatedFiles::answer(Waker waker, std::function<Result<T>()> work) {
  if (!later_) return Operation<T>::finished(work());
  Completion<T> completion(std::move(waker));
  auto operation = completion.operation();
  calls_.push_back([completion, work = std::move(work)]() mutable { completion.complete(work()); });
  return operation;
}

void SimulatedFiles::finish(std::size_t index) {
  auto call = std::move(calls_[index]);
  calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(index));
  call();
}

Result<void> SimulatedFiles::check(const std::string& path) {
  const auto found = failures_.find(path);
  if (found == failures_.end()) return {};
  auto error = std::move(found->second);
  failures_.erase(found);
  return std::unexpected(std::move(error));
}

bool SimulatedFiles::isFolder(const std::string& path) const {
  if (path.empty() || folders_.contains(path)) return true;
  const auto below = contents_.lower_bound(path + "/");
  return below != contents_.end() && below->first.starts_with(path + "/");
}

FileInfo SimulatedFiles::infoOf(const std::string& path) const {
  FileInfo info;
  info.path = path;
  const auto found = contents_.find(path);
  info.folder = found == contents_.end();
  if (!info.folder && !unsized_.contains(path)) info.sizeBytes = static_cast<std::int64_t>(found->second->size());
  return info;
}

Operation<FileId> SimulatedFiles::open(std::string_view named, FileMode mode, Waker waker) {
  return answer<FileId>(std::move(waker), [this, path = clean(named), mode]() -> Result<FileId> {
    WEIR_TRY(check(path));
    const auto found = contents_.find(path);
    if (found == contents_.end() && isFolder(path)) return fail("files.is_folder", "'" + path + "' is a folder");
    if (mode == FileMode::read && found == contents_.end())
      return fail("files.not_found", "'" + path + "' does not exist");
    if (mode != FileMode::read) {
      for (const auto& [id, file] : open_) {
        if (file.writing && file.path == path)
          return fail("files.busy", "'" + path + "' is being written by another node or run", true);
      }
    }
    auto& content = contents_[path];
    if (!content || mode == FileMode::create) content = std::make_shared<std::string>();
    if (const auto cut = cuts_.find(path); cut != cuts_.end()) {
      content->resize(std::min(content->size(), cut->second));
      cuts_.erase(cut);
    }
    open_[next_] = Open{path, content, mode != FileMode::read, false};
    return next_++;
  });
}

Operation<FileInfo> SimulatedFiles::stat(FileId file, Waker waker) {
  return answer<FileInfo>(std::move(waker), [this, file]() -> Result<FileInfo> {
    // Its run may be over.
    if (!open_.contains(file)) return fail("files.io", "the file is not open");
    FileInfo info;
    info.path = open_.at(file).path;
    info.sizeBytes = static_cast<std::int64_t>(open_.at(file).content->size());
    return info;
  });
}

Operation<FileInfo> SimulatedFiles::statPath(std::string_view named, Waker waker) {
  return answer<FileInfo>(std::move(waker), [this, path = clean(named)]() -> Result<FileInfo> {
    WEIR_TRY(check(path));
    if (!contents_.contains(path) && !isFolder(path)) return fail("files.not_found", "'" + path + "' does not exist");
    return infoOf(path);
  });
}

Operation<std::int64_t> SimulatedFiles::read(FileId file, std::int64_t offset, Buffer into, std::int64_t at,
                                             std::int64_t bytes, Waker waker) {
  auto work = [this, file, offset, into = std::move(into), at, bytes]() mutable -> Result<std::int64_t> {
    const auto found = open_.find(file);
    if (found == open_.end()) return fail("files.io", "the file is not open");
    WEIR_TRY(check(found->second.path));
    const auto& content = *found->second.content;
    const auto size = static_cast<std::int64_t>(content.size());
    const auto count = std::max<std::int64_t>(0, std::min(bytes, size - offset));
    if (count > 0) std::memcpy(into.mutableData() + at, content.data() + offset, static_cast<std::size_t>(count));
    return count;
  };
  if (open_.contains(file) && open_.at(file).temporary) return Operation<std::int64_t>::finished(work());
  return answer<std::int64_t>(std::move(waker), std::move(work));
}

Operation<std::int64_t> SimulatedFiles::write(FileId file, std::int64_t offset, Buffer bytes, Waker waker) {
  auto work = [this, file, offset, bytes = std::move(bytes)]() -> Result<std::int64_t> {
    const auto found = open_.find(file);
    if (found == open_.end()) return fail("files.io", "the file is not open");
    WEIR_TRY(check(found->second.path));
    if (written_ + bytes.size() > diskBytes_)
      return fail("files.disk_full", "cannot write '" + found->second.path + "': the disk is full");
    written_ += bytes.size();
    auto& content = *found->second.content;
    const auto end = static_cast<std::size_t>(offset + bytes.size());
    if (content.size() < end) content.resize(end);
    if (bytes.size() > 0) std::memcpy(content.data() + offset, bytes.data(), static_cast<std::size_t>(bytes.size()));
    return bytes.size();
  };
  if (open_.contains(file) && open_.at(file).temporary) return Operation<std::int64_t>::finished(work());
  return answer<std::int64_t>(std::move(waker), std::move(work));
}

Operation<weir::Unit> SimulatedFiles::cut(FileId file, std::int64_t bytes, Waker waker) {
  return answer<weir::Unit>(std::move(waker), [this, file, bytes]() -> Result<weir::Unit> {
    const auto found = open_.find(file);
    if (found == open_.end()) return fail("files.io", "the file is not open");
    WEIR_TRY(check(found->second.path));
    auto& content = *found->second.content;
    content.resize(std::min(content.size(), static_cast<std::size_t>(bytes)));
    return weir::Unit{};
  });
}

Operation<weir::Unit> SimulatedFiles::sync(FileId file, Waker waker) {
  return answer<weir::Unit>(std::move(waker), [this, file]() -> Result<weir::Unit> {
    const auto found = open_.find(file);
    if (found != open_.end()) WEIR_TRY(check(found->second.path + "#sync"));
    return weir::Unit{};
  });
}

Operation<weir::Unit> SimulatedFiles::publish(std::string_view from, std::string_view to, Waker waker) {
  return answer<weir::Unit>(std::move(waker), [this, source = clean(from), target = clean(to)]() -> Result<weir::Unit> {
    WEIR_TRY(check(target));
    const auto found = contents_.find(source);
    if (found == contents_.end()) return fail("files.not_found", "'" + source + "' does not exist");
    contents_[target] = found->second;
    contents_.erase(source);
    return weir::Unit{};
  });
}

Operation<weir::Unit> SimulatedFiles::remove(std::string_view named, Waker waker) {
  return answer<weir::Unit>(std::move(waker), [this, path = clean(named)]() -> Result<weir::Unit> {
    WEIR_TRY(check(path));
    if (contents_.erase(path) == 0) return fail("files.not_found", "'" + path + "' does not exist");
    return weir::Unit{};
  });
}

Operation<weir::Unit> SimulatedFiles::makeFolders(std::string_view named, Waker waker) {
  return answer<weir::Unit>(std::move(waker), [this, path = clean(named)]() -> Result<weir::Unit> {
    WEIR_TRY(check(path));
    folders_.insert(path);
    return weir::Unit{};
  });
}

Operation<std::vector<FileInfo>> SimulatedFiles::list(std::string_view named, Waker waker) {
  using Listing = std::vector<FileInfo>;
  return answer<Listing>(std::move(waker), [this, folder = clean(named)]() -> Result<Listing> {
    WEIR_TRY(check(folder));
    if (contents_.contains(folder)) return fail("files.not_folder", "'" + folder + "' is a file");
    if (!isFolder(folder)) return fail("files.not_found", "'" + folder + "' does not exist");
    const auto prefix = folder.empty() ? std::string() : folder + "/";
    std::set<std::string> names;
    for (const auto& [path, content] : contents_) {
      if (path.starts_with(prefix))
        names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
    }
    Listing found;
    for (const auto& name : names) found.push_back(infoOf(prefix + name));
    return found;
  });
}

Operation<FileId> SimulatedFiles::temporary(Waker) {
  open_[next_] = Open{"temporary-" + std::to_string(next_), std::make_shared<std::string>(), true, true};
  return Operation<FileId>::finished(next_++);
}

}  // namespace weir::simulation
