// What a server tells, as items of OTLP in JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/data/error.h"
#include "service/logs/log-line.h"

namespace weir::telemetry {

/// Names of OpenTelemetry's semantic conventions, or ours with "weir." before them.
using Attributes = std::vector<std::pair<std::string_view, std::variant<std::string, std::int64_t>>>;

struct Span {
  std::string trace, id, parent{};  // 32, 16 and 16 hex digits
  std::string name;
  bool server = false;  // somebody asked for it
  std::int64_t beginMicros = 0, endNanosLater = 0;
  Attributes attributes{};
  std::string problem{};  // empty: it went well
};
[[nodiscard]] std::string spanJson(const Span& span);

/// Fields traceId and spanId become those of the record.
[[nodiscard]] std::string logRecordJson(const logs::LogLine& line);

/// One item for each family of a text of Prometheus: counters as cumulative sums since `beginMicros`.
[[nodiscard]] std::vector<std::string> metricItems(std::string_view exposition, std::int64_t beginMicros,
                                                   std::int64_t nowMicros);

/// `service.name=weir,host.name=…` (OTEL_RESOURCE_ATTRIBUTES): names and values, percent-encoded. `settings.invalid`.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> namedValues(std::string_view text,
                                                                                   std::string_view setting);
[[nodiscard]] std::string resourceJson(const std::vector<std::pair<std::string, std::string>>& attributes);

}  // namespace weir::telemetry
