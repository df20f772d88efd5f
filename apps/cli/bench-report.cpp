// Reports of suites.
#include "apps/cli/bench-report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "apps/cli/progress.h"
#include "engine/json/writer.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

std::string number(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// `0.045 ms`, `12.3 ms`, `1.20 s`
std::string latencyText(double nanos) {
  const auto ms = nanos / 1e6;
  if (ms >= 1000) return number(ms / 1000, 2) + " s";
  return number(ms, ms < 1 ? 3 : ms < 100 ? 2 : 0) + " ms";
}

std::string rateText(double perSecond) {
  return perSecond >= 1e6 ? number(perSecond / 1e6, 2) + " M/s" : grouped(std::llround(perSecond)) + "/s";
}

std::string loadText(const BenchResult& result) {
  const auto& scenario = result.scenario;
  const auto& url = result.url;
  std::string text = scenario.messagesPerSecond > 0 ? rateText(scenario.messagesPerSecond) : "as fast as possible";
  text += scenario.connections == 1 ? ", 1 connection" : ", " + grouped(scenario.connections) + " connections";
  if (scenario.messageBytes > 0) text += ", " + bytesText(scenario.messageBytes) + " each";
  if (scenario.burstEveryMs > 0) text += ", in bursts every " + std::to_string(scenario.burstEveryMs) + " ms";
  if (scenario.consumerMessagesPerSecond > 0 && url.empty())
    text += ", consumer " + rateText(scenario.consumerMessagesPerSecond);
  return text + ", " + scenario.pattern;
}

struct Quantile {
  const char* name;
  double share;
};
constexpr Quantile kQuantiles[] = {{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}};

void writeResult(json::Writer& out, const BenchResult& result) {
  const auto& scenario = result.scenario;
  out.beginObject().key("name").value(scenario.name).key("description").value(scenario.description);
  out.key("durationMs").value(scenario.durationMs).key("targetPerSecond").value(scenario.messagesPerSecond);
  out.key("connections").value(scenario.connections).key("messageBytes").value(scenario.messageBytes);
  out.key("pattern").value(scenario.pattern).key("elapsedMicros").value(result.elapsedMicros);
  out.key("total").value(result.sent).key("received").value(result.received);
  out.key("messagesPerSecond").value(result.throughput());
  out.key("errors").value(result.errors + result.lost).key("errorRate").value(result.errorRate());
  out.key("dropped").value(result.dropped.total()).key("pressureEvents").value(result.pressureEvents);
  out.key("peakBytes").value(result.peakBytes).key("latencyMs").beginObject();
  out.key("average").value(result.latency.meanNanos() / 1e6);
  for (const auto& quantile : kQuantiles) {
    out.key(quantile.name).value(static_cast<double>(result.latency.quantile(quantile.share)) / 1e6);
  }
  out.key("longest").value(static_cast<double>(result.latency.longest()) / 1e6).endObject();
  out.key("moments").beginArray();
  for (std::size_t i = 0; i < result.moments.size(); ++i) {
    const auto& moment = result.moments[i];
    out.beginObject()
        .key("atMs")
        .value(static_cast<double>(static_cast<std::int64_t>(i) * result.momentNanos) / 1e6)
        .key("messages")
        .value(moment.messages)
        .key("longestMs")
        .value(static_cast<double>(moment.longestNanos) / 1e6)
        .endObject();
  }
  out.endArray();
  if (!result.url.empty()) out.key("url").value(result.url);
  if (!result.problem.empty()) out.key("problem").value(result.problem);
  out.key("missed").beginArray();
  for (const auto& missed : result.missed) out.value(missed);
  out.endArray().endObject();
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

/// A line over time, its highest value said beside it.
template <class Get>
std::string chart(const BenchResult& result, std::string_view title, std::string_view highest, Get get) {
  constexpr double kWidth = 560, kHeight = 120;
  double most = 0;
  for (const auto& moment : result.moments) most = std::max(most, get(moment));
  std::string points;
  const auto count = static_cast<double>(std::max<std::size_t>(2, result.moments.size()) - 1);
  for (std::size_t i = 0; i < result.moments.size(); ++i) {
    const auto x = static_cast<double>(i) / count * kWidth;
    const auto y = kHeight - (most > 0 ? get(result.moments[i]) / most * kHeight : 0);
    points += number(x, 1) + "," + number(y, 1) + " ";
  }
  return "<figure><figcaption>" + std::string(title) + " <span>at most " + std::string(highest) + " in " +
         timeText(result.momentNanos / 1000 * std::ssize(result.moments)) +
         "</span></figcaption><svg viewBox=\"0 0 560 122\" role=\"img\" aria-label=\"" + std::string(title) +
         "\" preserveAspectRatio=\"none\"><line x1=\"0\" y1=\"120\" x2=\"560\" y2=\"120\" class=\"axis\"/><polyline "
         "points=\"" +
         points + "\"/></svg></figure>\n";
}

/// How latency grows towards the slowest messages.
std::string quantileChart(const BenchResult& result) {
  constexpr Quantile kBars[] = {{"p50", 0.5},  {"p90", 0.9},     {"p95", 0.95},
                                {"p99", 0.99}, {"p99.9", 0.999}, {"longest", 1}};
  const auto most = std::max<double>(1, static_cast<double>(result.latency.longest()));
  std::string bars;
  double y = 0;
  for (const auto& bar : kBars) {
    const auto nanos = static_cast<double>(result.latency.quantile(bar.share));
    // By its logarithm: the longest is often a thousand times the median.
    const auto length = std::max(1.0, std::log10(1 + nanos / 1000) / std::log10(1 + most / 1000) * 165);
    bars += "<text x=\"0\" y=\"" + number(y + 13, 0) + "\">" + bar.name + "</text><rect x=\"52\" y=\"" +
            number(y + 2, 0) + "\" width=\"" + number(length, 1) + "\" height=\"14\"/><text x=\"" +
            number(57 + length, 0) + "\" y=\"" + number(y + 13, 0) + "\">" + latencyText(nanos) + "</text>";
    y += 20;
  }
  return "<figure><figcaption>Latency <span>logarithmic</span></figcaption><svg viewBox=\"0 0 300 122\" role=\"img\" "
         "aria-label=\"Latency by quantile\">" +
         bars + "</svg></figure>\n";
}

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2127; --soft: #5f6b7a; --line: #d3d9e0; --mark: #2f6fd0; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --paper: #15191f; --ink: #e6e9ee; --soft: #97a3b3; --line: #333b46; --mark: #7aa9f0; --bad: #ff8a80; } }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
th { color: var(--soft); font-weight: 500; white-space: normal; vertical-align: bottom; }
.wide { overflow-x: auto; }
section { margin-top: 2.5rem; }
h2 { margin-bottom: 0; } p { margin: .2rem 0 .8rem; color: var(--soft); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1.2rem; }
figure { margin: 0; } figcaption { font-weight: 500; font-size: .9rem; } figcaption span { color: var(--soft); font-weight: 400; }
svg { width: 100%; height: 8rem; } polyline { fill: none; stroke: var(--mark); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
rect { fill: var(--mark); } text { fill: var(--ink); font-size: 12px; } .axis { stroke: var(--line); }
.missed { color: var(--bad); }
)";

std::string pageRow(const BenchResult& result) {
  std::string row = "<tr><td>" + escaped(result.scenario.name) + "</td>";
  const auto cell = [&row](const std::string& text) { row += "<td>" + text + "</td>"; };
  cell(grouped(result.sent));
  cell(rateText(result.throughput()));
  const bool any = result.latency.count() > 0;
  cell(any ? latencyText(result.latency.meanNanos()) : "–");
  for (const auto& quantile : kQuantiles)
    cell(any ? latencyText(static_cast<double>(result.latency.quantile(quantile.share))) : "–");
  cell(number(result.errorRate() * 100, 2) + " %");
  cell(grouped(result.dropped.total()));
  cell(grouped(result.pressureEvents));
  return row + "</tr>\n";
}

std::string pageSection(const BenchResult& result) {
  const auto seconds = static_cast<double>(result.momentNanos) / 1e9;
  const auto perSecond = [seconds](const BenchMoment& moment) {
    return static_cast<double>(moment.messages) / seconds;
  };
  double most = 0;
  for (const auto& moment : result.moments) most = std::max(most, perSecond(moment));
  std::string text = "<section><h2>" + escaped(result.scenario.name) + "</h2>\n<p>" +
                     escaped(result.scenario.description) + (result.scenario.description.empty() ? "" : ". ") +
                     escaped(loadText(result)) + ".</p>\n";
  if (!result.problem.empty()) text += "<p class=\"missed\">The first error: " + escaped(result.problem) + "</p>\n";
  for (const auto& missed : result.missed) text += "<p class=\"missed\">Missed: " + escaped(missed) + "</p>\n";
  text += "<div class=\"charts\">\n" + chart(result, "Messages a second", rateText(most), perSecond);
  text += chart(result, "Longest latency", latencyText(static_cast<double>(result.latency.longest())),
                [](const BenchMoment& moment) { return static_cast<double>(moment.longestNanos); });
  return text + quantileChart(result) + "</div></section>\n";
}

}  // namespace

std::string benchText(const BenchResult& result) {
  std::string text = result.scenario.name + ": " + loadText(result) + ", " + timeText(result.elapsedMicros) +
                     "\n  total " + grouped(result.sent) + "   throughput " + rateText(result.throughput()) +
                     "   errors " + grouped(result.errors + result.lost) + " (" + number(result.errorRate() * 100, 2) +
                     " %)";
  if (result.dropped.total() > 0) text += "   dropped by rule " + grouped(result.dropped.total());
  text += "   backpressure events " + grouped(result.pressureEvents) + "\n  latency average " +
          latencyText(result.latency.meanNanos());
  for (const auto& quantile : kQuantiles) {
    text += std::string("   ") + quantile.name + " " +
            latencyText(static_cast<double>(result.latency.quantile(quantile.share)));
  }
  text += "   longest " + latencyText(static_cast<double>(result.latency.longest())) + "\n";
  if (!result.problem.empty()) text += "  the first error: " + printable(result.problem) + "\n";
  for (const auto& missed : result.missed) text += "  missed: " + missed + "\n";
  return text;
}

std::string benchJson(std::string_view suite, std::span<const BenchResult> results) {
  std::string text;
  json::Writer out(text, json::Layout::pretty);
  out.beginObject().key("suite").value(suite).key("scenarios").beginArray();
  for (const auto& result : results) writeResult(out, result);
  out.endArray().endObject();
  return text + "\n";
}

std::string benchPage(std::string_view suite, std::span<const BenchResult> results) {
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>Weir benchmark: " +
      escaped(suite) + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n<h1>Suite " +
      escaped(suite) +
      "</h1>\n<div class=\"wide\"><table>\n<tr><th>Scenario</th><th>Total</th><th>Throughput</th>"
      "<th>Average</th><th>p50</th><th>p95</th><th>p99</th><th>Errors</th><th>Dropped</th>"
      "<th>Backpressure events</th></tr>\n";
  for (const auto& result : results) page += pageRow(result);
  const auto url = results.empty() ? std::string() : results.front().url;
  page += "</table></div>\n<p>Latency is from the moment a message was due to " +
          (url.empty() ? "the last node" : "the answer of " + escaped(url)) + ".</p>\n";
  for (const auto& result : results) page += pageSection(result);
  return page + "</body>\n</html>\n";
}

}  // namespace weir::cli
