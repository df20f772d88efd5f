// Cells, rows and packets as JSON, in the forms of value-json.h.
#pragma once

#include <string>

#include "engine/data/packet.h"

namespace weir {

/// One cell, without making a Value where the kind is scalar. `row` is physical.
void appendJson(std::string& out, const Column& column, std::int64_t row);
/// One row as an object; physical row. `skipNull`: leaves absent fields out.
void appendRowJson(std::string& out, const Batch& batch, std::int64_t row, bool skipNull = false);
/// `{"schemaVersion": …, "value": …, "binaryValue"?: …, "traceId": …, "originNode": …, "timestamp": …}`.
void appendJson(std::string& out, const Packet& packet);
/// `{"code": …, "message": …, "nodeId": …, "traceId": …, "recoverable": …, "row": …, "tries": …}`.
void appendJson(std::string& out, const ErrorPacket& packet);

}  // namespace weir
