// A backup of what runs keep: journals and checkpoints of one moment, taken while they are written.
#include "hosts/native/backup/data-backup.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "adapters/sqlite/database.h"
#include "engine/data/batch-builder.h"
#include "engine/journal/journal.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/native-journal-disk.h"
#include "hosts/native/sealing/private-file.h"
#include "hosts/native/state/file-state-store.h"
#include "hosts/native/state/state-stores.test.h"

namespace {

using namespace weir;
using namespace weir::native;
using sodium::Key;

struct Place {
  std::string path, data;
  Key master = Key::random();
  Place() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/weir-backup-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    data = path + "/data";
    std::filesystem::create_directory(data);
  }
  ~Place() { std::filesystem::remove_all(path); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  void makeDatabase(const KeyRing& ring) const {
    sqlite::OpenOptions options;
    options.access = sqlite::Access::create;
    if (const auto* key = ring.database()) options.key = *key;
    auto database = sqlite::Database::open(data + "/weir.db", options);
    REQUIRE(database);
    REQUIRE(database->execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES('one')"));
  }
  [[nodiscard]] BackupOptions options() const {
    BackupOptions options;
    options.dataFolder = data;
    options.path = path + "/file.backup";
    options.weir = "test";
    return options;
  }
};

/// A run that writes rows to its journal and says in its state how many it is done with, and lets go of those.
class WritingRun {
 public:
  WritingRun(const std::string& folder, KeyRing& ring)
      : sealer_(ring.files("a", FileClass::journal, 1).value()), disk_(NativeJournalDisk::open(folder).value()) {
    JournalContents contents;
    JournalOptions options;
    options.segmentBytes = 64 << 10;
    options.diskBytes = 64 << 20;
    options.sealer = &sealer_;
    journal_ = Journal::open(*disk_, options, contents).value();
    FileStateOptions state;
    state.path = folder + "/state";
    state.key = ring.files("a", FileClass::state, 1)->current();
    state_ = FileStateStore::open(state, clock_).value();
    edge_ = journal_->edge("e");
  }
  void write(std::int64_t rows) {
    std::vector<Value> values;
    for (std::int64_t i = 0; i < rows; ++i) {
      values.push_back(Value::map(
          {{Value::string("n"), Value::int64(next_++)}, {Value::string("x"), Value::bytes(sodium::randomBytes(200))}}));
    }
    const auto ticket = journal_->append(edge_, *batchOfRows(values, MemoryAccount::unlimited()));
    while (journal_->durable() < ticket && !journal_->failure()) std::this_thread::yield();
  }
  /// All that is written by now is done.
  void checkpoint() {
    CHECK(testing::commit(*state_, {{"done", std::to_string(next_)}}));
    journal_->release(edge_, static_cast<std::uint64_t>(next_));
  }

 private:
  NativeClock clock_;
  RecordSealer sealer_;
  std::unique_ptr<NativeJournalDisk> disk_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<FileStateStore> state_;
  std::uint32_t edge_ = 0;
  std::int64_t next_ = 0;
};

/// Every row behind the checkpoint is in the journal, in order.
void checkRun(const std::string& folder, KeyRing& ring) {
  NativeClock clock;
  FileStateOptions options;
  options.path = folder + "/state";
  options.key = ring.files("a", FileClass::state, 1)->current();
  auto state = FileStateStore::open(options, clock);
  REQUIRE_MESSAGE(state.has_value(), state.error().message);
  const auto kept = testing::get(**state, "done");
  const auto done = kept == "(none)" ? 0 : std::stoll(kept);
  RecordSealer sealer(ring.files("a", FileClass::journal, 1).value());
  auto disk = NativeJournalDisk::open(folder);
  REQUIRE(disk);
  JournalContents contents;
  JournalOptions opening;
  opening.sealer = &sealer;
  opening.positions["e"] = static_cast<std::uint64_t>(done);
  auto journal = Journal::open(**disk, opening, contents);
  REQUIRE_MESSAGE(journal.has_value(), journal.error().message);
  for (const auto& trouble : contents.troubles)
    CHECK_MESSAGE(trouble.kind == journal::Trouble::Kind::cut, trouble.sentence());
  const auto edge = (*journal)->edge("e");
  const auto last = static_cast<std::int64_t>((*journal)->next(edge));
  CHECK(last >= done);
  auto reader = (*journal)->read(edge, static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(last),
                                 MemoryAccount::unlimited());
  auto expected = done;
  for (;;) {
    auto operation = reader.next(Waker());
    while (!operation.ready()) std::this_thread::yield();
    const auto rows = operation.take();
    REQUIRE_MESSAGE(rows.has_value(), rows.error().message);
    if (!*rows) break;
    for (std::int64_t row = 0; row < (*rows)->batch.rows(); ++row) {
      const auto number = static_cast<std::int64_t>((*rows)->sequence) + row;
      if (number < done) continue;
      CHECK((*rows)->batch.value(row, 0).int64() == expected);
      ++expected;
    }
  }
  CHECK(expected == last);
}

TEST_CASE("R21: a backup taken while a run writes and makes checkpoints has every row behind its checkpoint") {
  const Place place;
  auto ring = KeyRing::make(place.data, &place.master, 1).value();
  place.makeDatabase(ring);
  const auto folder = place.data + "/runs/r1";
  std::filesystem::create_directories(folder);
  WritingRun run(folder, ring);
  std::atomic<bool> ends = false;
  std::thread writer([&] {
    for (int i = 0; !ends && i < 20'000; ++i) {
      run.write(20);
      if (i % 7 == 0) run.checkpoint();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  for (int i = 0; i < 4; ++i) {
    Result<BackupReport> report = fail("backup.busy", "not yet");
    while (!report && report.error().code == "backup.busy") report = backUp(place.options(), ring);
    if (!report) ends = true;
    CHECK_MESSAGE(report.has_value(), report.error().message);
    if (!report) break;
    const auto target = place.path + "/restored-" + std::to_string(i);
    RestoreOptions restoring;
    restoring.path = place.options().path;
    restoring.dataFolder = target;
    const auto restored = restore(restoring, &place.master, {});
    CHECK_MESSAGE(restored.has_value(), restored.error().message);
    auto again = KeyRing::open(target, &place.master);
    CHECK(again.has_value());
    if (again && *again) {
      CHECK((*again)->instance() != ring.instance());
      checkRun(target + "/runs/r1", **again);
    }
  }
  ends = true;
  writer.join();
}

TEST_CASE("a checkpoint that comes between the copies is noticed, and the copy made again") {
  const Place place;
  auto ring = KeyRing::make(place.data, &place.master, 1).value();
  place.makeDatabase(ring);
  const auto folder = place.data + "/runs/r1";
  std::filesystem::create_directories(folder);
  WritingRun run(folder, ring);
  run.write(2'000);
  auto options = place.options();
  int calls = 0;
  options.between = [&] {
    if (++calls > 3) return;
    run.checkpoint();  // frees what the copied checkpoint still needs
    run.write(2'000);
  };
  REQUIRE(backUp(options, ring));
  CHECK(calls == 4);
  RestoreOptions restoring;
  restoring.path = options.path;
  restoring.dataFolder = place.path + "/again";
  REQUIRE(restore(restoring, &place.master, {}));
  auto again = KeyRing::open(restoring.dataFolder, &place.master);
  checkRun(restoring.dataFolder + "/runs/r1", **again);
}

TEST_CASE("S7: a name in a backup that leads out of the folder is refused, in every spelling") {
  for (const auto* name : {"a", "a/b.c", "..a", "a/..b", "runs/x/1.segment"}) CHECK(isInnerPath(name));
  for (const auto* name : {"", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/../../b", "./a", "a/./b"})
    CHECK_FALSE(isInnerPath(name));
  CHECK_FALSE(isInnerPath(std::string_view("a\0b", 3)));
  // One that somebody made by hand, where nothing is sealed.
  const Place place;
  auto ring = KeyRing::make(place.data, nullptr, 1).value();
  BackupHead head;
  head.keys = ring.text();
  const auto path = place.path + "/evil.backup";
  {
    auto writer = BackupWriter::create(path, head, nullptr);
    REQUIRE(writer);
    const Descriptor file(::open((place.data + "/keys.json").c_str(), O_RDONLY));
    REQUIRE((*writer)->add("../evil", file.get()));
    REQUIRE((*writer)->end());
  }
  RestoreOptions restoring;
  restoring.path = path;
  restoring.dataFolder = place.path + "/again";
  const auto refused = restore(restoring, nullptr, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "backup.damaged");
  CHECK_FALSE(fileThere(place.path + "/evil"));
  CHECK_FALSE(fileThere(restoring.dataFolder));
}

TEST_CASE("R21: a backup changed at any place, or cut anywhere, restores nothing") {
  const Place place;
  auto ring = KeyRing::make(place.data, &place.master, 1).value();
  place.makeDatabase(ring);
  REQUIRE(writePrivateFile(place.data + "/object", sodium::randomBytes(200'000)));
  REQUIRE(backUp(place.options(), ring));
  const auto whole = readPrivateFile(place.options().path, 1 << 30).value();
  RestoreOptions restoring;
  restoring.path = place.path + "/bad.backup";
  restoring.dataFolder = place.path + "/again";
  const auto refused = [&](const std::string& bytes) {
    REQUIRE(writePrivateFile(restoring.path, bytes));
    const auto result = restore(restoring, &place.master, {});
    CHECK_FALSE(result);
    CHECK_FALSE(fileThere(restoring.dataFolder));
  };
  for (int i = 0; i < 120; ++i) {
    const auto at = i < 30 ? static_cast<std::size_t>(i * 40) : static_cast<std::size_t>(i) * 7'919;
    auto changed = whole;
    changed[at % whole.size()] = static_cast<char>(changed[at % whole.size()] ^ 1);
    refused(changed);
    refused(whole.substr(0, at % whole.size()));
  }
  REQUIRE(writePrivateFile(restoring.path, whole));
  CHECK(restore(restoring, &place.master, {}));
  CHECK(readPrivateFile(restoring.dataFolder + "/object", 1 << 20).value() ==
        readPrivateFile(place.data + "/object", 1 << 20).value());
}

}  // namespace
