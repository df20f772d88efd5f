// The picture for the terminal: nodes in layers, one track for each edge between two layers.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/graph.h"

namespace weir::flow {
namespace {

constexpr int kUp = 1, kDown = 2, kLeft = 4, kRight = 8;
constexpr std::array<std::string_view, 16> kLines = {" ", "╵", "╷", "│", "╴", "┘", "┐", "┤",
                                                     "╶", "└", "┌", "├", "─", "┴", "┬", "┼"};
constexpr std::size_t kSlotHeight = 5;
constexpr std::size_t kMostPictured = 200;

struct Cell {
  int lines = 0;
  std::string text;
};

class Canvas {
 public:
  Canvas(std::size_t width, std::size_t height) : width_(width), cells_(width * height) {}

  void horizontal(std::size_t y, std::size_t from, std::size_t to) {
    for (auto x = from; x <= to; ++x) at(x, y).lines |= (x > from ? kLeft : 0) | (x < to ? kRight : 0);
  }
  void vertical(std::size_t x, std::size_t a, std::size_t b) {
    const auto from = std::min(a, b), to = std::max(a, b);
    for (auto y = from; y <= to; ++y) at(x, y).lines |= (y > from ? kUp : 0) | (y < to ? kDown : 0);
  }
  void text(std::size_t x, std::size_t y, std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      auto end = i + 1;
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
      at(x++, y).text = text.substr(i, end - i);
      i = end;
    }
  }
  void box(std::size_t x, std::size_t y, std::size_t width, std::size_t height) {
    horizontal(y, x, x + width - 1);
    horizontal(y + height - 1, x, x + width - 1);
    vertical(x, y, y + height - 1);
    vertical(x + width - 1, y, y + height - 1);
  }
  [[nodiscard]] std::string print() const {
    std::string out;
    for (std::size_t y = 0; y * width_ < cells_.size(); ++y) {
      std::string line;
      for (std::size_t x = 0; x < width_; ++x) {
        const auto& cell = cells_[y * width_ + x];
        line += cell.text.empty() ? std::string(kLines[static_cast<std::size_t>(cell.lines)]) : cell.text;
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
    out.erase(out.find_last_not_of('\n') + 1);
    return out + "\n";
  }

 private:
  Cell& at(std::size_t x, std::size_t y) { return cells_[y * width_ + x]; }

  std::size_t width_;
  std::vector<Cell> cells_;
};

std::size_t widthOf(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string shown(std::string_view text) {
  std::string out;
  std::size_t count = 0;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (begins && ++count > 28) return out + "…";
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  return out;
}

// A node, or the place where an edge passes a layer.
struct Item {
  const FlowNode* node = nullptr;
  std::size_t layer = 0, slot = 0, x = 0;
  double wish = 0;
  std::vector<std::size_t> before;
};

struct Line {
  std::size_t from = 0, to = 0;
};

class Drawing {
 public:
  explicit Drawing(const FlowDocument& document) {
    layers(document);
    lines(document);
    slots();
  }

  std::string draw() {
    if (items_.empty()) return {};
    place();
    Canvas canvas(width_, height_);
    for (const auto& item : items_) drawItem(canvas, item);
    for (std::size_t layer = 0; layer + 1 < byLayer_.size(); ++layer) drawLines(canvas, layer);
    return canvas.print();
  }

 private:
  void layers(const FlowDocument& document) {
    std::map<std::string, std::size_t, std::less<>> indexOf;
    for (const auto& node : document.nodes) {
      indexOf.emplace(node.id, items_.size());
      items_.push_back({&node, 0, 0, 0, 0, {}});
    }
    std::vector<std::vector<std::size_t>> after(items_.size());
    std::vector<int> waiting(items_.size(), 0);
    for (const auto& edge : document.edges) {
      const auto from = indexOf.find(edge.source.node), to = indexOf.find(edge.target.node);
      if (from == indexOf.end() || to == indexOf.end()) continue;
      after[from->second].push_back(to->second);
      ++waiting[to->second];
      edges_.push_back({from->second, to->second});
    }
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (waiting[i] == 0) ready.push_back(i);
    }
    for (std::size_t done = 0; done < ready.size(); ++done) {
      for (const auto to : after[ready[done]]) {
        items_[to].layer = std::max(items_[to].layer, items_[ready[done]].layer + 1);
        if (--waiting[to] == 0) ready.push_back(to);
      }
    }
  }

  void lines(const FlowDocument& document) {
    static_cast<void>(document);
    for (const auto& edge : edges_) {
      auto from = edge.from;
      for (auto layer = items_[edge.from].layer + 1; layer < items_[edge.to].layer; ++layer) {
        items_.push_back({nullptr, layer, 0, 0, 0, {from}});
        lines_.push_back({from, items_.size() - 1});
        from = items_.size() - 1;
      }
      if (items_[edge.from].layer >= items_[edge.to].layer) continue;  // part of a cycle
      lines_.push_back({from, edge.to});
      items_[edge.to].before.push_back(from);
    }
    for (std::size_t i = 0; i < items_.size(); ++i) {
      byLayer_.resize(std::max(byLayer_.size(), items_[i].layer + 1));
      byLayer_[items_[i].layer].push_back(i);
    }
  }

  // Each item near the middle of those before it.
  void slots() {
    for (auto& layer : byLayer_) {
      for (const auto i : layer) {
        auto& item = items_[i];
        for (const auto before : item.before)
          item.wish += static_cast<double>(items_[before].slot) / static_cast<double>(item.before.size());
      }
      std::ranges::stable_sort(layer, {}, [&](std::size_t i) { return items_[i].wish; });
      std::size_t next = 0;
      for (const auto i : layer) {
        items_[i].slot = std::max(next, static_cast<std::size_t>(items_[i].wish));
        next = items_[i].slot + 1;
        height_ = std::max(height_, next * kSlotHeight);
      }
    }
  }

  static std::size_t boxWidth(const FlowNode& node) {
    return std::max(widthOf(shown(node.id)), widthOf(shown(node.typeId))) + 4;
  }

  void place() {
    std::size_t x = 0;
    for (std::size_t layer = 0; layer < byLayer_.size(); ++layer) {
      std::size_t width = 1;
      for (const auto i : byLayer_[layer]) {
        items_[i].x = x;
        if (items_[i].node != nullptr) width = std::max(width, boxWidth(*items_[i].node));
      }
      widths_.push_back(width);
      std::size_t tracks = 0;
      for (const auto& line : lines_) {
        if (items_[line.from].layer == layer && items_[line.from].slot != items_[line.to].slot) ++tracks;
      }
      x += width + tracks + 4;
    }
    width_ = x;
  }

  static std::size_t lineY(const Item& item) { return item.slot * kSlotHeight + 1; }

  void drawItem(Canvas& canvas, const Item& item) {
    const auto width = widths_[item.layer];
    const auto y = item.slot * kSlotHeight;
    if (item.node == nullptr) return canvas.horizontal(lineY(item), item.x, item.x + width - 1);
    canvas.box(item.x, y, boxWidth(*item.node), 4);
    canvas.text(item.x + 2, y + 1, shown(item.node->id));
    canvas.text(item.x + 2, y + 2, shown(item.node->typeId));
  }

  void drawLines(Canvas& canvas, std::size_t layer) {
    auto track = items_[byLayer_[layer].front()].x + widths_[layer] + 1;
    for (const auto& line : lines_) {
      const auto& from = items_[line.from];
      const auto& to = items_[line.to];
      if (from.layer != layer) continue;
      const auto start = from.node != nullptr ? from.x + boxWidth(*from.node) - 1 : from.x + widths_[layer] - 1;
      const auto end = to.node != nullptr ? to.x - 1 : to.x;
      if (from.slot == to.slot) {
        canvas.horizontal(lineY(from), start, end);
      } else {
        canvas.horizontal(lineY(from), start, track);
        canvas.vertical(track, lineY(from), lineY(to));
        canvas.horizontal(lineY(to), track, end);
        ++track;
      }
      if (to.node != nullptr) canvas.text(end, lineY(to), "▶");
    }
  }

  std::vector<Item> items_;
  std::vector<Line> edges_, lines_;
  std::vector<std::vector<std::size_t>> byLayer_;
  std::vector<std::size_t> widths_;
  std::size_t width_ = 0, height_ = 0;
};

}  // namespace

std::string textGraph(const FlowDocument& document) {
  std::string out;
  if (document.nodes.size() <= kMostPictured && document.edges.size() <= kMostPictured * 2) {
    out = Drawing(document).draw();
  } else {
    for (const auto& node : document.nodes) out += shown(node.id) + "  (" + shown(node.typeId) + ")\n";
  }
  std::string notes;
  for (const auto& edge : document.edges) {
    const bool plain = edge.source.port == "rows" && edge.target.port == "rows";
    if (plain && edge.filter.empty() && edge.transform.empty() && document.nodes.size() <= kMostPictured) continue;
    notes += "  " + shown(edge.source.node) + "." + shown(edge.source.port) + " → " + shown(edge.target.node) + "." +
             shown(edge.target.port);
    if (!edge.filter.empty()) notes += "  if " + edge.filter;
    if (!edge.transform.empty()) notes += "  as " + edge.transform;
    notes += "\n";
  }
  // What lines cannot show is told apart from them.
  return notes.empty() ? out : out + "\nports and conditions of edges:\n" + notes;
}

}  // namespace weir::flow
