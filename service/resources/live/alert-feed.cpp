// Finds the streams that an alert belongs to.
#include "service/resources/live/alert-feed.h"

#include "service/auth/grants.h"

namespace weir::api {

void tellAlert(const stream::Hub& hub, const alerts::Alert& alert, std::int64_t silencedUntil) {
  std::string text;
  for (const auto& stream : hub.about({})) {
    const auto& topic = stream->topic();
    if (topic.kind != stream::Kind::alerts || !auth::covers(topic.subject, alert.folder)) continue;
    if (text.empty()) text = alerts::jsonOf(alert, silencedUntil);
    stream->add("alert", text);
  }
}

void feedAlerts(alerts::AlertBook& book, const stream::Hub& hub) {
  book.whenChanged([&book, &hub](const alerts::Alert& alert) { tellAlert(hub, alert, book.silencedUntil(alert)); });
}

}  // namespace weir::api
