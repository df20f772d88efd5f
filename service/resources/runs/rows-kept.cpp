// Reads and writes what is kept of rows.
#include "service/resources/runs/rows-kept.h"

#include <limits>
#include <string_view>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/flow-text.h"

namespace weir::api {
namespace {

constexpr std::int64_t kLeastBytes = std::int64_t{1} << 20, kMostBytes = std::int64_t{16} << 30;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::unexpected<Refusal> wrong(std::string_view member, std::string_view wanted) {
  return refuse(400, "api.body", "'" + std::string(member) + "' is " + std::string(wanted));
}

Expected<void> number(const json::Value& object, std::string_view of, std::string_view key, std::int64_t least,
                      std::int64_t most, std::int64_t& into) {
  const auto* given = object.find(key);
  if (given == nullptr) return {};
  const auto* found = given->asInt64();
  if (found != nullptr && *found >= least && *found <= most) {
    into = *found;
    return {};
  }
  return wrong(std::string(of) + "." + std::string(key),
               "a whole number from " + std::to_string(least) + (most == kMost ? "" : " to " + std::to_string(most)));
}

Expected<void> readRecord(const json::Value& record, RowsKept& kept) {
  if (!record.isObject()) return wrong("record", "an object such as {\"edge\": \"paid\"}");
  if (auto known = checkMembers(record, "edge bytes ageMs sensitive"); !known) return known;
  const auto* edge = record.find("edge");
  if (edge == nullptr || !edge->isString() || edge->asString()->empty()) {
    return wrong("record.edge", "the id of an edge of the flow");
  }
  kept.edge = *edge->asString();
  if (auto good = number(record, "record", "bytes", kLeastBytes, kMostBytes, kept.recordBytes); !good) return good;
  if (auto good = number(record, "record", "ageMs", 1'000, kMost / 1'000, kept.recordAgeMs); !good) return good;
  const auto* sensitive = record.find("sensitive");
  if (sensitive == nullptr) return {};
  if (sensitive->asBool() == nullptr) return wrong("record.sensitive", "true or false");
  kept.sensitive = *sensitive->asBool();
  return {};
}

Expected<void> readTrace(const json::Value& trace, RowsKept& kept) {
  if (!trace.isObject()) return wrong("trace", "an object such as {\"rows\": 1000}");
  if (auto known = checkMembers(trace, "rows bytes"); !known) return known;
  if (trace.find("rows") == nullptr) return wrong("trace.rows", "how many rows one is traced of, such as 1000");
  if (auto good = number(trace, "trace", "rows", 1, kMost, kept.traceEvery); !good) return good;
  return number(trace, "trace", "bytes", kLeastBytes, kMostBytes, kept.traceBytes);
}

}  // namespace

Expected<RowsKept> RowsKept::asked(const json::Value& request) {
  RowsKept kept;
  if (const auto* record = request.find("record")) {
    if (auto good = readRecord(*record, kept); !good) return std::unexpected(std::move(good.error()));
  }
  if (const auto* trace = request.find("trace")) {
    if (auto good = readTrace(*trace, kept); !good) return std::unexpected(std::move(good.error()));
  }
  return kept;
}

RowsKept RowsKept::of(const json::Value& kept) {
  auto read = asked(kept);
  return read ? std::move(*read) : RowsKept{};
}

std::string RowsKept::json() const {
  std::string text;
  if (nothing()) return text;
  json::Writer out(text);
  out.beginObject();
  if (!edge.empty()) {
    out.key("record").beginObject().key("edge").value(edge).key("bytes").value(recordBytes);
    if (recordAgeMs > 0) out.key("ageMs").value(recordAgeMs);
    out.key("sensitive").value(sensitive).endObject();
  }
  if (traceEvery > 0)
    out.key("trace").beginObject().key("rows").value(traceEvery).key("bytes").value(traceBytes).endObject();
  out.endObject();
  return text;
}

}  // namespace weir::api
