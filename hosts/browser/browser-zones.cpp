// Asks the page for the bytes of a zone.
#include "hosts/browser/browser-zones.h"

namespace weir::browser {

Result<std::string> PackedZones::load(std::string_view name) {
  WireWriter arguments;
  arguments.text(name);
  auto asked =
      calls_.begin<std::string>(CallKind::zoneRead, arguments, Waker(),
                                [](WireReader& reader) -> Result<std::string> { return std::string(reader.text()); });
  if (asked.ready()) return asked.take();
  return fail("zone.unknown",
              "this page has not read its time zones, so that '" + std::string(name) + "' is not known");
}

}  // namespace weir::browser
