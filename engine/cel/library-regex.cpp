// Library: the extension regex.
#include "engine/cel/frame.h"
#include "engine/cel/library.h"
#include "engine/regex/regex.h"

namespace weir::cel {
namespace {

using Args = std::span<const Value>;

[[nodiscard]] bool compile(CallFrame& frame, Args args, std::optional<regex::Regex>& out) {
  if (!frame.charge(100 + args[1].size()) || !frame.chargeBytes(args[0].size())) return false;
  auto compiled = regex::Regex::compile(args[1].text());
  if (!compiled) return frame.fail(std::move(compiled.error()));
  out = std::move(*compiled);
  return true;
}

// The one group of the match if the pattern has one, else the match; nothing if the group took no part.
[[nodiscard]] std::optional<std::string_view> wanted(const regex::Regex& pattern, std::string_view text,
                                                     regex::Match match, regex::Regex::Scratch& scratch) {
  if (pattern.groupCount() == 0) return match.in(text);
  regex::Span groups[2];
  pattern.groupsOf(text, match, scratch, groups);
  if (!groups[1].matched()) return std::nullopt;
  return groups[1].in(text);
}

[[nodiscard]] bool fewGroups(CallFrame& frame, const regex::Regex& pattern) {
  if (pattern.groupCount() <= 1) return true;
  return frame.fail("cel.invalid_argument",
                    "The pattern of regex.extract has more than one group; write (?:...) for the others.");
}

bool extract(CallFrame& frame, Args args, Value& out) {
  std::optional<regex::Regex> pattern;
  if (!compile(frame, args, pattern) || !fewGroups(frame, *pattern)) return false;
  regex::Regex::Scratch scratch;
  out = Value::optionalNone();
  const auto match = pattern->find(args[0].text(), 0, scratch);
  if (!match) return true;
  if (const auto text = wanted(*pattern, args[0].text(), *match, scratch))
    out = Value::optionalOf(Value::string(*text));
  return true;
}

bool extractAll(CallFrame& frame, Args args, Value& out) {
  std::optional<regex::Regex> pattern;
  if (!compile(frame, args, pattern) || !fewGroups(frame, *pattern)) return false;
  regex::Regex::Scratch scratch;
  regex::MatchCursor cursor;
  std::vector<Value> items;
  while (const auto match = pattern->findNext(args[0].text(), cursor, scratch)) {
    if (!frame.charge(1)) return false;
    if (const auto text = wanted(*pattern, args[0].text(), *match, scratch)) items.push_back(Value::string(*text));
  }
  out = Value::list(std::move(items));
  return true;
}

bool replace(CallFrame& frame, Args args, Value& out) {
  std::optional<regex::Regex> pattern;
  if (!compile(frame, args, pattern)) return false;
  regex::Regex::Scratch scratch;
  const auto limit = args.size() > 3 ? args[3].int64() : -1;
  auto made = pattern->replace(args[0].text(), args[2].text(), scratch, limit);
  if (!made) return frame.fail(std::move(made.error()));
  if (!frame.chargeBytes(static_cast<std::int64_t>(made->size()))) return false;
  out = Value::string(*made);
  return true;
}

constexpr FunctionEntry kTable[] = {
    {"regex.extract", "(string, string): optional<string>", extract},
    {"regex.extractAll", "(string, string): list<string>", extractAll},
    {"regex.replace", "(string, string, string): string", replace},
    {"regex.replace", "(string, string, string, int): string", replace},
};

}  // namespace

std::span<const FunctionEntry> regexFunctions() noexcept { return kTable; }

}  // namespace weir::cel
