// Files twice: as they are, and as they are safe.
#include "hosts/simulation/simulated-journal-disk.h"

#include <algorithm>
#include <utility>

#include "engine/data/hash.h"

namespace weir::simulation {
namespace {

void put(std::string& to, std::int64_t offset, std::string_view bytes) {
  const auto at = static_cast<std::size_t>(offset);
  if (to.size() < at + bytes.size()) to.resize(at + bytes.size(), '\0');
  std::ranges::copy(bytes, to.begin() + static_cast<std::ptrdiff_t>(offset));
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ = hash::ofUint64(state_ + 1);
    return bound == 0 ? 0 : state_ % bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace

SimulatedJournalDisk::SimulatedJournalDisk(Image image) {
  for (auto& [name, bytes] : image) names_[name] = std::make_shared<File>(File{.safe = bytes, .now = bytes});
  steps_.push_back(names_);
}

void SimulatedJournalDisk::runOne() {
  if (jobs_.empty()) return;
  auto job = std::move(jobs_.front());
  jobs_.pop_front();
  job();
}

Result<void> SimulatedJournalDisk::call() {
  if (calls_++ >= powerLostAt_) return fail("files.io", "the power has gone");
  return {};
}

std::int64_t SimulatedJournalDisk::takenBytes() const {
  std::int64_t bytes = 0;
  for (const auto& [name, file] : names_) bytes += static_cast<std::int64_t>(file->now.size());
  return bytes;
}

Result<void> SimulatedJournalDisk::writing(std::int64_t more) {
  if (writeFails_.has(writes_++) || (more > 0 && more > capacity_ - takenBytes()))
    return fail("files.disk_full", "cannot write: the disk is full");
  return {};
}

Result<JournalFileId> SimulatedJournalDisk::handle(FileRef file) {
  if (openFiles() >= handles_) return fail("files.too_many_open", "cannot open: too many files are open", true);
  open_[next_] = std::move(file);
  return next_++;
}

SimulatedJournalDisk::Image SimulatedJournalDisk::image() const {
  Image image;
  for (const auto& [name, file] : names_) image[name] = file->now;
  return image;
}

SimulatedJournalDisk::Image SimulatedJournalDisk::afterPowerLoss(std::uint64_t seed, std::int64_t sector) const {
  Dice dice(seed);
  Image image;
  const auto& names = steps_[static_cast<std::size_t>(dice.below(steps_.size()))];
  for (const auto& [name, file] : names) {
    auto bytes = file->safe;
    // How much of what was under way has got there: nothing, all, or each sector as it happened.
    const auto kind = dice.below(4);
    for (const auto& write : file->unsafe) {
      if (kind == 0) break;
      if (write.cut) {
        if (kind == 1 || dice.below(2) == 0) bytes.resize(static_cast<std::size_t>(write.offset), '\0');
        continue;
      }
      const auto end = write.offset + static_cast<std::int64_t>(write.bytes.size());
      for (auto at = write.offset; at < end;) {
        const auto next = std::min(end, (at / sector + 1) * sector);
        if (kind == 1 || dice.below(2) == 0)
          put(bytes, at,
              std::string_view(write.bytes)
                  .substr(static_cast<std::size_t>(at - write.offset), static_cast<std::size_t>(next - at)));
        at = next;
      }
    }
    image[name] = std::move(bytes);
  }
  return image;
}

Result<std::vector<JournalFile>> SimulatedJournalDisk::list() {
  WEIR_TRY(call());
  std::vector<JournalFile> files;
  for (const auto& [name, file] : names_) files.push_back({name, static_cast<std::int64_t>(file->now.size())});
  return files;
}

Result<JournalFileId> SimulatedJournalDisk::create(std::string_view name, std::int64_t bytes) {
  WEIR_TRY(call());
  if (names_.contains(std::string(name))) return fail("files.exists", "cannot create: it is there already");
  WEIR_TRY(writing(bytes));
  auto file = std::make_shared<File>();
  WEIR_ASSIGN(const auto id, handle(file));
  put(file->now, 0, std::string(static_cast<std::size_t>(bytes), '\0'));
  file->unsafe.push_back({.offset = 0, .bytes = file->now});
  names_[std::string(name)] = std::move(file);
  steps_.push_back(names_);
  return id;
}

Result<JournalFileId> SimulatedJournalDisk::open(std::string_view name) {
  WEIR_TRY(call());
  const auto found = names_.find(std::string(name));
  if (found == names_.end()) return fail("files.not_found", "cannot open '" + std::string(name) + "': it is not there");
  return handle(found->second);
}

Result<std::int64_t> SimulatedJournalDisk::read(JournalFileId file, std::int64_t offset, std::span<char> into) {
  WEIR_TRY(call());
  const std::string_view bytes = open_.at(file)->now;
  if (offset >= static_cast<std::int64_t>(bytes.size())) return std::int64_t{0};
  const auto there = bytes.substr(static_cast<std::size_t>(offset), into.size());
  std::ranges::copy(there, into.begin());
  return static_cast<std::int64_t>(there.size());
}

Result<void> SimulatedJournalDisk::write(JournalFileId file, std::int64_t offset, std::string_view bytes) {
  auto& open = *open_.at(file);
  const auto before = static_cast<std::int64_t>(open.now.size());
  const auto alive = call();
  // A write that the power cut short may have got there in part.
  if (alive) WEIR_TRY(writing(offset + static_cast<std::int64_t>(bytes.size()) - before));
  if (alive || calls_ == powerLostAt_ + 1) {
    put(open.now, offset, bytes);
    open.unsafe.push_back({.offset = offset, .bytes = std::string(bytes)});
  }
  return alive;
}

Result<void> SimulatedJournalDisk::sync(JournalFileId file) {
  WEIR_TRY(call());
  if (syncFails_.has(syncs_++)) {
    // What the kernel could not write it forgets: the next sync would say that all is well.
    open_.at(file)->unsafe.clear();
    return fail("files.sync_failed", "the journal could not be brought to the disk");
  }
  open_.at(file)->safe = open_.at(file)->now;
  open_.at(file)->unsafe.clear();
  return {};
}

Result<void> SimulatedJournalDisk::truncate(JournalFileId file, std::int64_t bytes) {
  WEIR_TRY(call());
  open_.at(file)->now.resize(static_cast<std::size_t>(bytes), '\0');
  open_.at(file)->unsafe.push_back({.offset = bytes, .bytes = {}, .cut = true});
  return {};
}

Result<void> SimulatedJournalDisk::rename(std::string_view from, std::string_view to) {
  WEIR_TRY(call());
  const auto found = names_.find(std::string(from));
  if (found == names_.end())
    return fail("files.not_found", "cannot rename '" + std::string(from) + "': it is not there");
  auto file = found->second;
  names_.erase(found);
  names_[std::string(to)] = std::move(file);
  steps_.push_back(names_);
  return {};
}

Result<void> SimulatedJournalDisk::remove(std::string_view name) {
  WEIR_TRY(call());
  if (names_.erase(std::string(name)) > 0) steps_.push_back(names_);
  return {};
}

Result<void> SimulatedJournalDisk::syncFolder() {
  WEIR_TRY(call());
  if (syncFails_.has(syncs_++)) return fail("files.sync_failed", "the folder could not be brought to the disk");
  steps_.assign(1, names_);
  return {};
}

}  // namespace weir::simulation
