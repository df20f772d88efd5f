// Library: the extension strings. All positions count code points.
#include "engine/cel/frame.h"
#include "engine/cel/library.h"
#include "engine/cel/text-form.h"
#include "engine/cel/utf8.h"
#include "engine/text/utf8.h"

namespace weir::cel {
namespace {

using Args = std::span<const Value>;

[[nodiscard]] bool outOfRange(CallFrame& frame, std::int64_t index, std::string_view text) {
  return frame.fail("cel.index_out_of_range", "The position " + std::to_string(index) +
                                                  " is outside of the text, which has " +
                                                  std::to_string(countCodePoints(text)) + " characters.");
}

bool charAt(CallFrame& frame, Args args, Value& out) {
  const auto text = args[0].text();
  const auto index = args[1].int64();
  if (index < 0 || index > countCodePoints(text)) return outOfRange(frame, index, text);
  const auto begin = byteOffset(text, index);
  auto end = begin;
  if (end < text.size()) (void)decodeUtf8(text, end);
  out = Value::string(text.substr(begin, end - begin));
  return true;
}

bool indexOf(CallFrame& frame, Args args, Value& out) {
  const auto text = args[0].text();
  if (!frame.chargeBytes(args[0].size())) return false;
  const auto from = args.size() > 2 ? args[2].int64() : 0;
  if (from < 0) return outOfRange(frame, from, text);
  out = Value::int64(-1);
  const auto length = countCodePoints(text);
  if (from > length) return true;
  if (args[1].text().empty()) {
    out = Value::int64(from);
    return true;
  }
  const auto at = text.find(args[1].text(), byteOffset(text, from));
  if (at != std::string_view::npos) out = Value::int64(countCodePoints(text.substr(0, at)));
  return true;
}

bool lastIndexOf(CallFrame& frame, Args args, Value& out) {
  const auto text = args[0].text();
  if (!frame.chargeBytes(args[0].size())) return false;
  const auto length = countCodePoints(text);
  const auto from = args.size() > 2 ? args[2].int64() : length;
  if (from < 0) return outOfRange(frame, from, text);
  out = Value::int64(-1);
  if (from > length) return true;
  if (args[1].text().empty()) {
    out = Value::int64(from);
    return true;
  }
  const auto at = text.rfind(args[1].text(), byteOffset(text, from));
  if (at != std::string_view::npos) out = Value::int64(countCodePoints(text.substr(0, at)));
  return true;
}

bool substring(CallFrame& frame, Args args, Value& out) {
  const auto text = args[0].text();
  if (!frame.chargeBytes(args[0].size())) return false;
  const auto length = countCodePoints(text);
  const auto begin = args[1].int64();
  const auto end = args.size() > 2 ? args[2].int64() : length;
  if (begin < 0 || begin > length) return outOfRange(frame, begin, text);
  if (end < begin || end > length) return outOfRange(frame, end, text);
  const auto first = byteOffset(text, begin);
  const auto rest = text.substr(first);
  out = Value::string(rest.substr(0, byteOffset(rest, end - begin)));
  return true;
}

bool replace(CallFrame& frame, Args args, Value& out) {
  const auto text = args[0].text();
  const auto search = args[1].text();
  const auto with = args[2].text();
  auto limit = args.size() > 3 ? args[3].int64() : -1;
  std::string made;
  std::size_t at = 0;
  // An empty search matches before every character and at the end.
  while (limit != 0) {
    const auto found = text.find(search, at);
    if (found == std::string_view::npos) break;
    if (!frame.chargeBytes(static_cast<std::int64_t>(found - at + with.size()))) return false;
    made.append(text.substr(at, found - at)).append(with);
    --limit;
    at = found + search.size();
    if (!search.empty()) continue;
    if (at >= text.size()) break;
    const auto begin = at;
    (void)decodeUtf8(text, at);
    made.append(text.substr(begin, at - begin));
  }
  if (at < text.size()) made.append(text.substr(at));
  out = Value::string(made);
  return true;
}

bool split(CallFrame& frame, Args args, Value& out) {
  auto text = args[0].text();
  const auto separator = args[1].text();
  const auto limit = args.size() > 2 ? args[2].int64() : -1;
  if (!frame.chargeBytes(args[0].size())) return false;
  std::vector<Value> parts;
  const auto roomForMore = [&] { return limit < 0 || static_cast<std::int64_t>(parts.size()) + 1 < limit; };
  if (limit == 0 || (separator.empty() && text.empty())) {
    out = Value::list({});
    return true;
  }
  while (roomForMore()) {
    if (!frame.charge(1)) return false;
    std::size_t cut = 0;
    if (separator.empty()) {
      (void)decodeUtf8(text, cut);
      if (cut >= text.size()) break;
    } else {
      cut = text.find(separator);
      if (cut == std::string_view::npos) break;
    }
    parts.push_back(Value::string(text.substr(0, cut)));
    text.remove_prefix(cut + separator.size());
  }
  parts.push_back(Value::string(text));
  out = Value::list(std::move(parts));
  return true;
}

bool join(CallFrame& frame, Args args, Value& out) {
  const auto separator = args.size() > 1 ? args[1].text() : std::string_view{};
  std::string made;
  bool first = true;
  for (const auto& item : args[0].items()) {
    if (item.kind() != ValueKind::string)
      return frame.fail("cel.no_such_overload", "join() needs a list of strings; found " + showValue(item) + " in it.");
    if (!frame.chargeBytes(item.size())) return false;
    if (!first) made.append(separator);
    first = false;
    made.append(item.text());
  }
  out = Value::string(made);
  return true;
}

bool lowerAscii(CallFrame& frame, Args args, Value& out) {
  if (!frame.chargeBytes(args[0].size())) return false;
  out = Value::string(utf8::lowerAscii(args[0].text()));
  return true;
}

bool upperAscii(CallFrame& frame, Args args, Value& out) {
  if (!frame.chargeBytes(args[0].size())) return false;
  out = Value::string(utf8::upperAscii(args[0].text()));
  return true;
}

// The property White_Space of Unicode.
[[nodiscard]] bool isSpace(std::uint32_t point) noexcept {
  return (point >= 9 && point <= 13) || point == 0x20 || point == 0x85 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 || point == 0x202F ||
         point == 0x205F || point == 0x3000;
}

bool trim(CallFrame& frame, Args args, Value& out) {
  const auto text = args[0].text();
  if (!frame.chargeBytes(args[0].size())) return false;
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto from = at;
    if (isSpace(decodeUtf8(text, at))) continue;
    begin = std::min(begin, from);
    end = at;
  }
  out = Value::string(begin < end ? text.substr(begin, end - begin) : std::string_view{});
  return true;
}

bool reverse(CallFrame& frame, Args args, Value& out) {
  const auto text = args[0].text();
  if (!frame.chargeBytes(args[0].size())) return false;
  std::string made(text.size(), '\0');
  for (std::size_t at = 0; at < text.size();) {
    const auto from = at;
    (void)decodeUtf8(text, at);
    text.copy(made.data() + (text.size() - at), at - from, from);
  }
  out = Value::string(made);
  return true;
}

bool quote(CallFrame& frame, Args args, Value& out) {
  if (!frame.chargeBytes(args[0].size())) return false;
  out = Value::string(quoted(args[0].text()));
  return true;
}

constexpr FunctionEntry kTable[] = {
    {"charAt", "string.(int): string", charAt},
    {"indexOf", "string.(string): int", indexOf},
    {"indexOf", "string.(string, int): int", indexOf},
    {"lastIndexOf", "string.(string): int", lastIndexOf},
    {"lastIndexOf", "string.(string, int): int", lastIndexOf},
    {"substring", "string.(int): string", substring},
    {"substring", "string.(int, int): string", substring},
    {"replace", "string.(string, string): string", replace},
    {"replace", "string.(string, string, int): string", replace},
    {"split", "string.(string): list<string>", split},
    {"split", "string.(string, int): list<string>", split},
    {"join", "list<string>.(): string", join},
    {"join", "list<string>.(string): string", join},
    {"lowerAscii", "string.(): string", lowerAscii},
    {"upperAscii", "string.(): string", upperAscii},
    {"trim", "string.(): string", trim},
    {"reverse", "string.(): string", reverse},
    {"strings.quote", "(string): string", quote},
};

}  // namespace

std::span<const FunctionEntry> stringFunctions() noexcept { return kTable; }

}  // namespace weir::cel
