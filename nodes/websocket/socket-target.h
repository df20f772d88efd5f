// What the WebSocket nodes connect to, from their settings.
#pragma once

#include <string>
#include <string_view>

#include "engine/host/streams.h"
#include "engine/json/value.h"
#include "engine/text/url.h"

namespace weir::nodes::websocket {

[[nodiscard]] inline Result<StreamTarget> targetOf(const std::string& text, const json::Value& headers,
                                                   std::string caFile) {
  const auto url = parseUrl(text);
  if (!url) return fail("settings.type", "/settings/url: " + url.error().message);
  if (url->scheme != "ws" && url->scheme != "wss")
    return fail("settings.type", "/settings/url: expected ws:// or wss://");
  StreamTarget target;
  target.url = text;
  target.caFile = std::move(caFile);
  if (const auto* members = headers.asObject()) {
    for (const auto& member : *members) {
      const auto* value = member.value.asString();
      if (value == nullptr) return fail("settings.type", "/settings/headers/" + member.key + ": expected a text");
      target.headers.push_back({member.key, *value});
    }
  }
  return target;
}

}  // namespace weir::nodes::websocket
