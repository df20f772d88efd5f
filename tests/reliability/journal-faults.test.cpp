// The journal on a disk that loses power, is damaged, full or slow: what is acknowledged is there; what is not is said.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/reliability/journal-trial.h"

namespace weir {

using namespace journal_trial;

TEST_CASE("R2: after a loss of power all acknowledged rows are there, in order, and none twice") {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    SimulatedJournalDisk disk;
    std::uint64_t acknowledged[2] = {0, 0}, released = 0, given[2] = {0, 0};
    {
      auto opened = openOn(disk);
      const std::uint32_t edges[] = {opened.journal->edge("a"), opened.journal->edge("b")};
      disk.losePowerAt(static_cast<std::int64_t>(seed * 7 % 120));
      std::vector<std::pair<Journal::Ticket, std::pair<int, std::uint64_t>>> tickets;
      auto dice = seed;
      for (int step = 0; step < 60 && !disk.powerLost(); ++step) {
        dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
        const int which = static_cast<int>(dice >> 60 & 1U);
        const auto count = static_cast<std::int64_t>(1 + (dice >> 40) % 40);
        const auto ticket = opened.journal->append(
            edges[which], rowsFrom(given[which], count, 0, static_cast<std::int64_t>(dice >> 33) % 300));
        given[which] += static_cast<std::uint64_t>(count);
        opened.journal->reached(7, static_cast<std::uint32_t>(which), given[which]);
        tickets.push_back({ticket, {which, given[which]}});
        if ((dice >> 20) % 3 == 0) disk.run();
        if ((dice >> 24) % 11 == 0 && acknowledged[0] > 0)
          opened.journal->release(edges[0], released = acknowledged[0]);
        for (const auto& [one, rows] : tickets)
          if (one <= opened.journal->durable())
            acknowledged[rows.first] = std::max(acknowledged[rows.first], rows.second);
      }
    }
    SimulatedJournalDisk after(disk.afterPowerLoss(seed, seed % 2 == 0 ? 512 : 4096));
    auto again = openOn(after);
    REQUIRE_MESSAGE(again.journal, again.code << " seed " << seed);
    for (const auto& trouble : again.contents.troubles) {
      CHECK_MESSAGE(trouble.kind == Trouble::Kind::cut, trouble.sentence() << " seed " << seed);
    }
    for (int which = 0; which < 2; ++which) {
      const auto* id = which == 0 ? "a" : "b";
      const auto edge = again.journal->edge(id);
      const auto next = again.journal->next(edge);
      const auto from = which == 0 ? released : 0;
      CHECK_MESSAGE(next >= acknowledged[which], "seed " << seed);
      CHECK(next <= given[which]);
      const auto top = again.contents.tops.find({7, static_cast<std::uint32_t>(which)});
      if (top != again.contents.tops.end()) CHECK(top->second <= next);
      auto numbers = readBack(after, *again.journal, id, from);
      REQUIRE_MESSAGE(numbers.size() == next - std::min(next, from), "seed " << seed);
      for (std::size_t i = 0; i < numbers.size(); ++i) REQUIRE(numbers[i] == static_cast<std::int64_t>(from + i));
      // And it goes on.
      again.journal->append(edge, rowsFrom(next, 3));
      after.run();
      CHECK(readBack(after, *again.journal, id, from).size() == numbers.size() + 3);
    }
  }
}

TEST_CASE("R3: recovery that is cut short five times over loses nothing") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    auto image = writtenImage(12);
    const auto name = onlySegment(image);
    auto& bytes = image[name];
    // A damaged middle, or a torn tail.
    const auto places = recordsOf(bytes);
    const bool middle = seed % 2 == 0;
    const auto at = static_cast<std::size_t>(middle ? places[5] + 50 : places[places.size() - 2] + 50);
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    for (std::uint64_t deep = 0; deep < 5; ++deep) {
      SimulatedJournalDisk disk(image);
      disk.losePowerAt(static_cast<std::int64_t>((seed * 13 + deep * 5) % 60));
      auto opened = openOn(disk);
      if (opened.journal) {
        const auto edge = opened.journal->edge("a");
        opened.journal->release(edge, 1);
        disk.run();
      }
      opened.journal.reset();
      image = disk.afterPowerLoss(seed + deep, 512);
    }
    SimulatedJournalDisk disk(image);
    auto opened = openOn(disk);
    REQUIRE_MESSAGE(opened.journal, opened.code << " seed " << seed);
    const auto numbers = readBack(disk, *opened.journal, "a", 1);
    CHECK_MESSAGE(numbers.size() == 109, "seed " << seed);
    if (middle)
      CHECK(std::ranges::any_of(disk.image(), [](const auto& file) { return file.first.ends_with(".quarantined"); }));
  }
}

TEST_CASE("R4: a tail cut at any byte, flipped in any bit or zeroed gives all records before, and is reported") {
  const auto image = writtenImage(8);
  const auto name = onlySegment(image);
  const auto bytes = image.at(name);
  std::vector<std::int64_t> ends;
  const auto places = recordsOf(bytes, &ends);
  const auto end = places.back();
  // All rows whose records are whole if nothing from `at` on is there.
  const auto rowsBefore = [&](std::int64_t at) {
    std::uint64_t rows = 0;
    for (std::size_t i = 2; i < ends.size(); ++i)
      if (ends[i] <= at) rows += 10;
    return rows;
  };
  const auto check = [&](const Image& damaged, std::int64_t at, bool visible, std::string_view how) {
    SimulatedJournalDisk disk(damaged);
    auto opened = openOn(disk);
    REQUIRE_MESSAGE(opened.journal, opened.code);
    const auto numbers = readBack(disk, *opened.journal, "a");
    CHECK_MESSAGE(numbers.size() == rowsBefore(at), how << " at " << at);
    CHECK(contiguous(numbers));
    if (!visible) return;
    REQUIRE_MESSAGE(opened.contents.troubles.size() == 1, how << " at " << at);
    CHECK(opened.contents.troubles[0].kind == Trouble::Kind::cut);
    CHECK(opened.contents.troubles[0].file == name);
    CHECK(opened.contents.troubles[0].offset <= at);
    CHECK(opened.contents.troubles[0].bytes > 0);
  };
  // places: edges, schema, then a record per group of ten rows.
  REQUIRE(places.size() == 11);
  for (auto at = places[7]; at < end; ++at) {
    // Where a record ends (or only zeros of it are lost) the rest may as well never have been written.
    const auto ofRecord = std::ranges::upper_bound(places, at) - 1;
    const auto index = static_cast<std::size_t>(ofRecord - places.begin());
    auto cut = image;
    cut[name].resize(static_cast<std::size_t>(at));
    check(cut, at, at != places[index] && at < ends[index], "cut");
    auto zeroed = image;
    std::fill(zeroed[name].begin() + at, zeroed[name].end(), '\0');
    const auto lost =
        std::string_view(bytes).substr(static_cast<std::size_t>(at), static_cast<std::size_t>(ends[index] - at));
    const bool nothingLost = at >= ends[index] || lost.find_last_not_of('\0') == std::string_view::npos;
    check(zeroed, nothingLost ? ends[index] : at, at != places[index] && !nothingLost, "zeroed");
  }
  for (auto at = places[9]; at < end; ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = image;
      auto& byte = flipped[name][static_cast<std::size_t>(at)];
      byte = static_cast<char>(byte ^ (1 << bit));
      SimulatedJournalDisk disk(flipped);
      auto opened = openOn(disk);
      const auto rows = opened.journal->next(opened.journal->edge("a"));
      // The bytes that only fill up to a multiple of 8 say nothing.
      if (rows == 80) CHECK(at + 8 > end);
      if (rows != 80) {
        CHECK(rows == 70);
        REQUIRE(opened.contents.troubles.size() == 1);
        CHECK(opened.contents.troubles[0].kind == Trouble::Kind::cut);
      }
    }
  }
}

TEST_CASE("R4: a file that ends in the padding behind its last record has all of it") {
  int padded = 0;
  for (std::size_t length = 0; length < 8; ++length) {
    SimulatedJournalDisk written;
    {
      auto opened = openOn(written);
      const auto edge = opened.journal->edge("a");
      opened.journal->append(edge, rowsFrom(0, 10));
      opened.journal->mark(edge, 1, 5, std::string(length, 'n'));
      written.run();
    }
    const auto image = written.image();
    const auto name = onlySegment(image);
    std::vector<std::int64_t> ends;
    const auto places = recordsOf(image.at(name), &ends);
    for (auto at = ends.back(); at < places.back(); ++at, ++padded) {
      auto cut = image;
      cut[name].resize(static_cast<std::size_t>(at));
      SimulatedJournalDisk disk(cut);
      auto opened = openOn(disk);
      REQUIRE_MESSAGE(opened.journal, opened.code);
      CHECK(readBack(disk, *opened.journal, "a").size() == 10);
      CHECK(opened.contents.edges[0].marks.back().note.size() == length);
    }
  }
  CHECK(padded > 0);
}

TEST_CASE("R5: a damaged middle is set aside with its place and size, and the rows around it stay") {
  const auto image = writtenImage(10);
  const auto name = onlySegment(image);
  const auto places = recordsOf(image.at(name));
  for (std::size_t record = 0; record + 3 < places.size(); ++record) {
    auto damaged = image;
    auto& byte = damaged[name][static_cast<std::size_t>(places[record]) + 20];
    byte = static_cast<char>(byte ^ 4);
    SimulatedJournalDisk disk(damaged);
    auto opened = openOn(disk);
    REQUIRE_MESSAGE(opened.journal, opened.code);
    REQUIRE(!opened.contents.troubles.empty());
    const auto& trouble = opened.contents.troubles[0];
    // The first group holds the table, the schema and ten rows: damage in it makes the rest of it unsure, too.
    CHECK(trouble.kind == Trouble::Kind::quarantined);
    CHECK(trouble.offset == places[record]);
    CHECK(trouble.bytes > 0);
    CHECK(trouble.file.ends_with(".quarantined"));
    CHECK(disk.image().contains(trouble.file));
    CHECK(disk.image().at(trouble.file) == damaged[name]);
    if (record < 3) continue;
    CHECK(trouble.bytes == places[record + 1] - places[record]);
    const auto numbers = readBack(disk, *opened.journal, "a");
    CHECK(numbers.size() == 90);
    REQUIRE(opened.contents.troubles.size() == 2);
    CHECK(opened.contents.troubles[1].kind == Trouble::Kind::missing);
    CHECK(opened.contents.troubles[1].edge == "a");
    CHECK(opened.contents.troubles[1].firstRow == (record - 2) * 10);
    CHECK(opened.contents.troubles[1].rows == 10);
  }
}

TEST_CASE("R5: a segment whose header is damaged, or that is gone, is missed and said") {
  SimulatedJournalDisk disk;
  {
    auto opened = openOn(disk);
    const auto edge = opened.journal->edge("a");
    for (std::uint64_t i = 0; i < 60; ++i) {
      opened.journal->append(edge, rowsFrom(i * 10, 10, 0, 300));
      disk.run();
    }
  }
  const auto image = disk.image();
  const auto second = journal::segmentName(2);
  REQUIRE(image.contains(second));
  for (const bool gone : {false, true}) {
    auto damaged = image;
    if (gone) damaged.erase(second);
    if (!gone) damaged[second][30] = static_cast<char>(damaged[second][30] ^ 1);
    SimulatedJournalDisk after(damaged);
    auto opened = openOn(after);
    REQUIRE_MESSAGE(opened.journal, opened.code);
    std::uint64_t missing = 0;
    for (const auto& trouble : opened.contents.troubles) missing += trouble.rows;
    CHECK(missing > 0);
    CHECK(readBack(after, *opened.journal, "a").size() == 600 - missing);
    CHECK((opened.contents.troubles[0].kind == Trouble::Kind::quarantined) == !gone);
  }
}

TEST_CASE("R6: a sync that fails is never tried again, and nothing is acknowledged after it") {
  for (const std::int64_t times : {1, 1000}) {
    for (std::int64_t after = 0; after < 12; ++after) {
      SimulatedJournalDisk disk;
      auto opened = openOn(disk);
      const auto edge = opened.journal->edge("a");
      disk.failSync(after, times);
      int told = 0;
      opened.journal->listen([&] { ++told; });
      for (std::uint64_t i = 0; i < 40 && !opened.journal->failure(); ++i) {
        opened.journal->append(edge, rowsFrom(i * 10, 10, 0, 400));
        disk.run();
      }
      REQUIRE(opened.journal->failure());
      CHECK(opened.journal->failure()->code == "files.sync_failed");
      CHECK(told > 0);
      CHECK(opened.journal->room() == 0);
      const auto before = opened.journal->durable();
      const auto calls = disk.calls();
      opened.journal->append(edge, rowsFrom(400, 10));
      opened.journal->tryAgain();
      disk.run();
      CHECK(disk.calls() == calls);
      CHECK(opened.journal->durable() == before);
      opened.journal.reset();
      SimulatedJournalDisk again(disk.afterPowerLoss(7, 4096));
      auto reopened = openOn(again);
      REQUIRE(reopened.journal);
      CHECK(readBack(again, *reopened.journal, "a").size() >= before * 10);
    }
  }
}

TEST_CASE("R7: with the disk full at any write nothing fails, and it goes on when there is room") {
  for (std::int64_t after = 0; after < 30; ++after) {
    SimulatedJournalDisk disk;
    auto opened = openOn(disk);
    const auto edge = opened.journal->edge("a");
    disk.failWrites(after, 6);
    std::uint64_t given = 0;
    bool troubled = false;
    for (int i = 0; i < 60; ++i) {
      opened.journal->append(edge, rowsFrom(given, 10, 0, 300));
      given += 10;
      disk.run();
      REQUIRE(!opened.journal->failure());
      if (const auto trouble = opened.journal->trouble()) {
        troubled = true;
        CHECK(trouble->code == "files.disk_full");
      }
    }
    CHECK(troubled == (disk.writes() > after));
    opened.journal->tryAgain();
    disk.run();
    CHECK(opened.journal->durable() == opened.journal->last());
    CHECK(!opened.journal->trouble());
    CHECK(readBack(disk, *opened.journal, "a").size() == given);
  }
}

TEST_CASE("R7: room ends before the disk does, what was accepted is written, and freed segments give room again") {
  SimulatedJournalDisk disk;
  disk.setCapacity(1 << 20);
  auto options = smallOptions();
  auto opened = openOn(disk, options);
  const auto edge = opened.journal->edge("a");
  std::uint64_t given = 0, read = 0;
  for (int round = 0; round < 20; ++round) {
    while (opened.journal->room() > 0) {
      opened.journal->append(edge, rowsFrom(given, 10, 0, 500));
      given += 10;
      disk.run();
    }
    CHECK(opened.journal->durable() == opened.journal->last());
    CHECK(disk.takenBytes() <= 1 << 20);
    const auto numbers = readBack(disk, *opened.journal, "a", read);
    CHECK(numbers.size() == given - read);
    opened.journal->release(edge, read = given);
    disk.run();
    opened.journal->tryAgain();
    disk.run();
    CHECK(opened.journal->room() > 0);
  }
  CHECK(given > 20 * 500);
}

TEST_CASE("R7: on a disk of any size marks are written when room is out, and what they free gives room again") {
  for (std::int64_t capacity = 300'000; capacity < 9'000'000; capacity += capacity / 7) {
    CAPTURE(capacity);
    SimulatedJournalDisk disk;
    disk.setCapacity(capacity);
    auto opened = openOn(disk, {.run = "run-1"});
    const auto edge = opened.journal->edge("a");
    std::uint64_t given = 0;
    for (std::uint64_t checkpoint = 1; checkpoint < 12; ++checkpoint) {
      REQUIRE(opened.journal->room() > 0);
      while (opened.journal->room() > 0) {
        opened.journal->append(edge, rowsFrom(given, 10, 0, 500));
        given += 10;
        disk.run();
      }
      // What steps still give that had begun.
      opened.journal->append(edge, rowsFrom(given, 10, 0, 500));
      const auto position = given += 10;
      opened.journal->mark(edge, checkpoint, position, "");
      disk.run();
      REQUIRE(opened.journal->durable() == opened.journal->last());
      opened.journal->release(edge, position, checkpoint);
      disk.run();
    }
    CHECK(!opened.journal->trouble());
  }
}

TEST_CASE("R7: on a disk that others have filled it goes on when they leave room, without anything new to write") {
  SimulatedJournalDisk disk;
  auto opened = openOn(disk);
  const auto edge = opened.journal->edge("a");
  std::uint64_t given = 0;
  for (int round = 0; round < 5; ++round) {
    opened.journal->append(edge, rowsFrom(given, 10, 0, 500));
    given += 10;
    disk.run();
    disk.setCapacity(disk.takenBytes());
    for (int i = 0; i < 1000 && opened.journal->room() > 0; ++i) {
      opened.journal->append(edge, rowsFrom(given, 10, 0, 500));
      given += 10;
      disk.run();
    }
    CHECK(opened.journal->room() == 0);
    REQUIRE(opened.journal->trouble());
    CHECK(opened.journal->trouble()->code == "files.disk_full");
    CHECK(opened.journal->durable() == opened.journal->last());
    int told = 0;
    opened.journal->listen([&] { ++told; });
    disk.setCapacity(16 << 20);
    opened.journal->tryAgain();
    disk.run();
    CHECK(told > 0);
    CHECK(!opened.journal->trouble());
    CHECK(opened.journal->room() > 0);
  }
  CHECK(readBack(disk, *opened.journal, "a") == upTo(static_cast<std::int64_t>(given)));
}

TEST_CASE("marks of checkpoints without rows do not fill the disk in the long run") {
  SimulatedJournalDisk disk;
  auto opened = openOn(disk);
  const auto edge = opened.journal->edge("a");
  for (std::uint64_t checkpoint = 1; checkpoint <= 20'000; ++checkpoint) {
    opened.journal->mark(edge, checkpoint, 0, "");
    disk.run();
    opened.journal->release(edge, 0, checkpoint);
  }
  CHECK(disk.takenBytes() <= 2 * (64 << 10));
}

TEST_CASE("R7: the bound on the disk is kept") {
  SimulatedJournalDisk disk;
  auto options = smallOptions();
  options.diskBytes = 1 << 20;
  auto opened = openOn(disk, options);
  const auto edge = opened.journal->edge("a");
  std::uint64_t given = 0;
  for (int round = 0; round < 10; ++round) {
    while (opened.journal->room() > 0) {
      opened.journal->append(edge, rowsFrom(given, 10, 0, 500));
      given += 10;
      disk.run();
    }
    CHECK(disk.takenBytes() <= 1 << 20);
    opened.journal->release(edge, given);
    disk.run();
    CHECK(opened.journal->room() > 0);
  }
}

TEST_CASE("R8: without file handles, or with a disk that takes long, rows wait and nothing is lost") {
  SimulatedJournalDisk disk;
  auto opened = openOn(disk);
  const auto edge = opened.journal->edge("a");
  std::uint64_t given = 0;
  disk.setHandles(1);
  for (int i = 0; i < 60; ++i) {
    opened.journal->append(edge, rowsFrom(given, 10, 0, 300));
    given += 10;
    disk.run();
  }
  disk.setHandles(0);
  for (int i = 0; i < 60 && !opened.journal->trouble(); ++i) {
    opened.journal->append(edge, rowsFrom(given, 10, 0, 300));
    given += 10;
    disk.run();
  }
  REQUIRE(opened.journal->trouble());
  CHECK(opened.journal->trouble()->code == "files.too_many_open");
  CHECK(opened.journal->room() == 0);
  CHECK(!opened.journal->failure());
  disk.setHandles(100);
  opened.journal->tryAgain();
  disk.run();
  CHECK(opened.journal->durable() == opened.journal->last());
  // A slow disk: rows come and come, and none is done; then room is out long before memory is.
  while (opened.journal->room() > 0) opened.journal->append(edge, rowsFrom(given += 10, 10, 0, 50'000));
  CHECK(opened.journal->durable() < opened.journal->last());
  CHECK(opened.journal->counters().pendingBytes < 66 << 20);
  disk.run();
  CHECK(opened.journal->durable() == opened.journal->last());
}

}  // namespace weir
