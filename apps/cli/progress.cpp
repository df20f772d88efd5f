// The live table, and the numbers in it.
#include "apps/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace weir::cli {
namespace {

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// How full the fullest edge into the node is: it says who is slow.
double fillBefore(const RunMetrics& now, std::string_view node) {
  double fill = 0;
  for (const auto& edge : now.edges) {
    if (edge.target != node || edge.capacityRows == 0) continue;
    fill = std::max(
        {fill, static_cast<double>(edge.held) / static_cast<double>(edge.capacityRows),
         static_cast<double>(edge.heldBytes) / static_cast<double>(std::max<std::int64_t>(1, edge.capacityBytes))});
  }
  return fill;
}

struct Bytes {
  std::int64_t done = 0, total = 0;
};

Bytes totalBytes(const RunMetrics& metrics) {
  Bytes bytes;
  for (const auto& node : metrics.nodes) {
    bytes.done += node.progressDone;
    bytes.total += node.progressTotal;
  }
  return bytes;
}

/// `3.21M`: what fits where `3,210,000` does not.
std::string shortNumber(std::int64_t number) {
  const auto value = static_cast<double>(number);
  if (value >= 1e9) return fixed(value / 1e9, 2) + "G";
  if (value >= 1e6) return fixed(value / 1e6, 2) + "M";
  if (value >= 1e5) return fixed(value / 1e3, 0) + "k";
  return std::to_string(number);
}

/// `1,234 (1,200 oldest, 34 too old)`; empty if no edge shed anything.
std::string droppedText(const RunMetrics& now) {
  DroppedRows sum;
  for (const auto& edge : now.edges) sum.add(edge.droppedByRule);
  if (sum.total() == 0) return {};
  std::string parts;
  const auto part = [&parts](std::int64_t rows, const char* name) {
    if (rows > 0) parts += (parts.empty() ? "" : ", ") + grouped(rows) + " " + name;
  };
  part(sum.oldest, "oldest");
  part(sum.newest, "newest");
  part(sum.lowestPriority, "of low priority");
  part(sum.sampled, "by sampling");
  part(sum.tooOld, "too old");
  part(sum.waitedTooLong, "waited too long");
  return grouped(sum.total()) + " (" + parts + ")";
}

/// Which edges are under pressure; empty if none is.
std::string pressedText(const RunMetrics& now) {
  std::string text;
  for (const auto& edge : now.edges) {
    if (edge.pressed) text += (text.empty() ? "" : ", ") + edge.id;
  }
  return text;
}

/// In as many lines as `width` needs: nothing of it may be cut.
std::string headLines(const RunMetrics& now, std::string_view outcome, int width) {
  const bool last = !outcome.empty();
  std::vector<std::string> parts;
  parts.push_back(std::string(last ? outcome : "running") + " " + timeText(now.elapsedMicros));
  const auto bytes = totalBytes(now);
  if (bytes.total > 0) {
    const auto share = static_cast<double>(bytes.done) / static_cast<double>(bytes.total);
    parts.push_back(bytesText(bytes.done) + " of " + bytesText(bytes.total) + " (" + fixed(share * 100, 0) + " %)");
    if (!last && bytes.done > 0 && share < 1) {
      const auto left = static_cast<double>(now.elapsedMicros) * (1 - share) / share;
      parts.push_back("about " + timeText(static_cast<std::int64_t>(left)) + " left");
    }
  }
  parts.push_back("memory " + bytesText(last ? now.peakBytes : now.usedBytes) + (last ? " at most" : ""));
  if (now.deadLetters > 0) parts.push_back("dead letters " + grouped(now.deadLetters));
  if (const auto dropped = droppedText(now); !dropped.empty()) parts.push_back("dropped " + dropped);
  if (const auto pressed = pressedText(now); !last && !pressed.empty()) parts.push_back("under pressure: " + pressed);
  std::string text = parts[0];
  auto used = text.size();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const bool fits = used + 3 + parts[i].size() < static_cast<std::size_t>(width);
    text += (fits ? "   " : "\n  ") + parts[i];
    used = (fits ? used + 3 : 2) + parts[i].size();
  }
  return text;
}

struct TerminalSize {
  int columns = 100, rows = 40;
};

TerminalSize terminalSize() {
  winsize size{};
  TerminalSize found;
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0) return found;
  if (size.ws_col > 20) found.columns = size.ws_col;
  if (size.ws_row > 4) found.rows = size.ws_row;
  return found;
}

/// Cuts what would wrap or scroll: only lines that stand where they were written can be drawn over.
std::string fitted(const std::string& text, TerminalSize size, bool last) {
  std::string out;
  int lines = 0;
  const auto count = static_cast<int>(std::ranges::count(text, '\n'));
  for (std::size_t at = 0; at < text.size(); ++lines) {
    const auto end = text.find('\n', at);
    if (!last && lines == size.rows - 3 && count > size.rows - 2) {
      return out + "(" + std::to_string(count - lines) + " more nodes)\n";
    }
    out += text.substr(at, std::min(end - at, static_cast<std::size_t>(size.columns - 1))) + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace

std::string rowRateText(double rowsPerSecond) {
  if (rowsPerSecond >= 1e9) return fixed(rowsPerSecond / 1e9, 2) + " G/s";
  if (rowsPerSecond >= 1e6) return fixed(rowsPerSecond / 1e6, 1) + " M/s";
  if (rowsPerSecond >= 1e3) return fixed(rowsPerSecond / 1e3, 1) + " k/s";
  return fixed(rowsPerSecond, 0) + " /s";
}

std::string padded(std::string text, std::size_t width, bool right) {
  if (text.size() > width) text = text.substr(0, width - 1) + "~";
  const std::string space(width - text.size(), ' ');
  return right ? space + text : text + space;
}

std::string bar(double share) {
  const int cells = std::clamp(static_cast<int>(std::lround(share * 8)), 0, 8);
  std::string text;
  for (int i = 0; i < 8; ++i) text += i < cells ? "#" : ".";
  return text;
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t start = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > start + 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string bytesText(std::int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value >= 1e9) return fixed(value / 1e9, 2) + " GB";
  if (value >= 1e6) return fixed(value / 1e6, 1) + " MB";
  if (value >= 1e3) return fixed(value / 1e3, 1) + " kB";
  return std::to_string(bytes) + " B";
}

std::string timeText(std::int64_t micros) {
  const auto seconds = static_cast<double>(micros) / 1e6;
  if (seconds < 60) return fixed(seconds, 2) + " s";
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

std::string nodeTable(const RunMetrics& now, const RunMetrics* before, int width) {
  constexpr std::size_t kFull = 16 + 16 + 12 + 10 + 9, kNarrow = 8 + 11 + 10;
  std::size_t names = 4;
  for (const auto& node : now.nodes) names = std::max(names, node.id.size());
  const auto room = static_cast<std::size_t>(std::max(width - 1, 40));
  const bool full = room >= kFull + std::min<std::size_t>(names, 12);
  names = std::min(names, room - (full ? kFull : kNarrow));
  auto text = padded("node", names, false);
  text += full ? padded("rows in", 16, true) + padded("rows out", 16, true) + padded("rate", 12, true)
               : padded("rows", 8, true) + padded("rate", 11, true);
  text += padded("queue", 10, true) + (full ? padded("errors", 9, true) : "") + "\n";
  const auto elapsed =
      static_cast<double>(std::max<std::int64_t>(1, now.elapsedMicros - (before ? before->elapsedMicros : 0)));
  const auto rows = [](const NodeMetrics& metrics) { return std::max(metrics.rowsIn, metrics.rowsOut); };
  for (std::size_t i = 0; i < now.nodes.size(); ++i) {
    const auto& node = now.nodes[i];
    const auto moved = rows(node) - (before && i < before->nodes.size() ? rows(before->nodes[i]) : 0);
    const auto rate = rowRateText(static_cast<double>(moved) * 1e6 / elapsed);
    text += padded(node.id, names, false);
    text +=
        full ? padded(grouped(node.rowsIn), 16, true) + padded(grouped(node.rowsOut), 16, true) + padded(rate, 12, true)
             : padded(shortNumber(rows(node)), 8, true) + padded(rate, 11, true);
    text +=
        padded(bar(fillBefore(now, node.id)), 10, true) + (full ? padded(grouped(node.failed), 9, true) : "") + "\n";
  }
  return text;
}

bool drawsInPlace() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && (terminal == nullptr || std::string_view(terminal) != "dumb");
}

Progress::Progress(const Run& run, ProgressOptions options, Screen& screen)
    : run_(run), options_(options), screen_(screen) {
  if (!options_.quiet) thread_ = std::thread([this] { loop(); });
}

Progress::~Progress() { stop(); }

void Progress::stop(std::string_view outcome) {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  thread_.join();
  draw(run_.metrics(), outcome);
  screen_.leaveTable();
}

void Progress::loop() {
  const int everyMs = options_.terminal ? options_.everyMs : 5000;
  int waited = 0;
  while (!stopping_.load()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    waited += 20;
    if (waited < everyMs) continue;
    waited = 0;
    draw(run_.metrics(), {});
  }
}

void Progress::draw(const RunMetrics& now, std::string_view outcome) {
  const bool last = !outcome.empty();
  std::string text;
  if (options_.terminal) {
    const auto size = terminalSize();
    const auto table = nodeTable(now, last || before_.nodes.empty() ? nullptr : &before_, size.columns);
    text = fitted(headLines(now, outcome, size.columns) + "\n" + table, size, last);
  } else {
    constexpr int kWide = 1000;  // one line, whatever its length
    text = headLines(now, outcome, kWide);
    if (last) text += "\n" + nodeTable(now, nullptr, 100);
    for (const auto& node : now.nodes) {
      if (!last) text += "  " + node.id + "=" + grouped(std::max(node.rowsIn, node.rowsOut));
    }
    if (!last) text += "\n";
  }
  screen_.table(std::move(text), options_.terminal);
  before_ = now;
}

}  // namespace weir::cli
