// Which streams there are for those who ask by name, and who may read them.
#pragma once

#include <string>
#include <string_view>

#include "engine/json/value.h"
#include "service/api/route.h"
#include "service/live/stream.h"

namespace weir::api {

/// What `asked` ({kind, run, edge?, where?, rowsPerSecond?, folder?}) is called among the routes of streams: a GET for
/// its path and query. `live.control`, `live.unknown`: what is wrong with it.
[[nodiscard]] Expected<Request> streamRequest(const json::Value& asked);
/// The same of a text such as `metrics:RUN`, `tap:RUN:EDGE`, `alerts:FOLDER`.
[[nodiscard]] Expected<json::Value> askedBy(std::string_view text);

/// The topic of a call of such a route, once the gate has let it pass; fields are masked for who may not see them.
[[nodiscard]] Job<Expected<stream::Topic>> topicOf(Call& call);
/// The same for a route about a run and one of its edges that is no stream itself.
[[nodiscard]] Job<Expected<stream::Topic>> tapTopicOf(Call& call);
/// Whether who asks for something of a run may see sensitive fields of it (data.read).
[[nodiscard]] Job<bool> seesAll(Call& call);
/// Whether who asks may read a stream, without reading it; as `caller` asks (its headers and address). With
/// `again` it was told in the audit log before.
[[nodiscard]] Job<Expected<stream::Topic>> admittedTo(Services& services, Request asked, const Request& caller,
                                                      Strand& strand, bool again = false);

}  // namespace weir::api
