// Writes control frames.
#include "service/engines/engine-protocol.h"

#include "engine/json/writer.h"

namespace weir::engines {

void appendControl(std::string& out, std::string_view type, std::string_view id, std::uint32_t subscription,
                   std::string_view json) {
  std::string text;
  json::Writer writer(text);
  writer.beginObject().key("v").value(1).key("type").value(type).key("id").value(id);
  if (subscription != 0) writer.key("subscription").value(static_cast<std::int64_t>(subscription));
  if (!json.empty()) writer.key("data").raw(json);
  writer.endObject();
  live::appendFrame(out, {}, text);
}

}  // namespace weir::engines
