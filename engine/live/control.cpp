// Reads and writes control frames.
#include "engine/live/control.h"

#include <array>

#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::live {
namespace {

constexpr std::int32_t kMaxDepth = 64;

std::unexpected<Error> wrongKind(std::string_view key, std::string_view expected, const json::Value& found) {
  return fail("live.control", "a control frame's '" + std::string(key) + "' is " +
                                  std::string(json::nameOf(found.kind())) + "; " + std::string(expected) +
                                  " was expected");
}

}  // namespace

std::string writeControl(const Control& control) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("v").value(1).key("type").value(control.type);
  if (!control.id.empty()) out.key("id").value(control.id);
  if (control.subscription) out.key("subscription").value(std::int64_t{*control.subscription});
  if (!control.data.isNull()) out.key("data").value(control.data);
  out.endObject();
  return text;
}

Result<Control> readControl(std::string_view text, std::int64_t mostBytes) {
  json::ParseOptions options;
  options.maxDepth = kMaxDepth;
  options.maxBytes = mostBytes;
  auto read = json::parse(text, options);
  if (!read) return fail("live.control", "a control frame is no JSON: " + read.error().message);
  auto& root = read->root();
  if (!root.isObject()) return wrongKind("frame", "an object", root);
  WEIR_ASSIGN(const auto version, intOf(root, "v", 0));
  if (version != 1) {
    return fail("live.control", "a control frame has version " + std::to_string(version) + "; write \"v\": 1");
  }
  Control control;
  WEIR_ASSIGN(control.type, textOf(root, "type", ""));
  if (control.type.empty()) return fail("live.control", "a control frame has no type; write \"type\": \"…\"");
  WEIR_ASSIGN(control.id, textOf(root, "id", ""));
  if (root.find("subscription") != nullptr) {
    WEIR_ASSIGN(const auto number, intOf(root, "subscription", 0));
    if (number < 0 || number > INT32_MAX) {
      return fail("live.control", "a control frame names the subscription " + std::to_string(number) +
                                      "; numbers of subscriptions are small");
    }
    control.subscription = static_cast<std::uint32_t>(number);
  }
  if (auto* data = root.find("data"); data != nullptr) control.data = std::move(*data);
  return control;
}

Control errorReply(const std::string& id, const Error& error) {
  Control reply{"error", id};
  reply.data.set("code", error.code);
  reply.data.set("message", error.message);
  return reply;
}

Error errorOf(const json::Value& data) {
  static constexpr std::array<std::string_view, 19> kCodes{
      "debug.limit",      "debug.row",         "debug.unknown",        "live.control",    "live.frame",
      "live.too_large",   "live.unknown",      "cel.syntax",           "cel.type",        "cel.no_such_overload",
      "cel.too_complex",  "cel.unknown_field", "cel.unknown_function", "cel.unsupported", "cel.unknown_variable",
      "settings.invalid", "settings.range",    "settings.type",        "run.not_found"};
  const auto* code = data.find("code");
  const auto* message = data.find("message");
  Error error{"live.control",
              message != nullptr && message->asString() != nullptr ? *message->asString() : "no reason"};
  if (code == nullptr || code->asString() == nullptr) return error;
  for (const auto known : kCodes) {
    if (known == *code->asString()) error.code = known;
  }
  return error;
}

Result<std::string> textOf(const json::Value& data, std::string_view key, std::string_view otherwise) {
  const auto* found = data.find(key);
  if (found == nullptr) return std::string(otherwise);
  if (found->asString() == nullptr) return wrongKind(key, "a text", *found);
  return *found->asString();
}

Result<std::int64_t> intOf(const json::Value& data, std::string_view key, std::int64_t otherwise) {
  const auto* found = data.find(key);
  if (found == nullptr) return otherwise;
  if (found->asInt64() == nullptr) return wrongKind(key, "a whole number", *found);
  return *found->asInt64();
}

Result<double> numberOf(const json::Value& data, std::string_view key, double otherwise) {
  const auto* found = data.find(key);
  if (found == nullptr) return otherwise;
  double number = 0;
  if (!found->toDouble(number)) return wrongKind(key, "a number", *found);
  return number;
}

Result<bool> boolOf(const json::Value& data, std::string_view key, bool otherwise) {
  const auto* found = data.find(key);
  if (found == nullptr) return otherwise;
  if (found->asBool() == nullptr) return wrongKind(key, "true or false", *found);
  return *found->asBool();
}

}  // namespace weir::live
