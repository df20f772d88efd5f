// What front and engine say to each other about requests, as JSON in control frames: `run-hooks` from the engine,
// `hooks` to it. `hook` is the number of a route in its run.
//
// From the engine: {do: "claim", hook, route}; {do: "took", hook}: all that was sent is taken; {do: "accept", hook,
// upTo}; {do: "reply", hook, number, reply}; {do: "release", hook}. To it: {do: "claimed", hook, address}; {do:
// "refused", hook, code, message}; {do: "batch", hook, text, requests}: all that arrived meanwhile; {do: "gone", hook,
// upTo}: who sent those has been answered otherwise.
#pragma once

#include <string>

#include "engine/host/ingress.h"
#include "engine/json/value.h"
#include "engine/json/writer.h"

namespace weir::cli::hooks {

/// With the secrets themselves in place of their names.
void writeRoute(json::Writer& out, const IngressRoute& route);
[[nodiscard]] Result<IngressRoute> routeOf(const json::Value& value);
/// Members `text` and `requests`.
void writeBatch(json::Writer& out, const IngressBatch& batch);
[[nodiscard]] Result<IngressBatch> batchOf(const json::Value& value);
void writeReply(json::Writer& out, const IngressReply& reply);
[[nodiscard]] Result<IngressReply> replyOf(const json::Value& value);

}  // namespace weir::cli::hooks
