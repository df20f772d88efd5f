// The rows of the table.
#include "service/resources/live/live-routes.h"

#include <array>

namespace weir::api {
namespace {

using Kind = QueryRule::Kind;

constexpr QueryRule kWhere{.name = "where", .help = "a condition (CEL) over the rows"};
constexpr QueryRule kRate{.name = "rowsPerSecond",
                          .kind = Kind::number,
                          .help = "1,000 unless said; what is more is shed and counted",
                          .least = 1,
                          .most = 100'000};
constexpr std::array kStreamsQuery = {
    QueryRule{.name = "subscribe",
              .help = "what to read: metrics:RUN, events:RUN, errors:RUN, logs:RUN, progress:RUN, tap:RUN:EDGE, "
                      "alerts:FOLDER; several times for several",
              .repeats = true}};
constexpr std::array kTapQuery = {kWhere, kRate};
constexpr std::array kAlertsQuery = {QueryRule{.name = "folder", .help = "a folder; without it the root folder"}};
constexpr std::array kPreviewQuery = {
    kWhere, QueryRule{.name = "rows", .kind = Kind::number, .help = "20 unless said", .least = 1, .most = 1'000},
    QueryRule{.name = "waitMs",
              .kind = Kind::number,
              .help = "how long to wait for the first rows, 1,000 unless said",
              .most = 30'000}};

constexpr Route stream(std::string_view pattern, std::string_view operation, std::string_view summary) {
  return {.method = "GET",
          .pattern = pattern,
          .operation = operation,
          .permission = "flow.read",
          .summary = summary,
          .takes = "",
          .gives = "LiveEvents",
          .type = kEvents,
          .handler = readStream,
          .object = Object::run};
}

/// What nodes log may be rows as they are.
constexpr Route logStream() {
  auto route = stream("/runs/{run}/live/logs", "watchLogs", "What a run logs, as events.");
  route.permission = "data.read";
  return route;
}

constexpr Route tapStream() {
  auto route = stream("/runs/{run}/live/taps/{edge}", "watchTap",
                      "The newest rows that pass an edge, as events; sensitive fields are masked without data.read.");
  route.query = kTapQuery;
  return route;
}

constexpr Route alertStream() {
  auto route =
      stream("/live/alerts", "watchAlerts", "Alerts of a folder while they are raised and cleared, as events.");
  route.query = kAlertsQuery;
  route.object = Object::inside;
  return route;
}

constexpr Route debugging(std::string_view method, std::string_view pattern, std::string_view operation,
                          std::string_view summary, std::string_view takes, std::string_view gives, Handler handler) {
  return {.method = method,
          .pattern = pattern,
          .operation = operation,
          .permission = "run.debug",
          .summary = summary,
          .takes = takes,
          .gives = gives,
          .status = gives.empty() ? 204 : 200,
          .handler = handler,
          .object = Object::run};
}

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/live",
          .operation = "openLive",
          .permission = "flow.read",
          .summary = "The live protocol, on a WebSocket: requests, and streams of what runs do.",
          .takes = "",
          .gives = "",
          .status = 101,
          .handler = openLive},
    Route{.method = "GET",
          .pattern = "/live/events",
          .operation = "readStreams",
          .permission = "flow.read",
          .summary = "Several streams in one, as Server-Sent Events; Last-Event-ID goes on where it was cut.",
          .takes = "",
          .gives = "LiveEvents",
          .type = kEvents,
          .handler = readStreams,
          .query = kStreamsQuery,
          .object = Object::inside},
    alertStream(),
    stream("/runs/{run}/live/metrics", "watchMetrics", "The figures of a run ten times a second, as events."),
    stream("/runs/{run}/live/events", "watchEvents", "What happens to a run, from its beginning on, as events."),
    stream("/runs/{run}/live/errors", "watchErrors",
           "The rows of a run that failed, as events; sensitive fields are masked without data.read."),
    logStream(),
    stream("/runs/{run}/live/progress", "watchProgress", "How far a run is, whenever that changes, as events."),
    tapStream(),
    Route{.method = "GET",
          .pattern = "/runs/{run}/taps/{edge}",
          .operation = "previewRows",
          .permission = "flow.read",
          .summary = "The newest rows of an edge; sensitive fields are masked without data.read.",
          .takes = "",
          .gives = "Preview",
          .handler = previewRows,
          .query = kPreviewQuery,
          .object = Object::run},
    debugging("GET", "/runs/{run}/breakpoints", "listBreakpoints", "The breakpoints of a run.", "", "Breakpoints",
              listBreakpoints),
    debugging("POST", "/runs/{run}/breakpoints", "setBreakpoint", "Holds the rows that come to a node or an edge.",
              "NewBreakpoint", "BreakpointNumber", setBreakpoint),
    debugging("DELETE", "/runs/{run}/breakpoints/{breakpoint}", "removeBreakpoint",
              "Ends a breakpoint; what it holds goes on.", "", "", removeBreakpoint),
    debugging("GET", "/runs/{run}/held", "listHeldRows",
              "The rows that breakpoints hold; sensitive fields are masked without data.read.", "", "HeldRows",
              listHeldRows),
    debugging("POST", "/runs/{run}/held/{held}", "actOnHeldRow",
              "Lets a held row go on, go one node further, lets the next one come, or drops it.", "HeldAction", "",
              actOnHeldRow),
    debugging("PUT", "/runs/{run}/held/{held}", "changeHeldRow", "Changes fields of a held row.", "HeldFields", "",
              changeHeldRow),
    Route{.method = "PATCH",
          .pattern = "/flows/{flow}",
          .operation = "patchFlow",
          .permission = "flow.edit",
          .summary = "Changes parts of a document by a JSON patch (RFC 6902); If-Match says of which revision.",
          .takes = "JsonPatch",
          .gives = "FlowHead",
          .handler = patchFlow,
          .object = Object::flow,
          .headers = "if-match"},
};

}  // namespace

std::span<const Route> liveRoutes() { return kRoutes; }

}  // namespace weir::api
