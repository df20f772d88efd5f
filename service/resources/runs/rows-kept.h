// RowsKept: what a run keeps of the rows that pass through it, as a request asks for it and a record has it.
#pragma once

#include <cstdint>
#include <string>

#include "engine/json/value.h"
#include "service/api/refusal.h"

namespace weir::api {

struct RowsKept {
  std::string edge;                                    // whose rows are recorded; empty: none's
  std::int64_t recordBytes = std::int64_t{256} << 20;  // of its files; the oldest go
  std::int64_t recordAgeMs = 0;                        // 0: none is too old
  bool sensitive = false;                              // fields that are marked so are recorded as they are
  std::int64_t traceEvery = 0;                         // 1 row in so many is traced; 0: none
  std::int64_t traceBytes = std::int64_t{64} << 20;    // of its files; the oldest go

  [[nodiscard]] bool nothing() const { return edge.empty() && traceEvery == 0; }
  /// The members `record` {edge, bytes?, ageMs?, sensitive?} and `trace` {rows, bytes?} of a request; `api.body` says
  /// what is wrong with them.
  [[nodiscard]] static Expected<RowsKept> asked(const json::Value& request);
  /// Of what json() has written. What it does not know is passed over.
  [[nodiscard]] static RowsKept of(const json::Value& kept);
  /// Empty: nothing is kept.
  [[nodiscard]] std::string json() const;
};

}  // namespace weir::api
