// What front and engine say to each other over their socket pair, beside frames of rows (engine/live/frame.h).
//
// Front to engine: begin {protocol, version, threads}; run (id: the run; subscription: that of its first outlet, the
// others follow it) {flow, options, runId, outlets, files, mounts, keys, …}, with the descriptors of its mounts; credit
// (subscription) {bytes}; lease {untilMs}, by the steady clock of the machine; drain, intake {why}, checkpoint (and
// end), save (a checkpoint, and go on), cancel, letters, change {number, flow, keepState} (id); secret {ask, value,
// keepMs}, or {ask, code, message, recoverable}; live (engine/live/relay.h); hooks (id), of requests that come to a
// run. Engine to front: hello {protocol, version, process}; rows as frames; run-log, run-event, run-metrics,
// run-changed, run-hooks, run-end (id); run-secret {ask, run, name, nodeType, host}; beat {longestStepMs, runs}. The
// engine ends when the socket does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/live/control.h"
#include "engine/live/frame.h"

namespace weir::engines {

inline constexpr std::int64_t kProtocol = 3;
/// The descriptor that an engine process finds its socket at.
inline constexpr int kEngineSocket = 3;
/// Bytes of rows of one outlet that may be on their way: header and payload of each frame count.
inline constexpr std::int64_t kOutletCredit = 256 << 10;
/// So much is given back at a time, or more; less can wait, for the rest is on its way all the while.
inline constexpr std::int64_t kLeastCredit = kOutletCredit / 4;
/// Subscriptions below are those of live::Relay, whose requests are control frames of type `live`.
inline constexpr std::uint32_t kFirstOutlet = 1U << 30U;
inline constexpr std::int64_t kBeatMs = 1000;
/// An engine process ends with it when the lease of its front has not been renewed in time.
inline constexpr int kLeaseEnded = 75;

/// Type of the node behind each port whose rows are asked for.
inline constexpr std::string_view kOutletType = "execute/outlet";

/// Appends a control frame. `json` is the data, already written; empty: none.
void appendControl(std::string& out, std::string_view type, std::string_view id, std::uint32_t subscription = 0,
                   std::string_view json = {});

[[nodiscard]] inline std::int64_t costOf(const live::Frame& frame) {
  return static_cast<std::int64_t>(live::kHeaderBytes + frame.payload.size());
}

}  // namespace weir::engines
