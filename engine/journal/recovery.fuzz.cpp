// Any bytes as the files of a journal: recovery ends, and what it gives can be read and gone on with.
#include <stddef.h>
#include <stdint.h>

#include <string>

#include "engine/journal/crc32c.h"
#include "engine/journal/journal.h"
#include "engine/journal/little-endian.h"

namespace weir {
namespace {

/// A folder in memory that keeps what it is given.
class Folder final : public JournalDisk {
 public:
  std::map<std::string, std::string, std::less<>> files;

  void post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }
  void run() {
    for (std::size_t i = 0; i < jobs_.size(); ++i) std::exchange(jobs_[i], nullptr)();
    jobs_.clear();
  }
  Result<std::vector<JournalFile>> list() override {
    std::vector<JournalFile> out;
    for (const auto& [name, bytes] : files) out.push_back({name, static_cast<std::int64_t>(bytes.size())});
    return out;
  }
  Result<JournalFileId> create(std::string_view name, std::int64_t bytes) override {
    files[std::string(name)] = std::string(static_cast<std::size_t>(bytes), '\0');
    return open(name);
  }
  Result<JournalFileId> open(std::string_view name) override {
    open_.emplace_back(name);
    return static_cast<JournalFileId>(open_.size()) - 1;
  }
  void close(JournalFileId) override {}
  Result<std::int64_t> read(JournalFileId file, std::int64_t offset, std::span<char> into) override {
    const auto& bytes = of(file);
    const auto at = std::min(bytes.size(), static_cast<std::size_t>(offset));
    return static_cast<std::int64_t>(bytes.copy(into.data(), into.size(), at));
  }
  Result<void> write(JournalFileId file, std::int64_t offset, std::string_view bytes) override {
    auto& to = of(file);
    const auto at = static_cast<std::size_t>(offset);
    if (to.size() < at + bytes.size()) to.resize(at + bytes.size());
    to.replace(at, bytes.size(), bytes);
    return {};
  }
  Result<void> sync(JournalFileId) override { return {}; }
  Result<void> truncate(JournalFileId file, std::int64_t bytes) override {
    of(file).resize(static_cast<std::size_t>(bytes));
    return {};
  }
  Result<void> rename(std::string_view from, std::string_view to) override {
    auto moved = std::move(files[std::string(from)]);
    files.erase(std::string(from));
    files[std::string(to)] = std::move(moved);
    return {};
  }
  Result<void> remove(std::string_view name) override {
    files.erase(std::string(name));
    return {};
  }
  Result<void> syncFolder() override { return {}; }

 private:
  std::string& of(JournalFileId file) { return files[open_[static_cast<std::size_t>(file)]]; }
  std::vector<std::string> open_;
  std::vector<std::function<void()>> jobs_;
};

/// Mends the checksums, so that what lies behind them is reached.
void mend(std::string& bytes, std::uint64_t id) {
  using namespace journal;
  std::string header = encodeHeader({.id = id, .epoch = 1, .run = "fuzz"});
  if (bytes.size() < header.size()) return;
  bytes.replace(0, header.size(), header);
  for (auto at = static_cast<std::size_t>(kHeaderBytes); at + kHeadBytes < bytes.size();) {
    RecordHead head;
    std::memcpy(&head.payloadBytes, bytes.data() + at, 4);
    Taking from{.rest = std::string_view(bytes).substr(at + 4)};
    head.kind = static_cast<RecordKind>(1 + from.number<std::uint16_t>() % 6);
    head.flags = from.number<std::uint16_t>() & 1U;
    head.edge = from.number<std::uint32_t>();
    head.stream = from.number<std::uint32_t>();
    head.sequence = from.number<std::uint64_t>();
    head.rows = from.number<std::uint32_t>();
    head.group = from.number<std::uint32_t>();
    const auto rest = bytes.size() - at - kHeadBytes;
    head.payloadBytes = static_cast<std::uint32_t>(head.payloadBytes % (rest + 1));
    head.payloadCrc = crc32c(std::string_view(bytes).substr(at + kHeadBytes, head.payloadBytes));
    encodeHead(head, {id, 1, static_cast<std::int64_t>(at)}, bytes.data() + at);
    at += static_cast<std::size_t>(recordBytes(head.payloadBytes));
  }
}

void open(Folder& folder) {
  JournalContents contents;
  auto made = Journal::open(folder, {.diskBytes = 1 << 20, .segmentBytes = 64 << 10}, contents);
  if (!made) return;
  auto& journal = **made;
  int edges = 0;
  for (const auto& state : contents.edges) {
    if (++edges > 5) break;
    const auto edge = journal.edge(state.id);
    auto reader = journal.read(edge, state.position, state.next, MemoryAccount::unlimited());
    for (int i = 0; i < 100; ++i) {
      auto operation = reader.next(Waker());
      folder.run();
      const auto rows = operation.take();
      if (!rows || !*rows) break;
    }
    journal.release(edge, state.next / 2 + 1);
    folder.run();
  }
  static_cast<void>(contents.waitingRows());
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  weir::Folder folder;
  // The first byte says how many files, and which of them are mended.
  const auto files = 1 + data[0] % 3U;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (std::uint64_t id = 1; id <= files; ++id) {
    std::string bytes(rest.substr(0, rest.size() / files));
    if ((data[0] >> (id + 1) & 1U) != 0) weir::mend(bytes, id);
    folder.files[weir::journal::segmentName(id)] = std::move(bytes);
  }
  weir::open(folder);
  weir::open(folder);
  return 0;
}
