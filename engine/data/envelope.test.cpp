// Envelopes: every row keeps where it came from, however batches are cut, filtered and joined.
#include "engine/data/envelope.h"

#include <doctest/doctest.h>

#include <vector>

#include "engine/data/hash.h"

namespace weir {
namespace {

struct Row {
  EnvelopePlace place;
  EnvelopeRun run;
};

/// An envelope and what it should say of each row.
struct Modelled {
  Envelope envelope;
  std::vector<Row> rows;
};

void check(const Modelled& modelled) {
  for (std::size_t i = 0; i < modelled.rows.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const auto place = modelled.envelope.place(row);
    const auto run = modelled.envelope.at(row);
    const auto& wanted = modelled.rows[i];
    REQUIRE(place.origin == wanted.place.origin);
    REQUIRE(place.partition == wanted.place.partition);
    REQUIRE(place.sequence == wanted.place.sequence);
    REQUIRE(modelled.envelope.sequence(row) == wanted.place.sequence);
    REQUIRE(run.timestampMicros == wanted.run.timestampMicros);
    REQUIRE(run.priority == wanted.run.priority);
    REQUIRE(run.trace == wanted.run.trace);
  }
}

/// The rule of formats.md.
void checkEighth(const Modelled& modelled) {
  const auto* detail = modelled.envelope.detail.get();
  if (detail == nullptr) return;
  const auto rows = modelled.rows.size();
  CHECK(detail->runs.size() <= std::max<std::size_t>(rows / 8, 1));
  CHECK(detail->places.size() <= std::max<std::size_t>(rows / 8, 1));
  CHECK((detail->offsets.empty() || detail->places.empty()));
  for (const auto columnRows :
       {detail->timestamps.size(), detail->priorities.size(), detail->traces.size(), detail->origins.size(),
        detail->partitions.size(), detail->sequences.size(), detail->offsets.size()}) {
    CHECK((columnRows == 0 || columnRows == rows));
  }
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return (state_ = hash::ofUint64(state_ + 1)) % bound; }

 private:
  std::uint64_t state_;
};

Modelled consecutive(Dice& dice) {
  Modelled made;
  auto& envelope = made.envelope;
  envelope.origin = 1 + static_cast<std::uint32_t>(dice.below(2));
  envelope.partition = static_cast<std::uint32_t>(dice.below(3));
  envelope.firstSequence = dice.below(2) == 0 ? dice.below(50) : dice.below(1) + (std::uint64_t{1} << 40U);
  envelope.timestampMicros = static_cast<std::int64_t>(dice.below(3));
  envelope.priority = static_cast<std::int32_t>(dice.below(2));
  const auto rows = 1 + dice.below(dice.below(2) == 0 ? 3 : 60);
  for (std::uint64_t i = 0; i < rows; ++i) {
    made.rows.push_back(
        {{.origin = envelope.origin, .partition = envelope.partition, .sequence = envelope.firstSequence + i},
         {.timestampMicros = envelope.timestampMicros, .priority = envelope.priority}});
  }
  return made;
}

Modelled joined(const std::vector<Modelled>& parts) {
  Modelled made;
  EnvelopeJoin join;
  for (const auto& part : parts) {
    join.add(part.envelope, static_cast<std::int64_t>(part.rows.size()));
    made.rows.insert(made.rows.end(), part.rows.begin(), part.rows.end());
  }
  made.envelope = std::move(join).finish();
  return made;
}

Modelled traced(Dice& dice) {
  auto made = consecutive(dice);
  EnvelopeJoin join;
  for (auto& row : made.rows) {
    if (dice.below(3) == 0) row.run.trace = {dice.below(5), 7};
    join.add(row.place, row.run);
  }
  made.envelope = std::move(join).finish();
  return made;
}

Modelled changed(const Modelled& from, Dice& dice) {
  Modelled made;
  const auto rows = from.rows.size();
  if (dice.below(2) == 0) {
    const auto begin = dice.below(rows);
    const auto count = 1 + dice.below(rows - begin);
    made.envelope = from.envelope.slice(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(count));
    const auto at = from.rows.begin() + static_cast<std::ptrdiff_t>(begin);
    made.rows.assign(at, at + static_cast<std::ptrdiff_t>(count));
    return made;
  }
  std::vector<std::uint32_t> chosen;
  const bool sorted = dice.below(2) == 0;
  for (std::uint32_t i = 0; i < rows; ++i) {
    if (dice.below(2) == 0) chosen.push_back(sorted ? i : static_cast<std::uint32_t>(dice.below(rows)));
  }
  if (chosen.empty()) chosen.push_back(0);
  made.envelope = from.envelope.select(chosen.data(), static_cast<std::int64_t>(chosen.size()));
  for (const auto row : chosen) made.rows.push_back(from.rows[row]);
  return made;
}

TEST_CASE("rows keep origin, partition, sequence, time, priority and trace through any joins, slices and selections") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    std::vector<Modelled> pool;
    for (int i = 0; i < 4; ++i) pool.push_back(dice.below(3) == 0 ? traced(dice) : consecutive(dice));
    for (int step = 0; step < 12; ++step) {
      const auto pick = [&]() -> const Modelled& { return pool[dice.below(pool.size())]; };
      auto made = dice.below(2) == 0 ? changed(pick(), dice) : joined({pick(), pick(), pick()});
      check(made);
      checkEighth(made);
      if (made.rows.size() < 600) pool.push_back(std::move(made));
    }
  }
}

TEST_CASE("small pieces of many files are stored as plain columns, pieces of few as places") {
  const auto piecesOf = [](std::int64_t rows, int pieces) {
    EnvelopeJoin join;
    for (int i = 0; i < pieces; ++i) {
      join.add(Envelope{.origin = 1, .partition = static_cast<std::uint32_t>(i), .firstSequence = 5}, rows);
    }
    return std::move(join).finish();
  };
  const auto many = piecesOf(3, 100);
  CHECK(many.detail->places.empty());
  CHECK(many.detail->partitions.size() == 300);
  CHECK(many.detail->sequences.size() == 300);
  CHECK(many.detail->origins.empty());
  CHECK(many.place(31).partition == 10);
  CHECK(many.place(31).sequence == 6);
  const auto few = piecesOf(30, 10);
  CHECK(few.detail->places.size() == 10);
  CHECK(few.detail->sequences.empty());
  CHECK(few.place(61).sequence == 6);
}

TEST_CASE("rows of different times are plain columns past an eighth, and what they share is not stored") {
  EnvelopeJoin join;
  for (std::uint64_t i = 0; i < 64; ++i) {
    join.add(Envelope{.origin = 1, .firstSequence = i, .timestampMicros = static_cast<std::int64_t>(i / 4)}, 1);
  }
  const auto plain = std::move(join).finish();
  CHECK(plain.detail->runs.empty());
  CHECK(plain.detail->timestamps.size() == 64);
  CHECK(plain.detail->priorities.empty());
  CHECK(plain.detail->traces.empty());
  CHECK(plain.detail->sequences.empty());
  const auto back = plain.slice(8, 4);
  CHECK(back.detail == nullptr);
  CHECK(back.timestampMicros == 2);
  CHECK(back.firstSequence == 8);
}

}  // namespace
}  // namespace weir
