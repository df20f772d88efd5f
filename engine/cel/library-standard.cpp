// Library: sizes and predicates of texts; base64.
#include "engine/cel/frame.h"
#include "engine/cel/library.h"
#include "engine/cel/utf8.h"
#include "engine/regex/regex.h"
#include "engine/text/base64.h"

namespace weir::cel {
namespace {

using Args = std::span<const Value>;

bool sizeOfString(CallFrame& frame, Args args, Value& out) {
  if (!frame.chargeBytes(args[0].size())) return false;
  out = Value::int64(countCodePoints(args[0].text()));
  return true;
}

bool sizeOf(CallFrame&, Args args, Value& out) {
  out = Value::int64(args[0].size());
  return true;
}

bool contains(CallFrame& frame, Args args, Value& out) {
  if (!frame.chargeBytes(args[0].size())) return false;
  out = Value::boolean(args[0].text().find(args[1].text()) != std::string_view::npos);
  return true;
}

bool startsWith(CallFrame&, Args args, Value& out) {
  out = Value::boolean(args[0].text().starts_with(args[1].text()));
  return true;
}

bool endsWith(CallFrame&, Args args, Value& out) {
  out = Value::boolean(args[0].text().ends_with(args[1].text()));
  return true;
}

// Only for patterns that are not constant; constant ones are compiled with the program.
bool matches(CallFrame& frame, Args args, Value& out) {
  if (!frame.charge(100 + args[1].size()) || !frame.chargeBytes(args[0].size())) return false;
  auto compiled = regex::Regex::compile(args[1].text());
  if (!compiled) return frame.fail(std::move(compiled.error()));
  regex::Regex::Scratch scratch;
  out = Value::boolean(compiled->search(args[0].text(), scratch));
  return true;
}

bool encode(CallFrame& frame, Args args, Value& out) {
  if (!frame.chargeBytes(args[0].size())) return false;
  out = Value::string(encodeBase64(args[0].text()));
  return true;
}

bool decode(CallFrame& frame, Args args, Value& out) {
  if (!frame.chargeBytes(args[0].size())) return false;
  std::string text(args[0].text());
  // The padding may be left out.
  while (text.size() % 4 != 0 && text.size() % 4 != 1 && text.find('=') >= text.size() - text.size() % 4) text += '=';
  auto decoded = decodeBase64(text);
  if (!decoded) return frame.fail("cel.conversion", std::move(decoded.error().message));
  out = Value::bytes(*decoded);
  return true;
}

constexpr FunctionEntry kTable[] = {
    {"size", "(string): int", sizeOfString},
    {"size", "string.(): int", sizeOfString},
    {"size", "(bytes): int", sizeOf},
    {"size", "bytes.(): int", sizeOf},
    {"size", "(list<A>): int", sizeOf},
    {"size", "list<A>.(): int", sizeOf},
    {"size", "(map<A, B>): int", sizeOf},
    {"size", "map<A, B>.(): int", sizeOf},
    {"contains", "string.(string): bool", contains},
    {"startsWith", "string.(string): bool", startsWith},
    {"endsWith", "string.(string): bool", endsWith},
    {"matches", "string.(string): bool", matches},
    {"matches", "(string, string): bool", matches},
};

constexpr FunctionEntry kEncoders[] = {
    {"base64.encode", "(bytes): string", encode},
    {"base64.decode", "(string): bytes", decode},
};

}  // namespace

std::span<const FunctionEntry> standardFunctions() noexcept { return kTable; }
std::span<const FunctionEntry> encoderFunctions() noexcept { return kEncoders; }

}  // namespace weir::cel
