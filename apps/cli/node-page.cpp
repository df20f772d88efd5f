// Lays the page of a node out in columns.
#include "apps/cli/node-page.h"

#include <algorithm>
#include <cstdio>
#include <span>
#include <string_view>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/node/parse-node-type.h"

namespace weir::cli {
namespace {

constexpr std::size_t kLine = 100;

/// `text` in lines that begin with `indent` spaces and break at spaces.
std::string paragraph(std::string_view text, std::size_t indent) {
  std::string out;
  while (!text.empty()) {
    auto end = text.size();
    if (end + indent > kLine) {
      end = text.rfind(' ', kLine - indent);
      if (end == std::string_view::npos || end == 0) end = text.find(' ');
      if (end == std::string_view::npos) end = text.size();
    }
    out.append(indent, ' ').append(text.substr(0, end)).append("\n");
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return out;
}

std::string numberText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::string kindOf(const SettingSpec& spec) {
  if (spec.type == SettingType::enumeration) {
    std::string text;
    for (const auto& option : spec.options) text += (text.empty() ? "" : " | ") + option;
    return text;
  }
  std::string text(nameOf(spec.type));
  if (!spec.expressionType.empty()) text += " that gives " + spec.expressionType;
  const bool scalars = spec.items.size() == 1 && spec.items[0].name.empty();
  if (spec.type == SettingType::list && scalars) text += " of " + kindOf(spec.items[0]);
  if (spec.type == SettingType::list && !scalars && !spec.items.empty()) text += " of objects with the members below";
  return text;
}

std::string settingLines(std::span<const SettingSpec> settings, std::size_t indent) {
  std::string out;
  for (const auto& spec : settings) {
    auto head = spec.name + "  " + kindOf(spec);
    if (spec.required) head += ", required";
    if (spec.defaultValue != nullptr) head += ", default " + json::write(*spec.defaultValue);
    if (spec.min) head += ", at least " + numberText(*spec.min);
    if (spec.max) head += ", at most " + numberText(*spec.max);
    if (!spec.pattern.empty()) head += ", matches " + spec.pattern;
    if (!spec.visibleWhen.empty()) head += ", used when " + spec.visibleWhen;
    out += paragraph(head, indent);
    out += paragraph(spec.help.empty() ? spec.label : spec.help, indent + 4);
    if (spec.items.size() != 1 || !spec.items[0].name.empty()) out += settingLines(spec.items, indent + 4);
  }
  return out;
}

std::string portLines(std::span<const PortSpec> ports) {
  std::string out;
  for (const auto& port : ports) {
    auto head = port.from.empty() ? port.name : "one for each of " + port.from;
    head.append("  ").append(nameOf(port.type));
    std::string fields;
    for (const auto& field : port.fields)
      fields += (fields.empty() ? "" : ", ") + field.name + ": " + typeName(*field.type) + (field.nullable ? "?" : "");
    if (!fields.empty()) head += "{" + fields + "}";
    if (port.required) head += ", required";
    if (port.blocking) head += ", must end before the other inputs are read";
    const bool bare = port.name == "error" && port.help.empty();
    out += paragraph(head, 2) +
           paragraph(bare ? "Rows that failed, with the reason; unwired, they become dead letters" : port.help, 6);
  }
  return out.empty() ? "  none\n" : out;
}

/// The settings of the first case.
std::string exampleLines(std::string_view cases) {
  const auto parsed = json::parse(std::string(cases));
  if (!parsed) return {};
  const auto* name = parsed->root().findPointer("/0/name");
  const auto* settings = parsed->root().findPointer("/0/settings");
  if (name == nullptr || !name->isString() || settings == nullptr) return {};
  return "\nExample: " + *name->asString() + "\n" + paragraph("\"settings\": " + json::write(*settings), 2);
}

}  // namespace

std::string nodePage(const NodeType& type, const Catalogue& catalogue) {
  auto out = type.id + " " + type.version + ": " + type.name + "\n" + paragraph(type.description, 0);
  out += "\nInputs:\n" + portLines(type.inputs) + "\nOutputs:\n" + portLines(type.outputs);
  out += "\nSettings:\n" + (type.settings.empty() ? "  none\n" : settingLines(type.settings, 2));
  out += exampleLines(catalogue.casesOf(type));
  for (const auto* other : catalogue.versionsOf(type.id)) {
    if (other == &type) continue;
    out += "\nThere is also version " + other->version + ": weir nodes " + type.id + "@" + other->version + "\n";
  }
  return out;
}

}  // namespace weir::cli
