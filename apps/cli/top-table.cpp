// Figures to lines.
#include "apps/cli/top-table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

#include "apps/cli/progress.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

std::int64_t numberIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : 0;
}

Figures::Node nodeOf(const json::Value& value) {
  Figures::Node node;
  node.id = textIn(value, "id");
  node.typeId = textIn(value, "typeId");
  node.waitsFor = textIn(value, "waitsFor");
  node.breaker = textIn(value, "breaker");
  node.rowsIn = numberIn(value, "rowsIn");
  node.rowsOut = numberIn(value, "rowsOut");
  node.failed = numberIn(value, "failed");
  node.retries = numberIn(value, "retries");
  node.busyNanos = numberIn(value, "busyNanos");
  const auto* done = value.find("done");
  node.done = done != nullptr && done->asBool() != nullptr && *done->asBool();
  return node;
}

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

void addEdge(const json::Value& edge, Figures& figures) {
  const auto target = textIn(edge, "target");
  for (auto& node : figures.nodes) {
    if (node.id != target) continue;
    node.queued += numberIn(edge, "held");
    node.fill = std::max({node.fill, share(numberIn(edge, "held"), numberIn(edge, "capacityRows")),
                          share(numberIn(edge, "heldBytes"), numberIn(edge, "capacityBytes"))});
  }
}

/// What one line shows, ready to be sorted.
struct Line {
  const Figures::Node* node = nullptr;
  double in = 0, out = 0, busy = 0;
};

std::vector<Line> linesOf(const Figures& now, const Figures* before, TopSort sort) {
  const auto micros = std::max<std::int64_t>(1, now.elapsedMicros - (before != nullptr ? before->elapsedMicros : 0));
  std::vector<Line> lines;
  for (std::size_t i = 0; i < now.nodes.size(); ++i) {
    const auto& node = now.nodes[i];
    const bool known = before != nullptr && i < before->nodes.size() && before->nodes[i].id == node.id;
    const auto rate = [&](std::int64_t Figures::Node::* member) {
      return static_cast<double>(node.*member - (known ? before->nodes[i].*member : 0)) * 1e6 /
             static_cast<double>(micros);
    };
    lines.push_back(
        {&node, rate(&Figures::Node::rowsIn), rate(&Figures::Node::rowsOut), rate(&Figures::Node::busyNanos) / 1e7});
  }
  const auto by = [&](auto key) { std::ranges::stable_sort(lines, std::greater<>(), key); };
  switch (sort) {
    case TopSort::flow:
      break;
    case TopSort::rate:
      by([](const Line& line) { return std::max(line.in, line.out); });
      break;
    case TopSort::busy:
      by([](const Line& line) { return line.busy; });
      break;
    case TopSort::queue:
      by([](const Line& line) { return line.node->queued; });
      break;
    case TopSort::errors:
      by([](const Line& line) { return line.node->failed; });
      break;
    case TopSort::name:
      std::ranges::stable_sort(lines, {}, [](const Line& line) { return line.node->id; });
      break;
  }
  return lines;
}

std::string percent(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f %%", value);
  return text;
}

std::string stateOf(const Figures::Node& node) {
  if (node.done) return "done";
  if (!node.breaker.empty() && node.breaker != "closed") return "breaker " + node.breaker;
  return node.waitsFor.empty() ? "running" : node.waitsFor;
}

/// A column: how wide, and how early it is left out where there is no room.
struct Column {
  const char* title;
  std::size_t width;
  int keep;  // the higher, the longer it stays
  bool right;
  std::string (*cell)(const Line& line);
};

constexpr std::size_t kColumns = 9;
const std::array<Column, kColumns> kTable{{
    {"type", 20, 1, false, [](const Line& line) { return line.node->typeId; }},
    {"in", 11, 8, true, [](const Line& line) { return rowRateText(line.in); }},
    {"out", 11, 7, true, [](const Line& line) { return rowRateText(line.out); }},
    {"queue", 10, 6, true, [](const Line& line) { return bar(line.node->fill); }},
    {"queued", 12, 3, true, [](const Line& line) { return grouped(line.node->queued); }},
    {"busy", 8, 9, true, [](const Line& line) { return percent(line.busy); }},
    {"errors", 9, 5, true, [](const Line& line) { return grouped(line.node->failed); }},
    {"retries", 9, 2, true, [](const Line& line) { return grouped(line.node->retries); }},
    {"  waits for", 18, 4, false, [](const Line& line) { return "  " + stateOf(*line.node); }},
}};

std::string trimmed(const std::string& line) { return line.substr(0, line.find_last_not_of(' ') + 1) + "\n"; }

/// Which columns fit behind names of so many characters.
std::array<bool, kColumns> fitting(std::size_t names, int width) {
  std::array<bool, kColumns> shown{};
  shown.fill(true);
  for (;;) {
    auto needed = names;
    std::size_t least = kColumns;
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (!shown[i]) continue;
      needed += kTable[i].width;
      if (least == kColumns || kTable[i].keep < kTable[least].keep) least = i;
    }
    if (needed <= static_cast<std::size_t>(std::max(width, 0)) || least == kColumns) return shown;
    shown[least] = false;
  }
}

}  // namespace

Figures figuresOf(const json::Value& metrics) {
  Figures figures;
  figures.elapsedMicros = numberIn(metrics, "elapsedMicros");
  figures.usedBytes = numberIn(metrics, "usedBytes");
  figures.deadLetters = numberIn(metrics, "deadLetters");
  figures.errors = numberIn(metrics, "errors");
  if (const auto* nodes = metrics.find("nodes"); nodes != nullptr && nodes->asArray() != nullptr) {
    for (const auto& node : *nodes->asArray()) figures.nodes.push_back(nodeOf(node));
  }
  if (const auto* edges = metrics.find("edges"); edges != nullptr && edges->asArray() != nullptr) {
    for (const auto& edge : *edges->asArray()) addEdge(edge, figures);
  }
  return figures;
}

std::string topTable(const Figures& now, const Figures* before, TopSort sort, int width) {
  std::size_t names = 6;
  for (const auto& node : now.nodes) names = std::max(names, printable(node.id).size() + 2);
  names = std::min<std::size_t>(names, 32);
  const auto shown = fitting(names, width);
  std::string text = "running " + timeText(now.elapsedMicros) + "   memory " + bytesText(now.usedBytes) + "   errors " +
                     grouped(now.errors) + "   dead letters " + grouped(now.deadLetters) + "\n";
  auto head = padded("node", names, false);
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (shown[i]) head += padded(kTable[i].title, kTable[i].width, kTable[i].right);
  }
  text += trimmed(head);
  for (const auto& line : linesOf(now, before, sort)) {
    auto cells = padded(padded(printable(line.node->id), names - 1, false), names, false);
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (shown[i]) cells += padded(printable(kTable[i].cell(line)), kTable[i].width, kTable[i].right);
    }
    text += trimmed(cells);
  }
  return text;
}

}  // namespace weir::cli
