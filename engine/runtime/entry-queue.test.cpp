// Tests of the queue behind a link.
#include "engine/runtime/entry-queue.h"

#include <doctest/doctest.h>

namespace weir::runtime {
namespace {

std::vector<Entry> numbered(std::int64_t from, std::int64_t count) {
  std::vector<Entry> entries;
  for (auto i = from; i < from + count; ++i) entries.push_back(Entry{.rows = 1, .firstRow = i});
  return entries;
}

bool counts(std::span<const Entry> entries, std::int64_t from) {
  for (const auto& entry : entries)
    if (entry.firstRow != from++) return false;
  return true;
}

TEST_CASE("entries leave in the order in which they came, one by one or all at once") {
  EntryQueue queue;
  auto some = numbered(0, 200);
  queue.append(some);
  CHECK(some.empty());
  for (std::int64_t i = 0; i < 150; ++i) CHECK(queue.pop().firstRow == i);
  CHECK(queue.size() == 50);
  auto more = numbered(200, 10);
  queue.append(more);
  queue.push(Entry{.rows = 1, .firstRow = 210});
  CHECK(counts(queue.all(), 150));
  std::vector<Entry> out;
  queue.drainInto(out);
  CHECK(queue.empty());
  REQUIRE(out.size() == 61);
  CHECK(counts(out, 150));
}

TEST_CASE("entries that are given back are the first again") {
  EntryQueue queue;
  auto some = numbered(0, 10);
  queue.append(some);
  std::vector<Entry> taken;
  for (int i = 0; i < 4; ++i) taken.push_back(queue.pop());
  queue.pushFront(std::span(taken).subspan(1));
  CHECK(queue.size() == 9);
  CHECK(counts(queue.all(), 1));
  // All of them taken, others came meanwhile.
  std::vector<Entry> all;
  queue.drainInto(all);
  auto more = numbered(10, 5);
  queue.append(more);
  queue.pushFront(all);
  CHECK(queue.size() == 14);
  CHECK(counts(queue.all(), 1));
}

}  // namespace
}  // namespace weir::runtime
