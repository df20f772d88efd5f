// The journal on a simulated disk: what goes in comes out, what is not its own is refused.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/reliability/journal-trial.h"

namespace weir {

using namespace journal_trial;

TEST_CASE("rows are durable only after the disk has them, and come back as they were") {
  SimulatedJournalDisk disk;
  auto opened = openOn(disk);
  CHECK(opened.contents.edges.empty());
  const auto a = opened.journal->edge("a");
  const auto b = opened.journal->edge("b");
  const auto first = opened.journal->append(a, rowsFrom(0, 10, 3));
  const auto second = opened.journal->append(b, rowsFrom(0, 5, 4));
  opened.journal->reached(1, 3, 10);
  opened.journal->append(a, rowsFrom(10, 10, 3));
  opened.journal->reached(1, 4, 5);
  const auto third = opened.journal->reached(1, 3, 20);
  CHECK(opened.journal->durable() < first);
  disk.run();
  CHECK(opened.journal->durable() == third);
  CHECK(second < third);
  opened.journal.reset();
  SimulatedJournalDisk after(disk.afterPowerLoss(1, 512));
  auto again = openOn(after);
  REQUIRE(again.journal);
  CHECK(again.contents.troubles.empty());
  CHECK(again.contents.epoch == 2);
  CHECK(again.contents.run == "run-1");
  REQUIRE(again.contents.edges.size() == 2);
  CHECK(again.contents.edges[0].next == 20);
  CHECK(again.contents.tops.at({1, 3}) == 20);
  CHECK(again.contents.tops.at({1, 4}) == 5);
  CHECK(readBack(after, *again.journal, "a") == upTo(20));
  CHECK(readBack(after, *again.journal, "b") == upTo(5));
  CHECK(readBack(after, *again.journal, "a", 7).size() == 13);
}

TEST_CASE("envelopes come back: a plain one in short, another one whole") {
  SimulatedJournalDisk disk;
  auto opened = openOn(disk);
  const auto edge = opened.journal->edge("a");
  opened.journal->append(edge, rowsFrom(0, 4, 9));
  const std::uint32_t picked[] = {0, 3};
  disk.run();
  opened.journal->append(edge, *rowsFrom(4, 4, 9).gather(picked));
  disk.run();
  auto reader = opened.journal->read(edge, 0, 6, MemoryAccount::unlimited());
  auto first = reader.next(Waker());
  auto second = reader.next(Waker());
  disk.run();
  const auto plain = first.take();
  const auto whole = second.take();
  REQUIRE((plain && *plain && whole && *whole));
  CHECK((*plain)->batch.envelope().place(3).sequence == 4);
  CHECK((*plain)->batch.envelope().partition == 9);
  CHECK((*plain)->batch.envelope().timestampMicros == 1'750'000'000'000'000);
  CHECK((*whole)->batch.envelope().place(0).sequence == 5);
  CHECK((*whole)->batch.envelope().place(1).sequence == 8);
}

TEST_CASE("what comes while the disk is busy is one group, its small batches one record") {
  SimulatedJournalDisk disk;
  auto opened = openOn(disk);
  const auto edge = opened.journal->edge("a");
  opened.journal->append(edge, rowsFrom(0, 1));
  disk.run();
  const auto groups = opened.journal->counters().groups;
  const auto written = opened.journal->counters().writtenBytes;
  for (std::uint64_t i = 1; i <= 100; ++i) opened.journal->append(edge, rowsFrom(i, 1, 0, 200));
  disk.run();
  CHECK(opened.journal->counters().groups == groups + 1);
  CHECK(opened.journal->counters().writtenBytes - written < 100 * 230);
  CHECK(readBack(disk, *opened.journal, "a") == upTo(101));
}

TEST_CASE("a segment goes when every edge is past it, and what lies behind stays") {
  SimulatedJournalDisk disk;
  auto opened = openOn(disk);
  const auto a = opened.journal->edge("a");
  const auto b = opened.journal->edge("b");
  for (std::uint64_t i = 0; i < 100; ++i) {
    opened.journal->append(a, rowsFrom(i * 10, 10, 0, 200));
    opened.journal->append(b, rowsFrom(i * 10, 10, 0, 20));
    opened.journal->reached(1, 0, i * 10 + 10);
    disk.run();
  }
  const auto before = opened.journal->counters().segments;
  REQUIRE(before >= 4);
  opened.journal->release(a, 1000);
  opened.journal->release(b, 10);
  disk.run();
  // Only one edge holds them: its rows were copied together.
  const auto compacted = opened.journal->counters();
  CHECK(compacted.diskBytes < before * (64 << 10) * 3 / 5);
  CHECK(readBack(disk, *opened.journal, "b", 10).size() == 990);
  opened.journal->release(b, 1000);
  disk.run();
  CHECK(opened.journal->counters().segments <= 2);
  opened.journal.reset();
  SimulatedJournalDisk after(disk.afterPowerLoss(3, 4096));
  auto again = openOn(after);
  CHECK(again.contents.troubles.empty());
  CHECK(again.contents.waitingRows() == 0);
  CHECK(again.journal->next(again.journal->edge("a")) == 1000);
  CHECK(again.contents.tops.at({1, 0}) == 1000);
}

TEST_CASE("a row larger than a segment gets a segment of its size") {
  SimulatedJournalDisk disk;
  auto opened = openOn(disk);
  const auto edge = opened.journal->edge("a");
  opened.journal->append(edge, rowsFrom(0, 1, 0, 300'000));
  opened.journal->append(edge, rowsFrom(1, 50, 0, 9'000));
  const auto last = opened.journal->append(edge, rowsFrom(51, 1));
  disk.run();
  CHECK(opened.journal->durable() == last);
  CHECK(readBack(disk, *opened.journal, "a") == upTo(52));
}

TEST_CASE("a journal of a newer release, another run or a newer owner is refused by name and left as it is") {
  const auto image = writtenImage(3);
  const auto name = onlySegment(image);
  auto newer = image;
  newer[name][8] = 2;
  SimulatedJournalDisk disk(newer);
  auto opened = openOn(disk);
  CHECK(opened.code == "journal.newer_version");
  CHECK(disk.image() == newer);
  SimulatedJournalDisk fenced(image);
  auto options = smallOptions();
  {
    options.epoch = 9;
    auto owner = openOn(fenced, options);
    owner.journal->append(owner.journal->edge("a"), rowsFrom(30, 1));
    fenced.run();
  }
  const auto before = fenced.image();
  options.epoch = 8;
  CHECK(openOn(fenced, options).code == "journal.fenced");
  options.epoch = 10;
  options.run = "run-2";
  CHECK(openOn(fenced, options).code == "journal.other_run");
  CHECK(fenced.image() == before);
}

TEST_CASE("a record at another place, in another segment or of another owner does not count") {
  auto image = writtenImage(20);
  const auto name = onlySegment(image);
  const auto places = recordsOf(image[name]);
  auto moved = image;
  std::size_t same = 3;
  while (same + 2 < places.size() && places[same + 1] - places[same] != places[same + 2] - places[same + 1]) ++same;
  REQUIRE(same + 2 < places.size() - 1);
  const auto size = static_cast<std::size_t>(places[same + 1] - places[same]);
  moved[name].replace(static_cast<std::size_t>(places[same + 1]), size, image[name],
                      static_cast<std::size_t>(places[same]), size);
  SimulatedJournalDisk disk(moved);
  auto opened = openOn(disk);
  CHECK(opened.contents.troubles[0].kind == Trouble::Kind::quarantined);
  auto renamed = image;
  renamed[journal::segmentName(77)] = image[name];
  SimulatedJournalDisk other(renamed);
  auto second = openOn(other);
  REQUIRE(second.journal);
  CHECK(readBack(other, *second.journal, "a") == upTo(200));
  CHECK(std::ranges::any_of(other.image(),
                            [](const auto& file) { return file.first == journal::segmentName(77, "quarantined"); }));
}

TEST_CASE("marks of checkpoints come back from the last completed one on, also after their segment has gone") {
  SimulatedJournalDisk disk;
  {
    auto opened = openOn(disk);
    const auto edge = opened.journal->edge("a");
    for (std::uint64_t checkpoint = 1; checkpoint <= 30; ++checkpoint) {
      const auto from = (checkpoint - 1) * 20;
      opened.journal->append(edge, rowsFrom(from, 10, 0, 400));
      const auto ticket = opened.journal->mark(edge, checkpoint, from + 10, "note " + std::to_string(checkpoint));
      opened.journal->append(edge, rowsFrom(from + 10, 10, 0, 400));
      disk.run();
      CHECK(opened.journal->durable() > ticket);
      if (checkpoint <= 28) opened.journal->release(edge, from + 10, checkpoint);
      disk.run();
    }
    CHECK(opened.journal->counters().segments <= 3);
  }
  SimulatedJournalDisk after(disk.afterPowerLoss(5, 512));
  auto again = openOn(after);
  REQUIRE(again.journal);
  CHECK(again.contents.troubles.empty());
  const auto& marks = again.contents.edges[0].marks;
  const auto found = std::ranges::find(marks, 28U, &journal::EdgeMark::checkpoint);
  REQUIRE(found != marks.end());
  CHECK(found->position == 27 * 20 + 10);
  CHECK(found->note == "note 28");
  CHECK(marks.back().checkpoint == 30);
  // A run that went back to 28 counts on from there.
  const auto edge = again.journal->edge("a");
  again.journal->mark(edge, 29, 555, "again");
  after.run();
  again.journal.reset();
  auto last = openOn(after);
  CHECK(last.contents.edges[0].marks.back().checkpoint == 29);
  CHECK(last.contents.edges[0].marks.back().note == "again");
}

namespace {

/// Turns bytes over and adds a check, as a cipher would.
class Turning final : public journal::Sealer {
 public:
  [[nodiscard]] std::string_view keyId() const override { return "key-7"; }
  Result<void> seal(const journal::SealPlace& place, std::string_view plain, std::string& out) override {
    for (const char byte : plain) out += static_cast<char>(byte ^ static_cast<char>(place.offset));
    out += "SEAL";
    return {};
  }
  Result<void> open(const journal::SealPlace& place, std::string_view sealed, std::string& out) override {
    if (!sealed.ends_with("SEAL")) return fail("journal.corrupt", "not sealed");
    for (const char byte : sealed.substr(0, sealed.size() - 4))
      out += static_cast<char>(byte ^ static_cast<char>(place.offset));
    return {};
  }
};

}  // namespace

TEST_CASE("a sealed journal shows nothing of its rows, and opens only with its key") {
  Turning sealer;
  SimulatedJournalDisk disk;
  auto options = smallOptions();
  options.sealer = &sealer;
  {
    auto opened = openOn(disk, options);
    const auto edge = opened.journal->edge("a");
    for (std::uint64_t i = 0; i < 30; ++i) opened.journal->append(edge, rowsFrom(i * 10, 10, 0, 400));
    disk.run();
    CHECK(readBack(disk, *opened.journal, "a") == upTo(300));
  }
  for (const auto& [name, bytes] : disk.image()) CHECK(bytes.find("xxxxxxxx") == std::string::npos);
  CHECK(openOn(disk).code == "journal.sealed");
  auto opened = openOn(disk, options);
  REQUIRE(opened.journal);
  CHECK(readBack(disk, *opened.journal, "a") == upTo(300));
}

}  // namespace weir
