// Writing cells, rows and packets.
#include "engine/data/row-json.h"

#include <array>
#include <charconv>

#include "engine/data/value-json.h"
#include "engine/json/text.h"
#include "engine/text/base64.h"
#include "engine/time/instant.h"

namespace weir {
namespace {

template <class T>
void appendNumber(std::string& out, T value) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

void appendMember(std::string& out, std::string_view key, std::string_view text) {
  out += out.back() == '{' ? "\"" : ",\"";
  out += key;
  out += "\":";
  json::appendQuoted(out, text);
}

}  // namespace

void appendJson(std::string& out, const Column& column, std::int64_t row) {
  if (column.isNull(row)) {
    out += "null";
    return;
  }
  const auto at = static_cast<std::size_t>(row);
  switch (column.type->kind) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
      out += column.boolean(row) ? "true" : "false";
      return;
    case Kind::int64:
      appendNumber(out, column.ints()[at]);
      return;
    case Kind::uint64:
      appendNumber(out, column.uints()[at]);
      return;
    case Kind::string:
      json::appendQuoted(out, column.text(row));
      return;
    case Kind::bytes:
      out += '"';
      out += encodeBase64(column.text(row));
      out += '"';
      return;
    case Kind::float64:
    case Kind::blob:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::list:
    case Kind::map:
    case Kind::tensor:
    case Kind::any:
      appendJson(out, column.value(row));
      return;
  }
}

void appendRowJson(std::string& out, const Batch& batch, std::int64_t row, bool skipNull) {
  out += '{';
  bool first = true;
  const auto fields = batch.schema()->fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto& column = batch.columns()[i];
    if (skipNull && column.isNull(row)) continue;
    if (!first) out += ',';
    first = false;
    json::appendQuoted(out, fields[i].name);
    out += ':';
    appendJson(out, column, row);
  }
  out += '}';
}

void appendJson(std::string& out, const Packet& packet) {
  out += '{';
  appendMember(out, "schemaVersion", packet.schemaVersion);
  out += ",\"value\":";
  appendJson(out, packet.value);
  if (!packet.binaryValue.isNull()) {
    out += ",\"binaryValue\":";
    appendJson(out, packet.binaryValue);
  }
  appendMember(out, "traceId", packet.traceId);
  appendMember(out, "originNode", packet.originNode);
  appendMember(out, "timestamp", formatInstant(instantFromMicros(packet.timestampMicros).value_or(Instant{})));
  out += '}';
}

void appendJson(std::string& out, const ErrorPacket& packet) {
  out += '{';
  appendMember(out, "code", packet.code);
  appendMember(out, "message", packet.message);
  appendMember(out, "nodeId", packet.nodeId);
  appendMember(out, "traceId", packet.traceId);
  out += packet.recoverable ? ",\"recoverable\":true,\"row\":" : ",\"recoverable\":false,\"row\":";
  appendJson(out, packet.row);
  out += ",\"tries\":";
  appendNumber(out, packet.tries);
  out += '}';
}

}  // namespace weir
