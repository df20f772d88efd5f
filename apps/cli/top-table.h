// The live table of a run's nodes, from the figures that it sends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json/value.h"

namespace weir::cli {

/// Of one message of the subscription "metrics".
struct Figures {
  struct Node {
    std::string id, typeId, waitsFor, breaker;
    std::int64_t rowsIn = 0, rowsOut = 0, failed = 0, retries = 0, busyNanos = 0;
    std::int64_t queued = 0;  // rows that wait in front of it
    double fill = 0;          // of its fullest edge, 0..1
    bool done = false;
  };
  std::int64_t elapsedMicros = 0, usedBytes = 0, deadLetters = 0, errors = 0;
  std::vector<Node> nodes;
};

[[nodiscard]] Figures figuresOf(const json::Value& metrics);

enum class TopSort : std::uint8_t { flow, rate, busy, queue, errors, name };

/// Head line and one line a node: rows a second since `before`, what waits, how busy it is, what it waits for. Columns
/// that do not fit into `width` are left out, the least telling first.
[[nodiscard]] std::string topTable(const Figures& now, const Figures* before, TopSort sort, int width);

}  // namespace weir::cli
