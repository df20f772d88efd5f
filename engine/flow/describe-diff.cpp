// Writes differences for people.
#include "engine/flow/describe-diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/flow/format.h"
#include "engine/flow/line-diff.h"
#include "engine/text/printable.h"

namespace weir::flow {
namespace {

using json::Value;

constexpr std::size_t kShort = 40, kContext = 2;

enum class Ink : std::uint8_t { plain, head, gone, come, other, faint };

std::string_view escapeOf(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::head:
      return "\x1b[1m";
    case Ink::gone:
      return "\x1b[31m";
    case Ink::come:
      return "\x1b[32m";
    case Ink::other:
      return "\x1b[33m";
    case Ink::faint:
      return "\x1b[2m";
  }
  return "";
}

/// A line of a text that changed: ' ', '-' or '+', and what stands there; '~' where lines were left out.
struct ChangedLine {
  char mark;
  std::string_view text;
};

std::vector<ChangedLine> changedLines(std::string_view before, std::string_view after) {
  const auto was = linesOf(before), is = linesOf(after);
  std::vector<ChangedLine> out;
  std::size_t at = 0;  // in `was`
  for (const auto& hunk : diffLines(was, is)) {
    auto from = at;
    if (hunk.beforeBegin > at + (at > 0 ? 2 : 1) * kContext) {
      for (; at > 0 && from < at + kContext; ++from) out.push_back({' ', was[from]});
      out.push_back({'~', {}});
      from = hunk.beforeBegin - kContext;
    }
    for (; from < hunk.beforeBegin; ++from) out.push_back({' ', was[from]});
    for (auto i = hunk.beforeBegin; i < hunk.beforeEnd; ++i) out.push_back({'-', was[i]});
    for (auto i = hunk.afterBegin; i < hunk.afterEnd; ++i) out.push_back({'+', is[i]});
    at = hunk.beforeEnd;
  }
  for (std::size_t i = 0; i < kContext && at < was.size(); ++i) out.push_back({' ', was[at++]});
  if (at < was.size()) out.push_back({'~', {}});
  return out;
}

/// A text as it is, anything else as `weir fmt` writes it.
std::string linesOfValue(const Value& value) { return value.isString() ? *value.asString() : severalLines(value); }

/// Stands on one line with another one.
bool shortValue(const std::optional<Value>& value) { return !value || oneLine(*value).size() <= kShort; }

std::string escaped(std::string_view text) {
  auto out = printable(text);
  std::ranges::replace(out, '\n', ' ');
  return out;
}

std::string headlineOf(const PartDiff& part) {
  if (part.part == FlowPart::flow) return "flow " + part.id;
  if (part.part == FlowPart::place) return "place of " + part.about + " " + part.id;
  auto line = std::string(nameOf(part.part)) + " " + (part.formerId.empty() ? part.id : part.formerId);
  if (!part.about.empty()) line += " (" + part.about + ")";
  if (!part.formerId.empty()) line += " renamed to " + part.id;
  return line;
}

char markOf(PartChange change) { return change == PartChange::added ? '+' : change == PartChange::removed ? '-' : '~'; }

class Painter {
 public:
  explicit Painter(bool colours) : colours_(colours) {}

  void line(Ink ink, std::size_t indent, std::string_view text) {
    out_.append(indent, ' ');
    if (colours_) out_ += escapeOf(ink);
    out_ += escaped(text);
    if (colours_ && ink != Ink::plain) out_ += "\x1b[0m";
    out_ += '\n';
  }

  void part(const PartDiff& part) {
    const auto mark = markOf(part.change);
    const auto ink = mark == '+' ? Ink::come : mark == '-' ? Ink::gone : Ink::other;
    out_ += '\n';
    line(ink, 0, std::string(1, mark) + " " + headlineOf(part));
    // What a removed thing had is gone with it.
    if (part.change == PartChange::removed) return;
    for (const auto& each : part.differences) difference(each, part.change == PartChange::added);
  }

  std::string take() { return std::move(out_); }

 private:
  void difference(const Difference& each, bool wholeIsNew) {
    const bool changed = each.before && each.after;
    if (!changed && shortValue(each.before) && shortValue(each.after)) {
      const auto value = oneLine(each.after ? *each.after : *each.before);
      const auto said = wholeIsNew ? "" : each.after ? " (added)" : " (removed)";
      return line(Ink::plain, 4, each.path + ": " + value + said);
    }
    const bool texts = changed && each.before->isString() && each.after->isString();
    const auto longest = changed ? std::max(oneLine(*each.before).size(), oneLine(*each.after).size()) : 0;
    if (changed && longest <= (texts ? kShort / 2 : kShort))
      return line(Ink::plain, 4, each.path + ": " + oneLine(*each.before) + " → " + oneLine(*each.after));
    line(Ink::plain, 4, each.path);
    const auto before = each.before ? linesOfValue(*each.before) : std::string();
    const auto after = each.after ? linesOfValue(*each.after) : std::string();
    for (const auto& changedLine : changedLines(before, after)) {
      const auto ink = changedLine.mark == '-' ? Ink::gone : changedLine.mark == '+' ? Ink::come : Ink::faint;
      if (changedLine.mark == '~') {
        line(ink, 6, "…");
      } else {
        line(ink, 6, std::string(1, changedLine.mark) + " " + std::string(changedLine.text));
      }
    }
  }

  bool colours_;
  std::string out_;
};

/// Text that Markdown leaves alone, between enough backticks.
std::string code(std::string_view text) {
  const auto plain = escaped(text);
  std::size_t longest = 0, run = 0;
  for (const char c : plain) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  const std::string fence(longest + 1, '`');
  const bool pad = longest > 0 || plain.empty();
  return fence + (pad ? " " : "") + plain + (pad ? " " : "") + fence;
}

void markdownBlock(std::string& out, const Difference& each) {
  const auto before = each.before ? linesOfValue(*each.before) : std::string();
  const auto after = each.after ? linesOfValue(*each.after) : std::string();
  std::string body;
  for (const auto& line : changedLines(before, after)) {
    body += line.mark == '~' ? std::string("    …\n")
                             : "    " + std::string(1, line.mark) + " " + escaped(line.text) + "\n";
  }
  std::string fence = "```";
  while (body.contains(fence)) fence += '`';
  out += "\n\n    " + fence + "diff\n" + body + "    " + fence + "\n";
}

void markdownDifference(std::string& out, const Difference& each) {
  out += "  - " + code(each.path);
  if (!shortValue(each.before) || !shortValue(each.after)) return markdownBlock(out, each);
  if (each.before && each.after) {
    out += ": " + code(oneLine(*each.before)) + " → " + code(oneLine(*each.after)) + "\n";
  } else {
    out += std::string(each.after ? " added" : " removed") + ": " +
           code(oneLine(each.after ? *each.after : *each.before)) + "\n";
  }
}

void listedValue(std::string& out, const std::string& path, const Value& value) {
  const auto text = linesOfValue(value);
  if (!text.contains('\n')) {
    out += "  " + path + ": " + escaped(text) + "\n";
    return;
  }
  out += "  " + path + ":\n";
  for (const auto line : linesOf(text)) out += "    " + escaped(line) + "\n";
}

}  // namespace

std::string summaryOf(const FlowDiff& diff) {
  std::map<std::pair<FlowPart, PartChange>, std::int64_t> counts;
  for (const auto& part : diff.parts) ++counts[{part.part, part.change}];
  std::string text;
  for (const auto& [what, count] : counts) {
    if (!text.empty()) text += ", ";
    if (what.first == FlowPart::flow) {
      text += "the flow's own settings changed";
      continue;
    }
    text += std::to_string(count) + " " + std::string(nameOf(what.first)) + (count == 1 ? " " : "s ");
    text += what.first == FlowPart::place ? std::string_view("moved") : nameOf(what.second);
  }
  if (diff.cut) text += (text.empty() ? "" : ", ") + std::string("and more than can be told");
  return text.empty() ? "no differences" : text;
}

std::string textOf(const FlowDiff& diff, bool colours) {
  if (diff.empty()) return {};
  Painter painter(colours);
  painter.line(Ink::head, 0, diff.name + ": " + summaryOf(diff));
  for (const auto& part : diff.parts) painter.part(part);
  return painter.take();
}

std::string markdownOf(const FlowDiff& diff) {
  std::string out = "### " + code(diff.name) + ": " + summaryOf(diff) + "\n";
  if (!diff.empty()) out += '\n';
  for (const auto& part : diff.parts) {
    out += "- **" + std::string(nameOf(part.part)) + "** " + code(part.formerId.empty() ? part.id : part.formerId);
    if (!part.about.empty()) out += " (" + code(part.about) + ")";
    if (!part.formerId.empty()) out += " renamed to " + code(part.id);
    if (part.change != PartChange::changed) out += " " + std::string(nameOf(part.change));
    out += '\n';
    if (part.change == PartChange::removed) continue;
    for (const auto& each : part.differences) markdownDifference(out, each);
  }
  return out;
}

json::Value toJson(const FlowDiff& diff) {
  auto out = Value::object();
  out.set("flow", diff.name);
  out.set("same", diff.empty());
  out.set("summary", summaryOf(diff));
  auto parts = Value::array();
  for (const auto& part : diff.parts) {
    auto one = Value::object();
    one.set("part", nameOf(part.part));
    one.set("change", nameOf(part.change));
    one.set("id", part.id);
    if (!part.formerId.empty()) one.set("formerId", part.formerId);
    if (!part.about.empty()) one.set("about", part.about);
    one.set("pointer", part.pointer);
    auto differences = Value::array();
    for (const auto& each : part.differences) {
      auto difference = Value::object();
      difference.set("path", each.path);
      difference.set("pointer", each.pointer);
      if (each.before) difference.set("before", *each.before);
      if (each.after) difference.set("after", *each.after);
      differences.push(std::move(difference));
    }
    one.set("differences", std::move(differences));
    parts.push(std::move(one));
  }
  out.set("parts", std::move(parts));
  return out;
}

std::string listingOf(const Value& document) {
  std::string out;
  for (const auto& part : diffCanonical(Value::object(), document).parts) {
    if (!out.empty()) out += '\n';
    out += escaped(headlineOf(part)) + "\n";
    for (const auto& each : part.differences) {
      if (part.part != FlowPart::flow || each.path != "id") listedValue(out, escaped(each.path), *each.after);
    }
  }
  return out;
}

}  // namespace weir::flow
