// Places, texts and JSON of problems.
#include "engine/flow/problem.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/text/printable.h"

namespace weir::flow {

namespace {

/// Errors of the checker, of nodes and of patterns say what they would suggest at the end of a line of their message.
void splitSuggestion(Problem& problem) {
  if (problem.suggestion.starts_with(' ')) problem.suggestion.erase(0, 1);
  if (!problem.suggestion.empty()) return;
  constexpr std::string_view kBegin = " Did you mean ";
  const auto at = problem.message.find(kBegin);
  if (at == std::string::npos) return;
  const auto end = problem.message.find('?', at);
  if (end == std::string::npos) return;
  problem.suggestion = problem.message.substr(at + 1, end - at);
  problem.message.erase(at, end + 1 - at);
}

}  // namespace

void Problems::add(Problem problem) {
  splitSuggestion(problem);
  if (problem.severity == Severity::error) ++errors_;
  bytes_ += problem.pointer.size() + problem.message.size();
  if (list_.size() < kMost && bytes_ <= kMostBytes) list_.push_back(std::move(problem));
}

void Problems::locate(const json::Document& document) {
  for (auto& problem : list_) {
    if (problem.line != 0 || document.text().empty()) continue;
    const auto place = document.placeOfPointer(problem.pointer);
    problem.line = place.line;
    problem.column = place.column;
  }
  std::ranges::stable_sort(list_, [](const Problem& a, const Problem& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
}

std::string describe(const Problem& problem, std::string_view file) {
  std::string out;
  if (!file.empty()) {
    out.append(file).append(":");
    if (problem.line > 0) out += std::to_string(problem.line) + ":" + std::to_string(problem.column) + ":";
    out += " ";
  }
  out += problem.severity == Severity::error ? "error: " : "warning: ";
  if (!problem.pointer.empty()) out += problem.pointer + ": ";
  out += problem.message;
  if (!problem.suggestion.empty()) {
    if (!problem.message.empty() && !std::string_view(".!?:;^").contains(problem.message.back())) out += '.';
    out += " " + problem.suggestion;
  }
  return printable(out) + " [" + problem.code + "]";
}

json::Value toJson(const Problem& problem) {
  auto value = json::Value::object();
  value.set("severity", problem.severity == Severity::error ? "error" : "warning");
  value.set("code", problem.code);
  value.set("pointer", problem.pointer);
  value.set("message", problem.message);
  if (!problem.suggestion.empty()) value.set("suggestion", problem.suggestion);
  if (problem.line > 0) {
    value.set("line", problem.line);
    value.set("column", problem.column);
  }
  return value;
}

Error toError(const Problems& problems) {
  for (const auto& problem : problems) {
    if (problem.severity == Severity::error) return {"flow.invalid", describe(problem)};
  }
  return {"flow.invalid", "the flow document is not valid"};
}

std::string below(std::string_view pointer, std::string_view key) {
  std::string out(pointer);
  out += '/';
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string below(std::string_view pointer, std::size_t index) { return below(pointer, std::to_string(index)); }

}  // namespace weir::flow
