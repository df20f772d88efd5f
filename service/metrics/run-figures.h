// RunFigures: what an engine has counted in one run since the run began there.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir::metrics {

/// Counters, in the order of kNodeCounters.
struct NodeFigures {
  std::string id;
  std::array<std::int64_t, 7> counters{};
  bool breakerOpen = false;
};

/// Counters, in the order of kEdgeCounters; what waits in it now.
struct EdgeFigures {
  std::string id;
  std::array<std::int64_t, 6> counters{};
  std::int64_t queueRows = 0, queueBytes = 0, capacityRows = 0;
};

struct RunFigures {
  std::int64_t deadLetters = 0, errors = 0, usedBytes = 0;
  std::int64_t journalBytes = 0;          // on the disk
  std::int64_t connections = 0;           // that it has open
  std::int64_t egressBytes = 0;           // that it has sent: a counter
  std::int64_t syncs = 0, syncNanos = 0;  // of its journal: counters
  std::vector<NodeFigures> nodes;
  std::vector<EdgeFigures> edges;
};

/// A family of a counter, the same family summed over the flow, and its member in a frame of the live protocol.
struct CounterNames {
  std::string_view family, flowFamily, member;
};
inline constexpr std::array<CounterNames, 7> kNodeCounters = {
    {{"weir_node_rows_in_total", "weir_flow_rows_in_total", "rowsIn"},
     {"weir_node_rows_out_total", "weir_flow_rows_out_total", "rowsOut"},
     {"weir_node_bytes_out_total", "weir_flow_bytes_out_total", "bytesOut"},
     {"weir_node_rows_failed_total", "weir_flow_rows_failed_total", "failed"},
     {"weir_node_retries_total", "weir_flow_retries_total", "retries"},
     {"weir_node_steps_total", "weir_flow_steps_total", "steps"},
     {"weir_node_busy_seconds_total", "weir_flow_busy_seconds_total", "busyNanos"}}};
/// The one that counts nanoseconds and is told in seconds.
inline constexpr std::size_t kBusy = 6, kRowsIn = 0, kRowsOut = 1, kSteps = 5;
inline constexpr std::array<CounterNames, 6> kEdgeCounters = {
    {{"weir_edge_rows_offered_total", "weir_flow_edge_rows_offered_total", "offered"},
     {"weir_edge_rows_taken_total", "weir_flow_edge_rows_taken_total", "taken"},
     {"weir_edge_rows_filtered_total", "weir_flow_edge_rows_filtered_total", "filtered"},
     {"weir_edge_rows_dropped_total", "weir_flow_edge_rows_dropped_total", "dropped"},
     {"weir_edge_rows_discarded_total", "weir_flow_edge_rows_discarded_total", "discarded"},
     {"weir_edge_rows_failed_total", "weir_flow_edge_rows_failed_total", "failed"}}};

/// Of the data of a frame `metrics` (engine/live/describe.h). It comes from an engine process, which is not trusted:
/// what is no number counts as 0, texts are cut at 200 bytes, and at most 10,000 nodes and 20,000 edges count. Errors:
/// json.*; `live.frame` if it is no object.
[[nodiscard]] Result<RunFigures> runFiguresOf(std::string_view json);

}  // namespace weir::metrics
