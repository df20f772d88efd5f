// The list of families.
#include "service/metrics/families.h"

#include <algorithm>
#include <iterator>

#include "engine/data/check.h"

namespace weir::metrics {
namespace {

using enum Type;

constexpr Family kFamilies[] = {
    {"process_cpu_seconds_total", counter, "", "Processor time that the server process has used."},
    {"process_max_fds", gauge, "", "How many files and connections the process may have open."},
    {"process_open_fds", gauge, "", "How many files and connections it has open."},
    {"process_resident_memory_bytes", gauge, "", "Memory that it holds."},
    {"process_start_time_seconds", gauge, "", "When it began, in seconds since 1970."},
    {"process_threads", gauge, "", "Its threads."},
    {"weir_alert_notices_total", counter, "channel outcome",
     "Notices to a channel: sent; retried; failed, after all tries; dropped, where too many waited."},
    {"weir_alerts_raised", gauge, "severity", "Alerts that are raised now."},
    {"weir_build_info", gauge, "version", "Always 1; the label says which version runs."},
    {"weir_edge_queue_bytes", gauge, "folder flow edge", "Bytes that wait in an edge."},
    {"weir_edge_queue_capacity_rows", gauge, "folder flow edge", "Rows that it has room for."},
    {"weir_edge_queue_rows", gauge, "folder flow edge", "Rows that wait in it."},
    {"weir_edge_rows_discarded_total", counter, "folder flow edge",
     "Rows that nobody took because the target had ended."},
    {"weir_edge_rows_dropped_total", counter, "folder flow edge", "Rows shed by the rules of a full edge."},
    {"weir_edge_rows_failed_total", counter, "folder flow edge", "Rows that the edge's own expressions failed on."},
    {"weir_edge_rows_filtered_total", counter, "folder flow edge", "Rows that its filter left out."},
    {"weir_edge_rows_offered_total", counter, "folder flow edge", "Rows that its source gave it."},
    {"weir_edge_rows_taken_total", counter, "folder flow edge", "Rows that its target took."},
    {"weir_engine_heartbeat_age_seconds", gauge, "engine",
     "How long ago an engine process last said something; the label is what it works for: folder/NAME, run/ID."},
    {"weir_engine_restarts_total", counter, "folder",
     "How often the engine process of a folder, or one of its flows' own, had to be started again."},
    {"weir_flow_busy_seconds_total", counter, "folder flow", "Time that the nodes of a flow have worked."},
    {"weir_flow_bytes_out_total", counter, "folder flow", "Bytes that they gave."},
    {"weir_flow_checkpoint_age_seconds", gauge, "folder flow",
     "How long ago a run of a flow took its last checkpoint, or began; of several runs the longest."},
    {"weir_flow_dead_letters_total", counter, "folder flow", "Rows that became dead letters."},
    {"weir_flow_edge_rows_discarded_total", counter, "folder flow", "Over all edges of a flow: rows that nobody took."},
    {"weir_flow_edge_rows_dropped_total", counter, "folder flow",
     "Over all its edges: rows shed where an edge was full."},
    {"weir_flow_edge_rows_failed_total", counter, "folder flow",
     "Over all its edges: rows that expressions failed on."},
    {"weir_flow_edge_rows_filtered_total", counter, "folder flow", "Over all its edges: rows that filters left out."},
    {"weir_flow_edge_rows_offered_total", counter, "folder flow", "Over all its edges: rows that they were given."},
    {"weir_flow_edge_rows_taken_total", counter, "folder flow", "Over all its edges: rows that were taken from them."},
    {"weir_flow_errors_total", counter, "folder flow", "Errors of its runs."},
    {"weir_flow_journal_bytes", gauge, "folder flow", "Bytes on the disk of the journals of its runs."},
    {"weir_flow_journal_sync_seconds_total", counter, "folder flow", "Time in which its journals waited for the disk."},
    {"weir_flow_journal_syncs_total", counter, "folder flow", "How often its journals waited for the disk (fsync)."},
    {"weir_flow_lease_epoch", gauge, "folder flow",
     "How often a run of it has found an owner: the epoch of its lease; of several runs the highest."},
    {"weir_flow_memory_bytes", gauge, "folder flow", "Memory that the rows of its runs use."},
    {"weir_flow_oldest_row_seconds", gauge, "folder flow",
     "For how long the oldest row that nobody has dealt with has waited in an edge; of several runs the longest."},
    {"weir_flow_queue_bytes", gauge, "folder flow", "Bytes that wait in its edges."},
    {"weir_flow_queue_rows", gauge, "folder flow", "Rows that wait in its edges."},
    {"weir_flow_report_age_seconds", gauge, "folder flow",
     "How long ago the engine last told how a run stands; of several runs the longest."},
    {"weir_flow_retries_total", counter, "folder flow", "Steps and calls of its nodes that were tried again."},
    {"weir_flow_rows_failed_total", counter, "folder flow", "Rows that its nodes failed on."},
    {"weir_flow_rows_in_total", counter, "folder flow", "Rows that its nodes took."},
    {"weir_flow_rows_out_total", counter, "folder flow", "Rows that its nodes gave."},
    {"weir_flow_run_restarts_total", counter, "folder flow", "How often a run of it had to go on in a new engine."},
    {"weir_flow_runs", gauge, "folder flow", "Runs that go on."},
    {"weir_flow_runs_ended_total", counter, "folder flow outcome", "Runs that have ended, by how."},
    {"weir_flow_steps_total", counter, "folder flow", "Steps of its nodes."},
    {"weir_flow_stuck_seconds", gauge, "folder flow",
     "For how long rows have waited in a run while no node took or gave any; of several runs the longest."},
    {"weir_flows_without_detail", gauge, "", "Flows with runs whose nodes and edges have no series, for want of room."},
    {"weir_folder_disk_bytes", gauge, "folder",
     "Bytes that the files of runs of a folder, and of all below it, have on the disk; of folders with a quota of "
     "disk."},
    {"weir_folder_disk_quota_bytes", gauge, "folder", "How many they may be."},
    {"weir_folder_intake_stopped", gauge, "folder",
     "1 while sources of its runs give nothing, because 90 % of the quota is used."},
    {"weir_http_limited_total", counter, "kind",
     "Requests that were answered 429, because their caller had sent more reads, changes or signIns than one may."},
    {"weir_http_request_seconds", histogram, "operation", "From a request's head to the head of its answer."},
    {"weir_http_requests_total", counter, "operation status", "Answered requests of the API."},
    {"weir_log_lines_dropped_total", counter, "target",
     "Log lines that found no room on their way, or were refused there."},
    {"weir_log_lines_total", counter, "level", "Log lines of the server."},
    {"weir_node_breaker_open", gauge, "folder flow node", "1 while the circuit breaker of a node is open."},
    {"weir_node_busy_seconds_total", counter, "folder flow node", "Time that a node has worked."},
    {"weir_node_bytes_out_total", counter, "folder flow node", "Bytes that it gave."},
    {"weir_node_retries_total", counter, "folder flow node", "Its steps and calls that were tried again."},
    {"weir_node_rows_failed_total", counter, "folder flow node", "Rows that it failed on."},
    {"weir_node_rows_in_total", counter, "folder flow node", "Rows that it took."},
    {"weir_node_rows_out_total", counter, "folder flow node", "Rows that it gave."},
    {"weir_node_steps_total", counter, "folder flow node", "Its steps."},
    {"weir_otlp_items_total", counter, "signal outcome",
     "Spans, metrics and log records to a collector: sent; dropped, where too many waited; refused by it."},
    {"weir_store_commit_seconds", histogram, "",
     "How long the records of a transaction took to the disk (COMMIT, with its fsync)."},
    {"weir_store_full", gauge, "", "1 while changes are refused because the disk is full."},
};

}  // namespace

std::span<const Family> families() { return kFamilies; }

const Family& familyNamed(std::string_view name) {
  const auto found = std::ranges::lower_bound(kFamilies, name, {}, &Family::name);
  WEIR_CHECK(found != std::end(kFamilies) && found->name == name);
  return *found;
}

std::string_view nameOf(Type type) {
  switch (type) {
    case counter:
      return "counter";
    case gauge:
      return "gauge";
    case histogram:
      return "histogram";
  }
  return "";
}

}  // namespace weir::metrics
