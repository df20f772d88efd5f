// Reads a schema.json into a NodeType: the node as a whole, and its ports.
#include "engine/node/parse-node-type.h"

#include <algorithm>
#include <array>
#include <set>

#include "engine/node/schema-reader.h"
#include "engine/node/version.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 9> kPortTypes{"signal", "any",  "object", "string",      "number",
                                                     "tensor", "rows", "blob",   "error_packet"};
constexpr std::array<std::string_view, 4> kKinds{"pure", "stateful", "source", "io"};
constexpr std::array<std::string_view, 6> kCardinalities{"one", "filter", "expand", "fold", "source", "sink"};
constexpr std::array<std::string_view, 4> kEffects{"none", "idempotent", "transactional", "rename"};
constexpr std::array<std::string_view, 3> kTouches{"nothing", "reads", "writes"};
constexpr std::array<std::string_view, 4> kHosts{"native", "browser", "server", "simulation"};
constexpr std::size_t kMaxPorts = 63;

bool isWord(std::string_view word) {
  if (word.empty() || word[0] < 'a' || word[0] > 'z' || word.back() == '-') return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain && (c != '-' || word[i - 1] == '-')) return false;
  }
  return true;
}

bool isNodeId(std::string_view id) {
  const auto slash = id.find('/');
  if (slash == std::string_view::npos) return isWord(id);
  return isWord(id.substr(0, slash)) && isWord(id.substr(slash + 1));
}

bool isPortName(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

void readVersion(SchemaReader& reader, const json::Value& node, std::string_view at, std::string& into,
                 std::string_view key) {
  reader.text(node, key, at, into);
  if (!into.empty() && !Version::parse(into)) {
    reader.wrong(reader.below(at, key), "'" + into + "' is no version; write it as 1.0.0");
  }
}

void readPortType(SchemaReader& reader, const std::string& text, const std::string& at, PortSpec& port) {
  if (text == "map") {
    port.type = PortType::object;
    return;
  }
  if (text.starts_with("rows{")) {
    port.type = PortType::rows;
    const auto type = parseTypeName("map" + text.substr(4));
    if (!type) {
      reader.wrong(at, "'" + text + "' is no port type; write the fields as rows{id: int, name: string?}");
    } else {
      port.fields = type->fields;
    }
    return;
  }
  const auto found = std::ranges::find(kPortTypes, std::string_view(text));
  if (found == kPortTypes.end()) {
    reader.unknownOption(at, text, kPortTypes);
  } else {
    port.type = static_cast<PortType>(found - kPortTypes.begin());
  }
}

PortSpec readPort(SchemaReader& reader, const json::Value& node, const std::string& at) {
  static constexpr std::array<std::string_view, 7> kKeys{"name", "type",    "required", "blocking",
                                                         "from", "aliases", "help"};
  PortSpec port;
  if (!reader.object(node, at, kKeys)) return port;
  reader.required(node, at, {"name", "type"});
  reader.text(node, "name", at, port.name);
  if (node.find("name") != nullptr && !isPortName(port.name)) {
    reader.wrong(reader.below(at, "name"), "'" + port.name + "' is no port name; use letters, digits, - and _");
  }
  std::string type;
  if (reader.text(node, "type", at, type)) readPortType(reader, type, reader.below(at, "type"), port);
  reader.boolean(node, "required", at, port.required);
  reader.boolean(node, "blocking", at, port.blocking);
  reader.text(node, "from", at, port.from);
  reader.texts(node, "aliases", at, port.aliases);
  reader.text(node, "help", at, port.help);
  return port;
}

void readPorts(SchemaReader& reader, const json::Value& ports, std::string_view key, std::vector<PortSpec>& into) {
  const auto* list = ports.find(key);
  if (list == nullptr) return;
  const auto at = reader.below("/ports", key);
  const auto* elements = list->asArray();
  if (elements == nullptr) return reader.wrongKind(*list, at, "a list");
  if (elements->size() > kMaxPorts) return reader.wrong(at, "a node has at most 63 ports on a side");
  std::set<std::string> taken;
  for (const auto& element : *elements) {
    const auto below = reader.below(at, std::to_string(into.size()));
    into.push_back(readPort(reader, element, below));
    auto names = into.back().aliases;
    names.push_back(into.back().name);
    for (const auto& name : names) {
      if (!taken.insert(name).second) reader.wrong(below, "the port '" + name + "' comes twice");
    }
  }
}

/// `error` is the last output, declared or not.
void placeErrorPort(std::vector<PortSpec>& outputs) {
  const auto at = std::ranges::find(outputs, std::string_view("error"), &PortSpec::name);
  if (at != outputs.end()) {
    std::rotate(at, at + 1, outputs.end());
    return;
  }
  PortSpec error;
  error.name = "error";
  error.type = PortType::errorPacket;
  outputs.push_back(std::move(error));
}

void readExecution(SchemaReader& reader, const json::Value& root, NodeType& type) {
  static constexpr std::array<std::string_view, 5> kKeys{"timeoutMs", "retry", "recoverable", "parallel", "ordered"};
  const auto* execution = root.find("execution");
  if (execution == nullptr || !reader.object(*execution, "/execution", kKeys)) return;
  constexpr std::string_view kAt = "/execution";
  std::int64_t retry = 0, parallel = type.parallel;
  reader.integer(*execution, "timeoutMs", kAt, 0, INT64_MAX, type.timeoutMs);
  reader.integer(*execution, "retry", kAt, 0, 100, retry);
  reader.integer(*execution, "parallel", kAt, 1, 4096, parallel);
  reader.boolean(*execution, "recoverable", kAt, type.recoverable);
  reader.boolean(*execution, "ordered", kAt, type.ordered);
  type.attempts = static_cast<int>(retry) + 1;
  type.parallel = static_cast<int>(parallel);
}

void readUi(SchemaReader& reader, const json::Value& root) {
  static constexpr std::array<std::string_view, 4> kKeys{"color", "icon", "resizable", "widget"};
  const auto* ui = root.find("ui");
  if (ui == nullptr || !reader.object(*ui, "/ui", kKeys)) return;
  std::string text;
  bool flag = false;
  if (reader.text(*ui, "color", "/ui", text)) {
    const auto digits = std::string_view(text).substr(std::min<std::size_t>(1, text.size()));
    if (text.size() != 7 || text[0] != '#' ||
        digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
      reader.wrong("/ui/color", "'" + text + "' is no color; write it as #ff8800");
    }
  }
  reader.text(*ui, "icon", "/ui", text);
  reader.boolean(*ui, "resizable", "/ui", flag);
  const auto* widget = ui->find("widget");
  if (widget != nullptr && !widget->isNull()) reader.text(*ui, "widget", "/ui", text);
}

void readTouches(SchemaReader& reader, const json::Value& root, NodeType& type) {
  const auto* touches = root.find("touches");
  if (touches != nullptr && touches->isObject()) {
    static constexpr std::array<std::string_view, 1> kKeys{"setting"};
    reader.object(*touches, "/touches", kKeys);
    reader.required(*touches, "/touches", {"setting"});
    reader.text(*touches, "setting", "/touches", type.touchesFollows);
    return;
  }
  reader.option(root, "touches", "", kTouches, type.touches);
}

void readCompatibility(SchemaReader& reader, const json::Value& root, NodeType& type) {
  static constexpr std::array<std::string_view, 2> kKeys{"minRuntime", "hosts"};
  const auto* compatibility = root.find("compatibility");
  if (compatibility == nullptr || !reader.object(*compatibility, "/compatibility", kKeys)) return;
  readVersion(reader, *compatibility, "/compatibility", type.minRuntime, "minRuntime");
  reader.texts(*compatibility, "hosts", "/compatibility", type.hosts);
  for (std::size_t i = 0; i < type.hosts.size(); ++i) {
    if (std::ranges::find(kHosts, std::string_view(type.hosts[i])) == kHosts.end()) {
      reader.unknownOption("/compatibility/hosts/" + std::to_string(i), type.hosts[i], kHosts);
    }
  }
}

void readIdentity(SchemaReader& reader, const json::Value& root, NodeType& type) {
  reader.required(root, "", {"id", "version", "name", "description", "ports"});
  if (reader.text(root, "id", "", type.id) && !isNodeId(type.id)) {
    reader.wrong("/id", "'" + type.id + "' is no id; write it as category/node-name, in small letters");
  }
  readVersion(reader, root, "", type.version, "version");
  reader.text(root, "name", "", type.name);
  reader.text(root, "description", "", type.description);
  reader.text(root, "category", "", type.category);
  reader.texts(root, "aliases", "", type.aliases);
  reader.texts(root, "keywords", "", type.keywords);
  reader.texts(root, "needs", "", type.needs);
  reader.texts(root, "acceptsFilter", "", type.acceptsFilter);
}

void checkFollowers(SchemaReader& reader, const NodeType& type) {
  const auto isList = [&](const std::string& name) {
    return std::ranges::any_of(
        type.settings, [&](const SettingSpec& spec) { return spec.name == name && spec.type == SettingType::list; });
  };
  const auto check = [&](const std::vector<PortSpec>& ports, std::string_view side) {
    for (const auto& port : ports) {
      if (!port.from.empty() && !isList(port.from)) {
        reader.wrong(reader.below("/ports", side),
                     "the port '" + port.name + "' follows '" + port.from + "', which is no list setting of this node");
      }
    }
  };
  check(type.inputs, "inputs");
  check(type.outputs, "outputs");
  if (!type.touchesFollows.empty() && std::ranges::none_of(type.settings, [&](const SettingSpec& spec) {
        return spec.name == type.touchesFollows && spec.type == SettingType::boolean;
      })) {
    reader.wrong("/touches/setting", "'" + type.touchesFollows + "' is no boolean setting of this node");
  }
}

void readNodeType(SchemaReader& reader, const json::Value& root, NodeType& type) {
  static constexpr std::array<std::string_view, 22> kKeys{
      "id",        "version",       "aliases", "compatibility", "category", "name",          "description",
      "keywords",  "kind",          "needs",   "cardinality",   "effects",  "acceptsFilter", "acceptsSelection",
      "unbounded", "deterministic", "touches", "stateVersion",  "ui",       "execution",     "ports",
      "settings"};
  if (!reader.object(root, "", kKeys)) return;
  readIdentity(reader, root, type);
  readCompatibility(reader, root, type);
  reader.option(root, "kind", "", kKinds, type.kind);
  reader.option(root, "cardinality", "", kCardinalities, type.cardinality);
  reader.option(root, "effects", "", kEffects, type.effects);
  readTouches(reader, root, type);
  reader.boolean(root, "acceptsSelection", "", type.acceptsSelection);
  reader.boolean(root, "unbounded", "", type.unbounded);
  reader.boolean(root, "deterministic", "", type.deterministic);
  std::int64_t stateVersion = 1;
  reader.integer(root, "stateVersion", "", 1, INT64_MAX, stateVersion);
  readUi(reader, root);
  readExecution(reader, root, type);
  if (const auto* ports = root.find("ports"); ports != nullptr) {
    static constexpr std::array<std::string_view, 2> kSides{"inputs", "outputs"};
    if (reader.object(*ports, "/ports", kSides)) {
      readPorts(reader, *ports, "inputs", type.inputs);
      readPorts(reader, *ports, "outputs", type.outputs);
    }
  }
  if (const auto* settings = root.find("settings"); settings != nullptr) {
    type.settings = reader.settings(*settings, "/settings");
  }
  checkFollowers(reader, type);
  placeErrorPort(type.outputs);
}

/// The body of an HTTP-like node of the first specification arrives at either port.
void aliasSpecificationPorts(NodeType& type) {
  const auto isNamed = [&](std::size_t at, std::string_view name) { return type.inputs[at].name == name; };
  if (type.id != "http-request" || type.inputs.size() != 2 || !isNamed(0, "trigger") || !isNamed(1, "body")) return;
  PortSpec rows = type.inputs[0];
  rows.name = "rows";
  rows.type = PortType::any;
  rows.aliases = {"trigger", "body"};
  type.inputs = {std::move(rows)};
}

}  // namespace

std::string_view nameOf(PortType type) { return kPortTypes[static_cast<std::size_t>(type)]; }

std::optional<Port> NodeType::inputNamed(std::string_view wanted) const {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].name == wanted || std::ranges::find(inputs[i].aliases, wanted) != inputs[i].aliases.end())
      return static_cast<Port>(i);
  }
  return std::nullopt;
}

std::optional<Port> NodeType::outputNamed(std::string_view wanted) const {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].name == wanted || std::ranges::find(outputs[i].aliases, wanted) != outputs[i].aliases.end())
      return static_cast<Port>(i);
  }
  return std::nullopt;
}

ParsedNodeType parseNodeType(std::string_view schemaJson) {
  ParsedNodeType result;
  auto document = json::parse(schemaJson, {.maxDepth = 64, .maxBytes = std::int64_t{4} << 20U});
  if (!document) {
    result.problems.push_back({"", document.error().code, document.error().message, {}});
    return result;
  }
  // Moved first: defaults point into it, and stay where they are when the Document moves (containers keep theirs).
  result.type.document = std::move(*document);
  SchemaReader reader(result.problems);
  readNodeType(reader, result.type.document.root(), result.type);
  aliasSpecificationPorts(result.type);
  return result;
}

std::vector<PortSpec> instancePorts(const std::vector<PortSpec>& ports, const json::Value& settings) {
  std::vector<PortSpec> result;
  for (const auto& port : ports) {
    if (port.from.empty()) {
      result.push_back(port);
      continue;
    }
    const auto* list = settings.find(port.from);
    const auto* elements = list == nullptr ? nullptr : list->asArray();
    if (elements == nullptr) continue;
    for (const auto& element : *elements) {
      const auto* name = element.isObject() ? element.find("name") : &element;
      if (name == nullptr || name->asString() == nullptr) continue;
      auto one = port;
      one.name = *name->asString();
      result.push_back(std::move(one));
    }
  }
  return result;
}

}  // namespace weir
