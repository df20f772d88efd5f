// What the journal's tests share: rows to write, a journal on a simulated disk, and reading it back.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/journal/format.h"
#include "engine/journal/journal.h"
#include "hosts/simulation/simulated-journal-disk.h"

namespace weir::journal_trial {

using journal::Trouble;
using simulation::SimulatedJournalDisk;
using Image = SimulatedJournalDisk::Image;

inline Batch rowsFrom(std::uint64_t first, std::int64_t count, std::uint32_t partition = 0, std::int64_t padding = 0) {
  std::vector<Value> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::int64_t>(first) + i;
    rows.push_back(Value::map(
        {{Value::string("n"), Value::int64(number)},
         {Value::string("text"), Value::string(std::string(static_cast<std::size_t>(padding + number % 7), 'x'))}}));
  }
  Envelope envelope;
  envelope.origin = 1;
  envelope.partition = partition;
  envelope.firstSequence = first + 1;
  envelope.timestampMicros = 1'750'000'000'000'000;
  return batchOfRows(rows, MemoryAccount::unlimited())->withEnvelope(envelope);
}

inline JournalOptions smallOptions() { return {.run = "run-1", .diskBytes = 8 << 20, .segmentBytes = 64 << 10}; }

struct Opened {
  JournalContents contents;
  std::unique_ptr<Journal> journal;
  std::string code;
};

inline Opened openOn(SimulatedJournalDisk& disk, JournalOptions options = smallOptions()) {
  Opened opened;
  auto made = Journal::open(disk, std::move(options), opened.contents);
  if (made) {
    opened.journal = std::move(*made);
  } else {
    opened.code = made.error().code;
  }
  return opened;
}

/// The numbers of all rows of an edge that the journal can read back, in its order.
inline std::vector<std::int64_t> readBack(SimulatedJournalDisk& disk, Journal& journal, std::string_view edge,
                                          std::uint64_t from = 0) {
  std::vector<std::int64_t> numbers;
  const auto number = journal.edge(edge);
  auto reader = journal.read(number, from, journal.next(number), MemoryAccount::unlimited());
  for (;;) {
    auto operation = reader.next(Waker());
    disk.run();
    auto rows = operation.take();
    if (!rows) MESSAGE(rows.error().message);
    REQUIRE(rows);
    if (!*rows) return numbers;
    const auto& batch = (*rows)->batch;
    for (std::int64_t row = 0; row < batch.rows(); ++row) numbers.push_back(batch.value(row, 0).int64());
  }
}

inline std::vector<std::int64_t> upTo(std::int64_t count) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

/// `count` records of ten rows each, every one a group of its own.
inline Image writtenImage(int count) {
  SimulatedJournalDisk disk;
  auto opened = openOn(disk);
  const auto edge = opened.journal->edge("a");
  for (int i = 0; i < count; ++i) {
    opened.journal->append(edge, rowsFrom(static_cast<std::uint64_t>(i) * 10, 10));
    disk.run();
  }
  return disk.image();
}

inline std::string onlySegment(const Image& image) {
  std::string found;
  for (const auto& [name, bytes] : image)
    if (name.ends_with(".segment") && (found.empty() || bytes.find_last_not_of('\0') > 300))
      found = found.empty() ? name : found;
  return found;
}

/// Where the records of a segment begin, and the last ends; `ends`: where their payloads end.
inline std::vector<std::int64_t> recordsOf(const std::string& bytes, std::vector<std::int64_t>* ends = nullptr) {
  std::vector<std::int64_t> places;
  auto header = journal::decodeHeader(bytes, 1);
  REQUIRE(header);
  auto at = journal::kHeaderBytes;
  for (;;) {
    journal::RecordHead head;
    const journal::SealPlace place{header->id, header->epoch, at};
    places.push_back(at);
    if (!journal::decodeHead(std::string_view(bytes).substr(static_cast<std::size_t>(at)), place, head)) return places;
    if (ends != nullptr) ends->push_back(at + journal::kHeadBytes + head.payloadBytes);
    at += journal::recordBytes(head.payloadBytes);
  }
}

inline bool contiguous(const std::vector<std::int64_t>& numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (numbers[i] != static_cast<std::int64_t>(i)) return false;
  return true;
}

}  // namespace weir::journal_trial
