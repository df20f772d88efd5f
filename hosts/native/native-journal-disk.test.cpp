// The journal on this machine's disk.
#include "hosts/native/native-journal-disk.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "engine/data/batch-builder.h"
#include "engine/journal/journal.h"

namespace weir {
namespace {

/// A folder of its own, gone in the end.
struct Place {
  std::string path;
  Place() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/weir-journal-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Place() { std::filesystem::remove_all(path); }
};

Batch rowsFrom(std::int64_t first, std::int64_t count) {
  std::vector<Value> rows;
  for (std::int64_t i = 0; i < count; ++i)
    rows.push_back(Value::map({{Value::string("n"), Value::int64(first + i)},
                               {Value::string("text"), Value::string(std::string(500, 'x'))}}));
  return *batchOfRows(rows, MemoryAccount::unlimited());
}

void waitFor(Journal& journal, Journal::Ticket ticket) {
  while (journal.durable() < ticket && !journal.failure()) std::this_thread::sleep_for(std::chrono::microseconds(100));
}

std::int64_t countRows(Journal& journal, std::uint32_t edge) {
  auto reader = journal.read(edge, 0, journal.next(edge), MemoryAccount::unlimited());
  std::int64_t count = 0;
  for (;;) {
    auto operation = reader.next(Waker());
    while (!operation.ready()) std::this_thread::yield();
    const auto rows = operation.take();
    REQUIRE(rows);
    if (!*rows) return count;
    for (std::int64_t row = 0; row < (*rows)->batch.rows(); ++row) {
      CHECK((*rows)->batch.value(row, 0).int64() == count);
      ++count;
    }
  }
}

}  // namespace

TEST_CASE("rows that several threads append while the disk is busy are all there after opening again") {
  const Place place;
  {
    auto disk = native::NativeJournalDisk::open(place.path + "/a/b");
    REQUIRE(disk);
    JournalContents contents;
    auto journal = Journal::open(**disk, {.diskBytes = 16 << 20}, contents);
    REQUIRE(journal);
    const auto edge = (*journal)->edge("e");
    std::atomic<int> told{0};
    (*journal)->listen([&] { told.fetch_add(1); });
    std::vector<std::thread> threads;
    std::mutex order;
    std::int64_t next = 0;
    for (int thread = 0; thread < 3; ++thread)
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          const std::lock_guard locked(order);
          (*journal)->append(edge, rowsFrom(next, 5));
          next += 5;
        }
      });
    for (auto& thread : threads) thread.join();
    waitFor(**journal, (*journal)->last());
    CHECK(told.load() > 0);
    CHECK((*journal)->counters().rows == 3000);
    CHECK(countRows(**journal, edge) == 3000);
  }
  auto disk = native::NativeJournalDisk::open(place.path + "/a/b");
  REQUIRE(disk);
  JournalContents contents;
  auto journal = Journal::open(**disk, {}, contents);
  REQUIRE(journal);
  CHECK(contents.troubles.empty());
  CHECK(countRows(**journal, (*journal)->edge("e")) == 3000);
}

TEST_CASE("a journal's folder has one owner at a time") {
  const Place place;
  auto first = native::NativeJournalDisk::open(place.path);
  REQUIRE(first);
  auto second = native::NativeJournalDisk::open(place.path);
  REQUIRE(!second);
  CHECK(second.error().code == "journal.busy");
  first->reset();
  CHECK(native::NativeJournalDisk::open(place.path));
}

TEST_CASE("R8: without a handle for the next segment the journal waits, says so, and goes on") {
  const Place place;
  auto disk = native::NativeJournalDisk::open(place.path);
  REQUIRE(disk);
  JournalContents contents;
  auto journal = Journal::open(**disk, {.diskBytes = 8 << 20, .segmentBytes = 64 << 10}, contents);
  REQUIRE(journal);
  const auto edge = (*journal)->edge("e");
  waitFor(**journal, (*journal)->append(edge, rowsFrom(0, 1)));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  auto none = before;
  none.rlim_cur = 3;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  std::int64_t given = 1;
  for (int i = 0; i < 200; ++i, given += 5) (*journal)->append(edge, rowsFrom(given, 5));
  for (int i = 0; i < 2000 && !(*journal)->trouble(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto trouble = (*journal)->trouble();
  const auto room = (*journal)->room();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE(trouble);
  CHECK(trouble->code == "files.too_many_open");
  CHECK(room == 0);
  (*journal)->tryAgain();
  waitFor(**journal, (*journal)->last());
  CHECK(countRows(**journal, edge) == given);
}

}  // namespace weir
