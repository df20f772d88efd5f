// Keys of a data folder: how they are made, found, refused by name, and changed.
#include "hosts/native/sealing/key-ring.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "adapters/sqlite/database.h"
#include "engine/data/batch-builder.h"
#include "engine/journal/journal.h"
#include "engine/text/base64.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/native-journal-disk.h"
#include "hosts/native/sealing/data-keys.h"
#include "hosts/native/sealing/master-key.h"
#include "hosts/native/sealing/private-file.h"
#include "hosts/native/state/file-state-store.h"
#include "hosts/native/state/state-stores.test.h"

namespace {

using namespace weir;
using namespace weir::native;
using sodium::Key;

constexpr std::string_view kCanary = "canary-row-7c1f";

/// A folder with a data folder and a place for configuration, gone in the end.
struct Place {
  std::string path, data;
  Place() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/weir-keys-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    data = path + "/data";
    std::filesystem::create_directory(data);
    ::setenv("XDG_CONFIG_HOME", (path + "/config").c_str(), 1);
  }
  ~Place() {
    ::unsetenv("XDG_CONFIG_HOME");
    std::filesystem::remove_all(path);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] std::string keyFile() const { return path + "/config/weir/master.key"; }
  [[nodiscard]] DataKeysOptions options() const {
    DataKeysOptions options;
    options.dataFolder = data;
    return options;
  }
  /// Names of files below the data folder in which the text stands.
  [[nodiscard]] std::string filesWith(std::string_view text) const {
    std::string names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      std::stringstream bytes;
      bytes << file.rdbuf();
      if (bytes.str().contains(text)) names += entry.path().string() + " ";
    }
    return names;
  }
};

std::string codeOf(const Result<DataKeys>& result) { return result ? "" : std::string(result.error().code); }

TEST_CASE("a new data folder is encrypted, its master key is made for its owner alone, and it opens again") {
  const Place place;
  auto made = openDataKeys(place.options());
  REQUIRE_MESSAGE(made.has_value(), made.error().message);
  CHECK(made->ring.encrypted());
  CHECK(made->notice.contains(place.keyFile()));
  struct stat info{};
  REQUIRE(::stat(place.keyFile().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600U);
  const auto database = *made->ring.database();
  const auto journal = made->ring.files("team/reports", FileClass::journal, 1);
  REQUIRE(journal);
  CHECK_FALSE(journal->current() == database);
  CHECK_FALSE(made->ring.files("team/other", FileClass::journal, 1)->current() == journal->current());
  CHECK_FALSE(made->ring.files("team/reports", FileClass::object, 1)->current() == journal->current());

  auto again = openDataKeys(place.options());
  REQUIRE(again);
  CHECK(again->notice.empty());
  CHECK(*again->ring.database() == database);
  CHECK(again->ring.files("team/reports", FileClass::journal, 2)->current() == journal->current());
  // Another data folder takes the same master key, and has its own data keys.
  std::filesystem::create_directory(place.path + "/second");
  auto options = place.options();
  options.dataFolder = place.path + "/second";
  const auto second = openDataKeys(options);
  REQUIRE(second);
  CHECK_FALSE(*second->ring.database() == database);
}

TEST_CASE("the key of secrets may be another one, and the ring keeps that") {
  const Place place;
  auto made = openDataKeys(place.options());
  REQUIRE(made);
  const auto before = *made->ring.secrets(), database = *made->ring.database();
  const auto count = made->ring.count();
  const auto key = sodium::Key::random();
  REQUIRE(made->ring.takeSecrets(key, 5));
  CHECK(*made->ring.secrets() == key);
  auto again = openDataKeys(place.options());
  REQUIRE(again);
  CHECK(*again->ring.secrets() == key);
  CHECK(*again->ring.database() == database);
  CHECK(again->ring.count() == count);
  CHECK(again->ring.find(before.name()) == nullptr);
  CHECK(again->ring.masterKey()->name() == again->ring.master());
}

TEST_CASE("a lost or wrong master key is refused by name, and nothing is written") {
  const Place place;
  auto made = openDataKeys(place.options());
  REQUIRE(made);
  const auto needed = readMasterKey(place.keyFile())->name();
  const auto ring = readPrivateFile(place.data + "/keys.json", 1 << 20).value();
  std::filesystem::remove(place.keyFile());
  auto refused = openDataKeys(place.options());
  CHECK(codeOf(refused) == "key.missing");
  CHECK(refused.error().message.contains(needed));
  CHECK(refused.error().message.contains(place.data));
  CHECK_FALSE(fileThere(place.keyFile()));
  REQUIRE(makeMasterKey(place.keyFile()));
  refused = openDataKeys(place.options());
  CHECK(codeOf(refused) == "key.wrong");
  CHECK(refused.error().message.contains(needed));
  CHECK(readPrivateFile(place.data + "/keys.json", 1 << 20).value() == ring);
}

TEST_CASE("a master key that others may read, that lies in the data folder, or that is none is refused") {
  const Place place;
  auto options = place.options();
  options.masterKeyFile = place.path + "/my.key";
  CHECK(codeOf(openDataKeys(options)) == "key.file");
  REQUIRE(makeMasterKey(options.masterKeyFile));
  CHECK_FALSE(makeMasterKey(options.masterKeyFile));
  REQUIRE(::chmod(options.masterKeyFile.c_str(), 0640) == 0);
  auto refused = openDataKeys(options);
  CHECK(codeOf(refused) == "key.file");
  CHECK(refused.error().message.contains("chmod 600"));
  REQUIRE(::chmod(options.masterKeyFile.c_str(), 0600) == 0);
  std::filesystem::create_directory(place.data + "/deep");
  std::filesystem::create_directory_symlink(place.data + "/deep", place.path + "/link");
  std::filesystem::copy_file(options.masterKeyFile, place.data + "/deep/my.key");
  options.masterKeyFile = place.path + "/link/my.key";
  CHECK(codeOf(openDataKeys(options)) == "key.file");
  options.masterKeyFile.clear();
  for (const auto* text : {"short", "0123", "", "not base64!"}) CHECK_FALSE(parseMasterKey(text, "here"));
  CHECK_FALSE(parseMasterKey(std::string(64, '0'), "zeros"));
  const auto key = Key::random();
  CHECK(*parseMasterKey(encodeHex(key.bytes()), "here") == key);
  CHECK(*parseMasterKey(" " + encodeBase64(key.bytes()) + "\n", "here") == key);
  options.masterKeyText = "my secret words";
  refused = openDataKeys(options);
  CHECK(codeOf(refused) == "key.file");
  CHECK_FALSE(refused.error().message.contains("words"));
  CHECK_FALSE(fileThere(place.data + "/keys.json"));
}

TEST_CASE("without encryption is said once, when the folder is made, and is not mixed up with a key") {
  const Place place;
  auto options = place.options();
  options.noEncryption = true;
  auto made = openDataKeys(options);
  REQUIRE(made);
  CHECK_FALSE(made->ring.encrypted());
  CHECK(made->notice.contains("not encrypted"));
  CHECK(made->ring.files("a", FileClass::journal, 1)->empty());
  CHECK_FALSE(fileThere(place.keyFile()));
  CHECK(openDataKeys(place.options()));
  // A key for other folders does no harm; one that was given for this folder is a misunderstanding.
  REQUIRE(makeMasterKey(place.keyFile()));
  CHECK(openDataKeys(place.options()));
  options = place.options();
  options.masterKeyFile = place.keyFile();
  CHECK(codeOf(openDataKeys(options)) == "key.not_encrypted");

  const Place encrypted;
  REQUIRE(openDataKeys(encrypted.options()));
  options = encrypted.options();
  options.noEncryption = true;
  CHECK(codeOf(openDataKeys(options)) == "key.encrypted");
}

TEST_CASE("a ring that was changed by hand, or is of a newer Weir, is refused") {
  const Place place;
  REQUIRE(openDataKeys(place.options()));
  const auto path = place.data + "/keys.json";
  const auto text = readPrivateFile(path, 1 << 20).value();
  const auto with = [&](const std::string& changed) {
    REQUIRE(writePrivateFile(path, changed));
    return codeOf(openDataKeys(place.options()));
  };
  CHECK(with("") == "key.ring");
  CHECK(with("{}") == "key.ring");
  CHECK(with(text.substr(0, text.size() / 2)) == "key.ring");
  auto changed = text;
  changed.replace(changed.find("\"format\": 1"), 11, "\"format\": 2");
  CHECK(with(changed) == "key.ring");
  // One data key passed off as another.
  changed = text;
  changed.replace(changed.find("\"database\""), 10, "\"datebase\"");
  CHECK(with(changed) == "key.ring");
  CHECK(with(text).empty());
}

TEST_CASE("a rotation wraps at once; files take new keys for what is written, and what was written stays readable") {
  const Place place;
  auto made = openDataKeys(place.options());
  REQUIRE(made);
  auto& ring = made->ring;
  const auto before = ring.files("a", FileClass::journal, 1).value();
  const auto master = Key::random();
  REQUIRE(ring.rewrap(master));
  CHECK(codeOf(openDataKeys(place.options())) == "key.wrong");
  auto options = place.options();
  options.masterKeyText = encodeBase64(master.bytes());
  auto again = openDataKeys(options);
  REQUIRE(again);
  CHECK(again->ring.files("a", FileClass::journal, 1)->current() == before.current());
  REQUIRE(again->ring.renewFiles(2));
  const auto after = again->ring.files("a", FileClass::journal, 3).value();
  CHECK(after.chain == before.chain);
  CHECK(after.keys.size() == 2);
  CHECK_FALSE(after.current() == before.current());
  CHECK(after.keys[1] == before.current());
  CHECK(again->ring.find(before.current().name()) != nullptr);
  CHECK(openDataKeys(options)->ring.files("a", FileClass::journal, 3)->keys.size() == 2);

  RecordSealer old(before), now(FileKeys::decode(after.encode()).value());
  const journal::SealPlace here{.segment = 1, .epoch = 2, .offset = 256};
  std::string sealed, opened;
  REQUIRE(old.seal(here, kCanary, sealed));
  CHECK(now.keyId() == old.keyId());
  REQUIRE(now.open(here, sealed, opened));
  CHECK(opened == kCanary);
  journal::SealPlace elsewhere = here;
  elsewhere.offset += 8;
  CHECK(now.open(elsewhere, sealed, opened).error().code == "journal.corrupt");
  REQUIRE(again->ring.dropOld());
  RecordSealer alone(again->ring.files("a", FileClass::journal, 3).value());
  CHECK(alone.open(here, sealed, opened).error().code == "journal.corrupt");
}

void appendCanary(const std::string& folder, const FileKeys& keys, std::int64_t rows) {
  auto disk = NativeJournalDisk::open(folder);
  REQUIRE(disk);
  std::optional<RecordSealer> sealer;
  if (!keys.empty()) sealer.emplace(keys);
  JournalContents contents;
  JournalOptions options;
  options.diskBytes = 16 << 20;
  options.sealer = sealer ? &*sealer : nullptr;
  auto journal = Journal::open(**disk, options, contents);
  REQUIRE_MESSAGE(journal.has_value(), journal.error().message);
  CHECK(contents.troubles.empty());
  const auto edge = (*journal)->edge("e");
  CHECK(static_cast<std::int64_t>((*journal)->next(edge)) == rows);
  std::vector<Value> values;
  for (int i = 0; i < 50; ++i)
    values.push_back(Value::map({{Value::string("text"), Value::string(std::string(kCanary) + std::to_string(i))}}));
  const auto ticket = (*journal)->append(edge, *batchOfRows(values, MemoryAccount::unlimited()));
  while ((*journal)->durable() < ticket && !(*journal)->failure()) std::this_thread::yield();
  CHECK_FALSE((*journal)->failure());
}

TEST_CASE(
    "S11: no row of a sealed journal, state or database can be read from the disk, and a journal goes on over a "
    "rotation") {
  const Place place;
  auto made = openDataKeys(place.options());
  REQUIRE(made);
  auto& ring = made->ring;
  const auto folder = place.data + "/runs/r1";
  appendCanary(folder, ring.files("a", FileClass::journal, 1).value(), 0);
  REQUIRE(ring.renewFiles(2));
  appendCanary(folder, ring.files("a", FileClass::journal, 3).value(), 50);
  {
    NativeClock clock;
    FileStateOptions options;
    options.path = folder + "/state.db";
    options.key = ring.files("a", FileClass::state, 1)->current();
    auto state = FileStateStore::open(options, clock);
    REQUIRE_MESSAGE(state.has_value(), state.error().message);
    CHECK(testing::commit(**state, {{"key-" + std::string(kCanary), std::string(kCanary)}}));
    // The write-ahead log is still there: it counts too.
    CHECK(place.filesWith(kCanary).empty());
  }
  {
    sqlite::OpenOptions options;
    options.access = sqlite::Access::create;
    options.key = *ring.database();
    auto database = sqlite::Database::open(place.data + "/weir.db", options);
    REQUIRE_MESSAGE(database.has_value(), database.error().message);
    REQUIRE(database->execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES('canary-row-7c1f')"));
    CHECK(fileThere(place.data + "/weir.db-wal"));
    CHECK(place.filesWith(kCanary).empty());
    // A copy while it is open is encrypted too, and holds the row.
    REQUIRE(database->copyTo(place.data + "/copy.db", options));
  }
  CHECK(place.filesWith(kCanary).empty());
  sqlite::OpenOptions options;
  options.key = *ring.database();
  auto copy = sqlite::Database::open(place.data + "/copy.db", options);
  REQUIRE(copy);
  auto found = copy->prepare("SELECT x FROM t");
  REQUIRE(found);
  REQUIRE(found->step().value());
  CHECK(found->text(0) == kCanary);
  // That the search finds what can be read: the same without keys.
  appendCanary(place.data + "/runs/plain", FileKeys{}, 0);
  CHECK(place.filesWith(kCanary).contains("/runs/plain/"));
}

TEST_CASE("a database with another key, without one, or given a key for nothing is refused by its key") {
  const Place place;
  const auto key = Key::random(), other = Key::random();
  const auto path = place.data + "/a.db", plainPath = place.data + "/it's a plain.db",
             newPath = place.data + "/n ew?.db";
  sqlite::OpenOptions options;
  options.access = sqlite::Access::create;
  options.key = key;
  REQUIRE(sqlite::Database::open(path, options)->execute("CREATE TABLE t(x); INSERT INTO t VALUES('one')"));
  options.access = sqlite::Access::write;
  options.key = other;
  auto refused = sqlite::Database::open(path, options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "sql.key");
  CHECK(refused.error().message.contains(other.name()));
  options.key.reset();
  CHECK(sqlite::Database::open(path, options)->execute("SELECT * FROM t").error().code == "sql.corrupt");
  options.key = key;
  // To another key and back, and from none.
  REQUIRE(sqlite::Database::recode(path, options, newPath, &other));
  CHECK(sqlite::Database::open(newPath, options).error().code == "sql.key");
  options.key = other;
  CHECK(sqlite::Database::open(newPath, options));
  REQUIRE(sqlite::Database::recode(newPath, options, plainPath, nullptr));
  options.key.reset();
  CHECK(sqlite::Database::open(plainPath, options)->execute("SELECT * FROM t"));
  const auto last = place.data + "/last.db";
  REQUIRE(sqlite::Database::recode(plainPath, options, last, &key));
  options.key = key;
  auto opened = sqlite::Database::open(last, options);
  REQUIRE(opened);
  auto found = opened->prepare("SELECT x FROM t");
  REQUIRE(found);
  REQUIRE(found->step().value());
  CHECK(found->text(0) == "one");
  CHECK(sqlite::Database::open(plainPath, options).error().code == "sql.key");
}

}  // namespace
