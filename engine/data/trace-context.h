// W3C trace context (Recommendation of 2021-11-23): the header `traceparent`, read and written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/data/envelope.h"

namespace weir {

/// Who called, as the header says it: the trace a row belongs to and the span that caused it.
struct TraceContext {
  TraceId trace;             // not zero
  std::uint64_t parent = 0;  // span id of the caller; not zero
  bool sampled = false;      // the caller records this trace
  [[nodiscard]] friend bool operator==(const TraceContext&, const TraceContext&) noexcept = default;
};

/// Nothing if the text is no traceparent: then a new trace begins, as the recommendation says. A later version of the
/// header is read as far as this version goes.
[[nodiscard]] std::optional<TraceContext> parseTraceparent(std::string_view text) noexcept;
/// `00-<32 hex digits>-<16 hex digits>-<01 or 00>`.
[[nodiscard]] std::string traceparentText(const TraceContext& context);

/// 32 lower-case hex digits, not all zero; else nothing.
[[nodiscard]] std::optional<TraceId> parseTraceId(std::string_view text) noexcept;
/// Appends 16 lower-case hex digits.
void appendHex(std::string& text, std::uint64_t bits);
/// 16 lower-case hex digits.
[[nodiscard]] std::string spanIdText(std::uint64_t span);
/// The span of what node `node` (index in the plan) did with the rows of a trace: the same wherever it is asked for,
/// never zero. `step` tells several of one node apart.
[[nodiscard]] std::uint64_t spanIdOf(TraceId trace, std::int32_t node, std::int64_t step) noexcept;

/// Whether a trace is one of `1 in every`; all nodes and all machines agree. 0: none, 1: all.
[[nodiscard]] bool traceSampled(TraceId trace, std::uint64_t every) noexcept;

}  // namespace weir
