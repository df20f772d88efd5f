// EventStream: streams as Server-Sent Events, for curl, scripts and pages that want no WebSocket.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "service/live/live-sessions.h"
#include "service/live/topics.h"

namespace weir::api {

/// One subscription of such a body.
struct EventSubscription {
  Request asked;  // of its route
  stream::Topic topic;
  std::uint64_t after = 0;
};

/// Each event has the type of its message, the message's control frame as data, and as id how far it was in every
/// subscription: "12,7". Subscriptions count from 1. It ends when all streams have, with event `closed` when the
/// rights are gone, or with `going-away` when the server ends. Null: too many streams are read.
[[nodiscard]] std::unique_ptr<BodyStream> eventStream(LiveSessions& all, const Request& caller,
                                                      std::vector<EventSubscription> subscriptions);

/// A body of events that ends when the server does, with an event `going-away`: its reader is to come back when the
/// server has.
[[nodiscard]] std::unique_ptr<BodyStream> untilServerEnds(LiveSessions& all, std::unique_ptr<BodyStream> inner);

/// The numbers of an id for so many subscriptions; empty: it is no such id.
[[nodiscard]] std::vector<std::uint64_t> positionsOf(std::string_view id, std::size_t count);

}  // namespace weir::api
