// EdgeTable: what a journal knows of its edges: how far each is written, and how far read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/error.h"

namespace weir::journal {

/// Where the barrier of a checkpoint passed an edge.
struct EdgeMark {
  std::uint64_t checkpoint = 0;
  std::uint64_t position = 0;  // the rows before it came before the barrier
  std::string note;            // the owner's
};

struct EdgeState {
  std::string id;
  std::uint64_t next = 0;         // the number of rows so far: the sequence of the next
  std::uint64_t position = 0;     // the rows before it are needed no more
  std::vector<EdgeMark> marks{};  // from the last completed checkpoint on
};

/// Edges are numbered from 1 on in the order in which they came, and keep their number.
class EdgeTable {
 public:
  [[nodiscard]] std::uint32_t numberOf(std::string_view id);
  [[nodiscard]] EdgeState& at(std::uint32_t number) { return edges_[number - 1]; }
  [[nodiscard]] const EdgeState& at(std::uint32_t number) const { return edges_[number - 1]; }
  [[nodiscard]] bool has(std::uint32_t number) const { return number >= 1 && number <= edges_.size(); }
  [[nodiscard]] const std::vector<EdgeState>& all() const { return edges_; }
  /// A mark with the number of an earlier one, or a lower one, comes from a run that went back: it replaces those.
  void marked(std::uint32_t number, EdgeMark mark);
  /// Marks of checkpoints before this one.
  void forget(std::uint32_t number, std::uint64_t checkpoint);

  /// By origin and partition: all rows up to this sequence are on all edges that lead away from the origin.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> tops;
  /// What the owner wants to find with the edges: it reads it at recovery.
  std::string note;

  void encode(std::string& to) const;
  [[nodiscard]] static Result<EdgeTable> decode(std::string_view bytes);

 private:
  std::vector<EdgeState> edges_;
};

}  // namespace weir::journal
