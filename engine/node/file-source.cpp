// Walking folders, and files as rows between stages.
#include "engine/node/file-source.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/data/batch-builder.h"

namespace weir {
namespace {

constexpr std::size_t kListingsAtOnce = 16;
constexpr std::size_t kListingsPerStep = 64;
/// Links to folders on one way. Folders that link to each other have as many ways as there are orders of them.
constexpr int kMaxLinks = 3;

/// `mount:` in front of a path, or nothing.
std::string_view mountOf(std::string_view path) {
  const auto colon = path.find(':');
  if (colon == std::string_view::npos || path.substr(0, colon).find('/') != std::string_view::npos) return {};
  return path.substr(0, colon + 1);
}

bool isAbsent(const Error& error) { return error.code == "files.not_found" || error.code == "files.not_folder"; }

bool hasGlobSign(std::string_view text) { return text.find_first_of("*?[{\\") != std::string_view::npos; }

const SchemaRef& itemSchema() {
  static const SchemaRef schema = Schema::of({{"path", Type::string()},
                                              {"index", Type::int64()},
                                              {"size", Type::int64()},
                                              {"modified", Type::int64()},
                                              {"named", Type::int64()},
                                              {"offset", Type::int64()},
                                              {"line", Type::int64()},
                                              {"tag", Type::int64()},
                                              {"piece", Type::bytes()}});
  return schema;
}

}  // namespace

Result<void> checkPathPattern(std::string_view path) {
  const auto rest = path.substr(mountOf(path).size());
  if (hasGlobSign(rest)) WEIR_TRY(Glob::compile(rest));
  return {};
}

Result<FileFinder> FileFinder::make(std::span<const std::string> paths, Files& files, Options options) {
  FileFinder finder(files);
  finder.options_ = options;
  for (const auto& path : paths) {
    if (path.empty()) continue;
    const auto mount = mountOf(path);
    const auto rest = std::string_view(path).substr(mount.size());
    Pattern pattern{path, std::string(mount), {}, true};
    const bool named = !hasGlobSign(rest);
    auto glob = named ? Result<Glob>(Glob{}) : Glob::compile(rest);
    if (!glob) {
      return fail(glob.error().code, "'" + path + "': " + glob.error().message);
    }
    pattern.glob = std::move(*glob);
    pattern.named = named;
    Pending first;
    first.pattern = finder.patterns_.size();
    first.path = path;
    finder.waiting_.push_back(std::move(first));
    finder.patterns_.push_back(std::move(pattern));
  }
  if (finder.patterns_.empty()) return fail("settings.missing", "no path is given; name a file or a glob");
  return finder;
}

void FileFinder::startNext(const Waker& waker) {
  auto next = std::move(waiting_.front());
  waiting_.pop_front();
  const bool lookedAt = next.way != nullptr;
  if ((next.path == patterns_[next.pattern].shown || next.first) && !lookedAt) {
    next.info = files_->statPath(next.path, waker);
  } else {
    next.listing = files_->list(next.path, waker);
  }
  active_.push_back(std::move(next));
}

Result<Flow> FileFinder::step(const Waker& waker) {
  for (std::size_t done = 0; done < kListingsPerStep;) {
    while (!waiting_.empty() && active_.size() < kListingsAtOnce) startNext(waker);
    if (active_.empty()) {
      if (!finished_) finish();
      return Flow::done;
    }
    const auto ready =
        std::ranges::find_if(active_, [](const Pending& p) { return p.info.ready() || p.listing.ready(); });
    if (ready == active_.end()) return Flow::pending;
    auto pending = std::move(*ready);
    active_.erase(ready);
    if (pending.info.active()) {
      WEIR_TRY(takeInfo(pending));
    } else {
      WEIR_TRY(takeListing(pending));
    }
    ++done;
  }
  return Flow::more;
}

Result<void> FileFinder::takeInfo(Pending& pending) {
  const auto& pattern = patterns_[pending.pattern];
  auto info = pending.info.take();
  if (pending.first) {
    // A folder that a glob starts from and that is not there is no match.
    if (info && !info->folder) return {};
    if (!info && isAbsent(info.error())) return {};
    if (!info && info.error().code != "files.denied") return std::unexpected(std::move(info.error()));
    if (!info) {
      problems_.push_back({pending.path, std::move(info.error())});
      return {};
    }
    pending.way = std::make_shared<const Way>(info->device, info->inode, nullptr);
    waiting_.push_back(std::move(pending));
    return {};
  }
  if (info && !info->folder) {
    found_.push_back({pattern.shown, info->sizeBytes, info->modifiedMicros, true});
    return {};
  }
  if (!pattern.named) {
    walk(pending.pattern);
    return {};
  }
  if (!info) return std::unexpected(std::move(info.error()));
  auto slash = pattern.shown;
  while (slash.size() > 1 && slash.back() == '/') slash.pop_back();
  return fail("files.is_folder", "'" + pattern.shown + "' is a folder; to take the files in it, write '" + slash +
                                     "/*', or '" + slash + "/**/*' for those in its folders too");
}

/// Starts at the last folder that the glob names without a wildcard.
void FileFinder::walk(std::size_t pattern) {
  Pending first;
  first.pattern = pattern;
  first.path = patterns_[pattern].mount + patterns_[pattern].glob.literalPrefix();
  first.first = true;
  waiting_.push_back(std::move(first));
}

Result<void> FileFinder::takeListing(Pending& pending) {
  const auto& pattern = patterns_[pending.pattern];
  auto listing = pending.listing.take();
  if (!listing) {
    // One that vanished meanwhile is nothing.
    if (isAbsent(listing.error())) return {};
    if (pending.first && listing.error().code != "files.denied") return std::unexpected(std::move(listing.error()));
    problems_.push_back({pending.path, std::move(listing.error())});
    return {};
  }
  for (auto& entry : *listing) {
    const auto below = std::string_view(entry.path).substr(pattern.mount.size());
    const bool matches = pattern.glob.matches(below);
    if (entry.trouble) {
      if (matches || (entry.folder && pattern.glob.couldMatchBelow(below)))
        problems_.push_back({std::move(entry.path), std::move(*entry.trouble)});
    } else if (entry.folder) {
      if (options_.folders && matches) found_.push_back({entry.path, -1, entry.modifiedMicros, false});
      if (pattern.glob.couldMatchBelow(below)) {
        takeFolder(pending, entry);
      } else if (matches && !options_.folders) {
        if (passedFolders_++ == 0 || entry.path < passedFolder_) passedFolder_ = std::move(entry.path);
      }
    } else if (matches) {
      found_.push_back({std::move(entry.path), entry.sizeBytes, entry.modifiedMicros, false});
    }
  }
  return {};
}

/// A folder to be walked, unless it is one of those it lies in: all that is in it is found there.
void FileFinder::takeFolder(const Pending& above, FileInfo& entry) {
  if (entry.link || above.links > 0) {
    for (const auto* way = above.way.get(); way != nullptr; way = way->above.get()) {
      if (way->inode != 0 && way->inode == entry.inode && way->device == entry.device) return;
    }
  }
  Pending next;
  next.links = above.links + (entry.link ? 1 : 0);
  if (next.links > kMaxLinks) {
    Error error{"files.too_many_links",
                "'" + entry.path + "' lies behind more than " + std::to_string(kMaxLinks) +
                    " symbolic links to folders and was not walked; name the folder that it leads to"};
    problems_.push_back({std::move(entry.path), std::move(error)});
    return;
  }
  next.pattern = above.pattern;
  next.path = std::move(entry.path);
  next.way = std::make_shared<const Way>(entry.device, entry.inode, above.way);
  waiting_.push_back(std::move(next));
}

void FileFinder::finish() {
  finished_ = true;
  std::ranges::stable_sort(found_, {}, &FoundFile::path);
  const auto [first, last] = std::ranges::unique(found_, {}, &FoundFile::path);
  found_.erase(first, last);
  std::ranges::sort(problems_, {}, &Problem::path);
}

std::string FileFinder::passedFolders() const {
  if (passedFolders_ == 0) return {};
  const auto others = passedFolders_ == 1 ? std::string() : " (and " + std::to_string(passedFolders_ - 1) + " more)";
  return "'" + passedFolder_ + "'" + others + " matches and is a folder, not a file; for the files in it, write '" +
         passedFolder_ + "/*'";
}

Result<void> FileFinder::matched() const {
  if (!found_.empty()) return {};
  std::string shown;
  for (const auto& pattern : patterns_) shown.append(shown.empty() ? "'" : ", '").append(pattern.shown).append("'");
  return fail("files.no_match",
              "no file matches " + shown + "; check the path, or set ifNoFiles to warn if that is no mistake");
}

void failFile(Outbox& out, std::string_view path, Error error, std::int64_t line) {
  MapBuilder row;
  static_cast<void>(row.insert(Value::string("file"), Value::string(path)));
  if (line > 0) static_cast<void>(row.insert(Value::string("line"), Value::int64(line)));
  out.failValue(std::move(row).build(), std::move(error));
}

Result<std::vector<FoundFile>> settleFound(FileFinder& finder, IfNoFiles ifNoFiles, StepIo& io, NodeContext& context) {
  for (auto& problem : finder.problems()) failFile(io, problem.path, std::move(problem.error));
  if (finder.problems().empty()) {
    if (auto matched = finder.matched(); !matched) {
      if (ifNoFiles == IfNoFiles::error) return std::unexpected(std::move(matched.error()));
      context.log(LogLevel::warning, matched.error().message);
    }
  }
  if (const auto passed = finder.passedFolders(); !passed.empty()) context.log(LogLevel::debug, passed);
  finder.problems().clear();
  auto found = finder.takeFound();
  std::int64_t total = 0;
  for (const auto& file : found) total += std::max<std::int64_t>(0, file.sizeBytes);
  io.addProgress(0, total);
  return found;
}

Result<Batch> packFileItems(std::span<const FileItem> items, MemoryAccount& account) {
  std::int64_t pathBytes = 0;
  for (const auto& item : items) pathBytes += static_cast<std::int64_t>(item.path.size());
  std::array<ColumnRoom, 9> room{};
  room[0].textBytes = pathBytes;
  const auto rows = static_cast<std::int64_t>(items.size());
  WEIR_ASSIGN(auto writer, BatchWriter::make(itemSchema(), rows, room, account));
  std::int32_t used = 0;
  writer.offsets(8)[0] = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto& item = items[static_cast<std::size_t>(row)];
    std::ranges::copy(item.path, writer.text(0) + used);
    used += static_cast<std::int32_t>(item.path.size());
    writer.offsets(0)[row + 1] = used;
    const std::int64_t numbers[] = {item.index, item.sizeBytes, item.modifiedMicros, item.named ? 1 : 0, item.offset,
                                    item.line,  item.tag};
    for (std::int64_t i = 0; i < 7; ++i) writer.ints(i + 1)[row] = numbers[i];
    writer.offsets(8)[row + 1] = 0;
    if (!item.isPiece) writer.setNull(8, row);
  }
  if (rows == 1 && items[0].isPiece) {
    const auto& piece = items[0].piece;
    Column column;
    column.type = Type::bytes();
    column.owner = piece.block();
    column.values = piece.data();
    // These lie in the batch's block, which the other columns keep alive.
    writer.offsets(8)[1] = static_cast<std::int32_t>(piece.size());
    column.offsets = writer.offsets(8);
    column.length = 1;
    writer.setColumn(8, std::move(column));
  }
  return writer.finish(rows, Envelope{});
}

std::vector<FileItem> unpackFileItems(const Batch& batch) {
  std::vector<FileItem> items(static_cast<std::size_t>(batch.rows()));
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    auto& item = items[static_cast<std::size_t>(row)];
    const auto number = [&](std::int64_t column) { return batch.column(column).ints()[static_cast<std::size_t>(row)]; };
    item.path = batch.column(0).text(row);
    item.index = number(1);
    item.sizeBytes = number(2);
    item.modifiedMicros = number(3);
    item.named = number(4) != 0;
    item.offset = number(5);
    item.line = number(6);
    item.tag = number(7);
    const auto& piece = batch.column(8);
    item.isPiece = !piece.isNull(row);
    if (!item.isPiece) continue;
    const auto text = piece.text(row);
    item.piece =
        Buffer(piece.owner, reinterpret_cast<const std::byte*>(text.data()), static_cast<std::int64_t>(text.size()));
  }
  return items;
}

FileItem fileItem(const FoundFile& file, std::size_t index) {
  FileItem item;
  item.index = static_cast<std::int64_t>(index);
  item.path = file.path;
  item.sizeBytes = file.sizeBytes;
  item.modifiedMicros = file.modifiedMicros;
  item.named = file.named;
  return item;
}

Result<Flow> FileList::step(StepIo& io) {
  if (listed_) return Flow::done;
  if (!finder_) {
    WEIR_ASSIGN(auto made, FileFinder::make(options_.paths, files_));
    finder_ = std::move(made);
  }
  WEIR_ASSIGN(const auto flow, finder_->step(io.waker()));
  if (flow != Flow::done) return flow;
  WEIR_ASSIGN(found_, settleFound(*finder_, options_.ifNoFiles, io, context_));
  finder_.reset();
  listed_ = true;
  return Flow::done;
}

Result<Poll> saveFound(const std::vector<FoundFile>& found, StateWriter& state) {
  WEIR_TRY(state.write(static_cast<std::int64_t>(found.size())));
  for (const auto& file : found) {
    WEIR_TRY(state.write(Value::string(file.path)));
    WEIR_TRY(state.write(file.sizeBytes));
    WEIR_TRY(state.write(file.modifiedMicros));
    WEIR_TRY(state.write(file.named ? 1 : 0));
  }
  return Poll::ready;
}

Result<std::vector<FoundFile>> restoreFound(StateReader& state) {
  std::vector<FoundFile> found;
  std::int64_t count = 0;
  WEIR_TRY(state.read(count));
  for (; count > 0; --count) {
    FoundFile file;
    WEIR_ASSIGN(const auto path, state.readValue());
    if (path.kind() != ValueKind::string) return fail("state.mismatch", "the saved list of files is damaged");
    file.path = path.text();
    std::int64_t named = 0;
    WEIR_TRY(state.read(file.sizeBytes));
    WEIR_TRY(state.read(file.modifiedMicros));
    WEIR_TRY(state.read(named));
    file.named = named != 0;
    found.push_back(std::move(file));
  }
  return found;
}

Result<Poll> FileList::snapshot(StateWriter& state) const {
  WEIR_TRY(state.write(listed_ ? 1 : 0));
  return listed_ ? saveFound(found_, state) : Poll::ready;
}

Result<Poll> FileList::restore(StateReader& state) {
  std::int64_t listed = 0;
  WEIR_TRY(state.read(listed));
  listed_ = listed != 0;
  if (!listed_) return Poll::ready;
  WEIR_ASSIGN(found_, restoreFound(state));
  return Poll::ready;
}

Result<Poll> FileLister::snapshot(CheckpointId, StateWriter& state) {
  WEIR_TRY(list_.snapshot(state));
  return state.write(static_cast<std::int64_t>(next_));
}

Result<Poll> FileLister::restore(StateReader& state) {
  WEIR_TRY(list_.restore(state));
  std::int64_t next = 0;
  WEIR_TRY(state.read(next));
  next_ = std::min(static_cast<std::size_t>(next), list_.found().size());
  return Poll::ready;
}

Result<Flow> FileLister::pull(StepIo& io) {
  WEIR_ASSIGN(const auto flow, list_.step(io));
  if (flow != Flow::done) return flow;
  const auto& found = list_.found();
  if (next_ == found.size() || draining()) return Flow::done;
  if (io.room(0).rows <= 0 || io.room(0).bytes <= 0) return Flow::again;
  std::vector<FileItem> items;
  auto at = next_;
  for (std::int64_t bytes = 0; at < found.size() && bytes < kTicketBytes; ++at) {
    items.push_back(fileItem(found[at], at));
    bytes += std::max<std::int64_t>(found[at].sizeBytes, 4096);
  }
  WEIR_ASSIGN(auto batch, packFileItems(items, context_.account()));
  io.emit(0, std::move(batch));
  next_ = at;
  return Flow::more;
}

}  // namespace weir
