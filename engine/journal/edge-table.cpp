// The table, and its bytes.
#include "engine/journal/edge-table.h"

#include <algorithm>

#include "engine/journal/little-endian.h"

namespace weir::journal {
namespace {

constexpr std::size_t kTopBytes = 16, kLeastEdgeBytes = 24, kLeastMarkBytes = 20;

std::unexpected<Error> badTable() {
  return fail("journal.corrupt",
              "a table of edges in the journal does not make sense; it was written by a faulty release");
}

}  // namespace

std::uint32_t EdgeTable::numberOf(std::string_view id) {
  const auto found = std::ranges::find(edges_, id, &EdgeState::id);
  if (found != edges_.end()) return static_cast<std::uint32_t>(found - edges_.begin()) + 1;
  edges_.push_back(EdgeState{.id = std::string(id)});
  return static_cast<std::uint32_t>(edges_.size());
}

void EdgeTable::marked(std::uint32_t number, EdgeMark mark) {
  auto& marks = at(number).marks;
  std::erase_if(marks, [&](const EdgeMark& known) { return known.checkpoint >= mark.checkpoint; });
  marks.push_back(std::move(mark));
}

void EdgeTable::forget(std::uint32_t number, std::uint64_t checkpoint) {
  std::erase_if(at(number).marks, [&](const EdgeMark& mark) { return mark.checkpoint < checkpoint; });
}

void EdgeTable::encode(std::string& to) const {
  putText(to, note);
  put(to, static_cast<std::uint32_t>(tops.size()));
  for (const auto& [source, sequence] : tops) {
    put(to, source.first);
    put(to, source.second);
    put(to, sequence);
  }
  put(to, static_cast<std::uint32_t>(edges_.size()));
  for (const auto& edge : edges_) {
    putText(to, edge.id);
    put(to, edge.next);
    put(to, edge.position);
    put(to, static_cast<std::uint32_t>(edge.marks.size()));
    for (const auto& mark : edge.marks) {
      put(to, mark.checkpoint);
      put(to, mark.position);
      putText(to, mark.note);
    }
  }
}

Result<EdgeTable> EdgeTable::decode(std::string_view bytes) {
  EdgeTable table;
  Taking from{.rest = bytes};
  table.note = from.text();
  const auto tops = from.number<std::uint32_t>();
  if (from.bad || tops > from.rest.size() / kTopBytes) return badTable();
  for (std::uint32_t top = 0; top < tops; ++top) {
    const auto origin = from.number<std::uint32_t>();
    const auto partition = from.number<std::uint32_t>();
    table.tops[{origin, partition}] = from.number<std::uint64_t>();
  }
  const auto edges = from.number<std::uint32_t>();
  if (from.bad || edges > from.rest.size() / kLeastEdgeBytes) return badTable();
  for (std::uint32_t i = 0; i < edges; ++i) {
    EdgeState edge;
    edge.id = from.text();
    edge.next = from.number<std::uint64_t>();
    edge.position = from.number<std::uint64_t>();
    const auto marks = from.number<std::uint32_t>();
    if (from.bad || marks > from.rest.size() / kLeastMarkBytes) return badTable();
    for (std::uint32_t mark = 0; mark < marks; ++mark) {
      const auto checkpoint = from.number<std::uint64_t>();
      const auto position = from.number<std::uint64_t>();
      edge.marks.push_back({.checkpoint = checkpoint, .position = position, .note = std::string(from.text())});
    }
    table.edges_.push_back(std::move(edge));
  }
  if (from.bad || !from.rest.empty()) return badTable();
  return table;
}

}  // namespace weir::journal
