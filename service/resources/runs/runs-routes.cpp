// The table of the routes of runs.
#include "service/resources/runs/runs-routes.h"

#include <array>

namespace weir::api {
namespace {

constexpr std::array kListQuery = {
    QueryRule{.name = "flow", .help = "Only runs of this flow."},
    QueryRule{.name = "folder", .help = "Only runs of flows in this folder, or below."},
    QueryRule{.name = "state",
              .kind = QueryRule::Kind::choice,
              .help = "Only runs in this state.",
              .choices = "starting|running|stopping|done|failed|stopped|held"},
    QueryRule{.name = "limit", .kind = QueryRule::Kind::number, .help = "How many at most.", .least = 1, .most = 500},
    QueryRule{.name = "cursor", .help = "The next of the page before."},
};
constexpr std::array kEventsQuery = {
    QueryRule{.name = "after", .kind = QueryRule::Kind::number, .help = "The number of the last event that was seen."},
};

constexpr std::array kRoutes = {
    Route{.method = "POST",
          .pattern = "/flows/{flow}/runs",
          .operation = "startRun",
          .permission = "run.start",
          .summary =
              "Starts a run of a flow: its published version, another one, or its draft; with an Idempotency-Key "
              "a repeated request gives the run that the first one started.",
          .takes = "NewRun",
          .gives = "Run",
          .status = 201,
          .handler = startRun,
          .object = Object::flow,
          .headers = "idempotency-key"},
    Route{.method = "GET",
          .pattern = "/runs",
          .operation = "listRuns",
          .permission = "flow.read",
          .summary = "Runs of flows, newest first: those that go on, and those that have ended.",
          .takes = "",
          .gives = "RunPage",
          .handler = listKeptRuns,
          .query = kListQuery,
          .object = Object::inside},
    Route{.method = "GET",
          .pattern = "/runs/{run}",
          .operation = "getRun",
          .permission = "flow.read",
          .summary = "How a run stands, and why that is not what is wanted of it.",
          .takes = "",
          .gives = "Run",
          .handler = getKeptRun,
          .object = Object::inside},
    Route{.method = "POST",
          .pattern = "/runs/{run}/stop",
          .operation = "stopRun",
          .permission = "run.stop",
          .summary =
              "Stops a run: what is under way is finished, and what takes longer than 30 seconds is cancelled. It "
              "stays stopped.",
          .takes = "",
          .gives = "Run",
          .status = 202,
          .handler = stopKeptRun,
          .object = Object::inside},
    Route{.method = "DELETE",
          .pattern = "/runs/{run}",
          .operation = "deleteRun",
          .permission = "run.stop",
          .summary = "Deletes the record of a run that has ended, with its checkpoints and dead letters.",
          .takes = "",
          .gives = "",
          .status = 204,
          .handler = deleteKeptRun,
          .object = Object::inside},
    Route{.method = "GET",
          .pattern = "/runs/{run}/logs",
          .operation = "getRunLogs",
          .permission = "data.read",
          .summary = "The last thousand lines of the log of a run; they outlive the server's process.",
          .takes = "",
          .gives = "RunLogs",
          .handler = getRunLogs,
          .object = Object::inside},
    Route{.method = "GET",
          .pattern = "/runs/{run}/metrics",
          .operation = "getRunMetrics",
          .permission = "flow.read",
          .summary = "The counters of a run, its nodes and its edges, as they were said last.",
          .takes = "",
          .gives = "RunMetrics",
          .handler = getRunMetrics,
          .object = Object::inside},
    Route{.method = "GET",
          .pattern = "/runs/{run}/events",
          .operation = "readRunEvents",
          .permission = "data.read",
          .summary = "What happens to a run: its state, events, log lines, and metrics once a second.",
          .takes = "",
          .gives = "Events",
          .type = kEvents,
          .handler = readRunEvents,
          .query = kEventsQuery,
          .object = Object::inside,
          .headers = "last-event-id"},
};

}  // namespace

std::span<const Route> runsRoutes() { return kRoutes; }

}  // namespace weir::api
