// NodeType: a parsed schema.json, the one truth about a kind of node; and how to make one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/type.h"
#include "engine/json/document.h"
#include "engine/node/node-context.h"
#include "engine/node/node.h"

namespace weir {

enum class PortType : std::uint8_t { signal, any, object, string, number, tensor, rows, blob, errorPacket };

struct PortSpec {
  std::string name;
  PortType type = PortType::rows;
  std::vector<Field> fields;  // rows{…}: at least these
  bool required = false;
  bool blocking = false;  // must end before the other inputs are read
  std::string from;       // ports follow a list setting: name of that setting
  std::vector<std::string> aliases;
  std::string help;
};

enum class SettingType : std::uint8_t {
  string,
  text,
  integer,
  number,
  boolean,
  enumeration,
  duration,
  bytesize,
  expression,
  schema,
  path,
  secret,
  list,
  map,
  code
};

struct SettingSpec {
  std::string name, label, help, pattern, format, visibleWhen;
  SettingType type = SettingType::string;
  bool required = false;
  bool acceptsSecret = false;
  const json::Value* defaultValue = nullptr;  // null if none
  std::optional<double> min, max;
  std::vector<std::string> options;  // enum
  std::vector<SettingSpec> items;    // list of objects: members; list of scalars: one nameless spec
  std::string expressionType;        // expression: bool, any, map … what it must give
};

enum class Touches : std::uint8_t { nothing, reads, writes };
enum class NodeKind : std::uint8_t { pure, stateful, source, io };
enum class Cardinality : std::uint8_t { one, filter, expand, fold, source, sink };
enum class Effects : std::uint8_t { none, idempotent, transactional, rename };

struct NodeType {
  std::string id, version, category, name, description, minRuntime;
  std::vector<std::string> aliases, hosts, needs, keywords, acceptsFilter;
  NodeKind kind = NodeKind::io;
  Cardinality cardinality = Cardinality::one;
  Effects effects = Effects::none;
  Touches touches = Touches::writes;
  std::string touchesFollows;  // name of the boolean setting it follows, or empty
  bool unbounded = false, acceptsSelection = false, deterministic = true;
  bool ordered = true;
  std::int64_t timeoutMs = 0;  // 0: none
  int attempts = 1;            // counts the first
  bool recoverable = false;
  int parallel = 0;                       // io: calls at once
  std::vector<PortSpec> inputs, outputs;  // outputs always end with `error`, declared or not
  std::vector<SettingSpec> settings;
  json::Document document;  // the schema.json itself; specs point into it

  /// Null for packages without code (a refused or declared-only type).
  Result<NodePtr> (*make)(const json::Value& settings, NodeContext& context) = nullptr;

  [[nodiscard]] std::optional<Port> inputNamed(std::string_view name) const;  // aliases too
  [[nodiscard]] std::optional<Port> outputNamed(std::string_view name) const;
  [[nodiscard]] Port errorPort() const { return static_cast<Port>(outputs.size() - 1); }
};

/// One row of the generated table of built-in nodes.
struct BuiltinNode {
  std::string_view schemaJson;
  std::string_view casesJson;
  Result<NodePtr> (*make)(const json::Value& settings, NodeContext& context);
};

}  // namespace weir
