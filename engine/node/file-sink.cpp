// Writing to a part file and giving it the name when it is whole.
#include "engine/node/file-sink.h"

#include <algorithm>
#include <utility>

#include "engine/node/file-stream.h"

namespace weir {
namespace {

/// `data/out` for `data/out/x.csv`; empty if the file lies at the top of its mount.
std::string_view folderOf(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos || slash == 0 ? std::string_view() : path.substr(0, slash);
}

}  // namespace

Result<void> checkTarget(std::string_view path) {
  const auto compression = compressionOf(path);
  if (compression.empty()) return {};
  const auto plain = path.substr(0, path.rfind('.'));
  return fail("files.compressed_target", "path: '" + std::string(path) + "' is the name of a " +
                                             std::string(compression) + " file, and writers do not compress; write '" +
                                             std::string(plain) + "' and compress it afterwards");
}

std::string partPathOf(std::string_view path) {
  const auto at = path.find_last_of("/:");
  const auto begin = at == std::string_view::npos ? 0 : at + 1;
  std::string part(path.substr(0, begin));
  return part.append(".").append(path.substr(begin)).append(".weir-part");
}

FileSink::FileSink(Files& files, MemoryAccount& account, FileSinkOptions options)
    : files_(files), account_(account), options_(std::move(options)), part_(partPathOf(options_.path)) {}

FileSink::~FileSink() {
  if (old_ >= 0) files_.close(old_);
  if (opening_.active() && opening_.ready() && file_ < 0 && state_ == State::creating) {
    if (auto opened = opening_.take(); opened) file_ = *opened;
  }
  if (file_ < 0) return;
  // Removed while it is still held, so that it cannot be another run's.
  if (state_ != State::done && !checkpointed_) static_cast<void>(files_.remove(part_, Waker()));
  files_.close(file_);
}

Result<Poll> FileSink::open(const Waker& waker) {
  for (;;) {
    Result<Poll> polled = Poll::ready;
    switch (state_) {
      case State::looking:
        polled = look(waker);
        break;
      case State::makingFolders:
        polled = makeFolders(waker);
        break;
      case State::creating:
        polled = create(waker);
        break;
      case State::reopening:
      case State::measuring:
      case State::cutting:
        polled = reopen(waker);
        break;
      case State::copyOpen:
      case State::copyRead:
      case State::copyWrite:
        polled = copy(waker);
        break;
      default:
        return Poll::ready;
    }
    if (!polled || *polled == Poll::pending) return polled;
  }
}

Result<Poll> FileSink::look(const Waker& waker) {
  if (!info_.active()) info_ = files_.statPath(options_.path, waker);
  if (!info_.ready()) return Poll::pending;
  const auto info = info_.take();
  if (!info && info.error().code != "files.not_found" && info.error().code != "files.not_folder") {
    return std::unexpected(info.error());
  }
  if (info && info->folder) {
    return fail("files.is_folder", "'" + options_.path + "' is a folder; name a file in it");
  }
  if (info && options_.ifExists == IfExists::error) {
    return fail("files.exists", "'" + options_.path + "' exists already; set ifExists to overwrite or append");
  }
  copying_ = info && options_.ifExists == IfExists::append;
  state_ = options_.makeFolders && !info ? State::makingFolders : State::creating;
  return Poll::ready;
}

Result<Poll> FileSink::makeFolders(const Waker& waker) {
  const auto folder = folderOf(options_.path);
  if (!folder.empty()) {
    if (!doing_.active()) doing_ = files_.makeFolders(folder, waker);
    if (!doing_.ready()) return Poll::pending;
    WEIR_TRY(doing_.take());
  }
  state_ = State::creating;
  return Poll::ready;
}

Result<Poll> FileSink::create(const Waker& waker) {
  if (!opening_.active()) opening_ = files_.open(part_, FileMode::create, waker);
  if (!opening_.ready()) return Poll::pending;
  auto opened = opening_.take();
  if (!opened) {
    auto error = std::move(opened.error());
    // Waiting would not help the person who started two runs: say it at once.
    if (error.code == "files.busy") {
      return fail("files.busy",
                  "'" + options_.path + "' is being written by another node or run; wait for it, or write elsewhere");
    }
    return std::unexpected(std::move(error));
  }
  file_ = *opened;
  state_ = copying_ ? State::copyOpen : State::open;
  return Poll::ready;
}

Result<Poll> FileSink::reopen(const Waker& waker) {
  if (state_ == State::reopening) {
    if (!opening_.active()) opening_ = files_.open(part_, FileMode::append, waker);
    if (!opening_.ready()) return Poll::pending;
    WEIR_ASSIGN(file_, opening_.take());
    info_ = files_.stat(file_, waker);
    state_ = State::measuring;
  }
  if (state_ == State::measuring) {
    if (!info_.ready()) return Poll::pending;
    WEIR_ASSIGN(const auto info, info_.take());
    if (info.sizeBytes < position_) {
      return fail("state.mismatch", "'" + part_ + "' has " + std::to_string(info.sizeBytes) + " bytes, and had " +
                                        std::to_string(position_) +
                                        " when the run was saved; start the run again without --resume");
    }
    doing_ = files_.cut(file_, position_, waker);
    state_ = State::cutting;
  }
  if (!doing_.ready()) return Poll::pending;
  WEIR_TRY(doing_.take());
  state_ = State::open;
  return Poll::ready;
}

/// The existing content, 1 MiB at a time.
Result<Poll> FileSink::copy(const Waker& waker) {
  if (state_ == State::copyOpen) {
    if (!opening_.active()) opening_ = files_.open(options_.path, FileMode::read, waker);
    if (!opening_.ready()) return Poll::pending;
    WEIR_ASSIGN(old_, opening_.take());
    state_ = State::copyRead;
  }
  if (state_ == State::copyRead) {
    if (!moving_.active()) {
      WEIR_ASSIGN(block_, Buffer::allocate(kWriteBytes, account_));
      moving_ = files_.read(old_, existingBytes_, block_, 0, kWriteBytes, waker);
    }
    if (!moving_.ready()) return Poll::pending;
    WEIR_ASSIGN(const auto got, moving_.take());
    if (got == 0) {
      files_.close(std::exchange(old_, -1));
      state_ = State::open;
      return Poll::ready;
    }
    existingEnd_ = block_.chars()[got - 1];
    block_ = block_.slice(0, got);
    if (existingBytes_ == 0) existingBegin_ = block_;
    existingBytes_ += got;
    state_ = State::copyWrite;
  }
  if (!moving_.active()) moving_ = files_.write(file_, position_, block_, waker);
  if (!moving_.ready()) return Poll::pending;
  WEIR_ASSIGN(const auto put, moving_.take());
  position_ += put;
  state_ = State::copyRead;
  return Poll::ready;
}

Result<Poll> FileSink::write(const Buffer& bytes, const Waker& waker) {
  if (!moving_.active()) moving_ = files_.write(file_, position_, bytes, waker);
  if (!moving_.ready()) return Poll::pending;
  WEIR_ASSIGN(const auto put, moving_.take());
  position_ += put;
  return Poll::ready;
}

Result<Poll> FileSink::flush(const Waker& waker) {
  if (!moving_.active()) {
    if (text_.empty()) return Poll::ready;
    WEIR_ASSIGN(block_, Buffer::copyOf(text_, account_));
    text_.clear();
  }
  WEIR_ASSIGN(const auto written, write(block_, waker));
  if (written == Poll::ready) block_ = Buffer();
  return written;
}

Result<Poll> FileSink::keepRoom(const Waker& waker) {
  if (!flushing_ && !full()) return Poll::ready;
  flushing_ = true;
  WEIR_ASSIGN(const auto flushed, flush(waker));
  if (flushed == Poll::ready) flushing_ = false;
  return flushed;
}

Result<Poll> FileSink::finish(const Waker& waker) {
  if (state_ == State::open) {
    while (moving_.active() || !text_.empty()) {
      WEIR_ASSIGN(const auto flushed, flush(waker));
      if (flushed == Poll::pending) return Poll::pending;
    }
    doing_ = files_.sync(file_, waker);
    state_ = State::syncing;
  }
  if (state_ == State::syncing) {
    if (!doing_.ready()) return Poll::pending;
    WEIR_TRY(doing_.take());
    state_ = State::prepared;
  }
  if (state_ == State::prepared && !checkpointed_) {
    doing_ = files_.publish(part_, options_.path, waker);
    state_ = State::publishing;
  }
  if (state_ == State::publishing) {
    if (!doing_.ready()) return Poll::pending;
    WEIR_TRY(doing_.take());
    state_ = State::done;
    files_.close(std::exchange(file_, -1));
  }
  return Poll::ready;
}

namespace {
enum Saved : std::int64_t { kNothing, kPart, kWhole, kPublished };
}

Result<Poll> FileSink::snapshot(CheckpointId id, StateWriter& state) {
  if (saving_) {
    if (!doing_.ready()) return Poll::pending;
    saving_ = false;
    WEIR_TRY(doing_.take());
    syncedBytes_ = position_;
  } else if (state_ == State::open) {
    while (moving_.active() || !text_.empty()) {
      WEIR_ASSIGN(const auto flushed, flush(waker_));
      if (flushed == Poll::pending) return Poll::pending;
    }
    if (syncedBytes_ != position_) {
      doing_ = files_.sync(file_, waker_);
      saving_ = true;
      return snapshot(id, state);
    }
  } else if (state_ == State::syncing) {
    WEIR_ASSIGN(const auto finished, finish(waker_));
    if (finished == Poll::pending) return Poll::pending;
  }
  switch (state_) {
    case State::looking:
    case State::makingFolders:
    case State::creating:
    case State::copyOpen:
    case State::copyRead:
    case State::copyWrite:
      return state.write(kNothing);
    case State::reopening:
    case State::measuring:
    case State::cutting:
    case State::open:
    case State::syncing:
      WEIR_TRY(state.write(kPart));
      return state.write(position_);
    case State::prepared:
    case State::publishing:
      if (preparedIn_ == 0) preparedIn_ = id;
      WEIR_TRY(state.write(kWhole));
      return state.write(position_);
    case State::done:
      WEIR_TRY(state.write(kPublished));
      return state.write(position_);
  }
  return Poll::ready;
}

Result<Poll> FileSink::restore(StateReader& state) {
  std::int64_t saved = 0;
  WEIR_TRY(state.read(saved));
  if (saved == kNothing) return Poll::ready;
  WEIR_TRY(state.read(position_));
  restored_ = true;
  syncedBytes_ = position_;
  if (saved == kPart) state_ = State::reopening;
  if (saved == kWhole) state_ = State::prepared;
  if (saved == kPublished) state_ = State::done;
  preparedIn_ = saved == kWhole ? 1 : 0;
  return Poll::ready;
}

Result<Poll> FileSink::committed(CheckpointId id) {
  if (state_ == State::prepared && preparedIn_ != 0 && id >= preparedIn_) {
    doing_ = files_.publish(part_, options_.path, waker_);
    state_ = State::publishing;
  }
  if (state_ != State::publishing || !checkpointed_) return Poll::ready;
  if (!doing_.ready()) return Poll::pending;
  const auto published = doing_.take();
  // The run that was interrupted may have done it already.
  const bool before = restored_ && !published && published.error().code == "files.not_found";
  if (!published && !before) return std::unexpected(published.error());
  state_ = State::done;
  if (file_ >= 0) files_.close(std::exchange(file_, -1));
  return Poll::ready;
}

}  // namespace weir
