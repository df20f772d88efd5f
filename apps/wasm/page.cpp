// Puts the hosts of a page together.
#include "apps/wasm/page.h"

#include "apps/wasm/page-rows.h"
#include "engine/data/check.h"
#include "hosts/browser/imports.h"
#include "nodes/catalogue.gen.h"

namespace weir::wasm {
namespace {

/// What the page says of the trap that follows.
void reportBug(const char* condition, const char* file, int line) noexcept {
  const auto text = std::string("its own check '") + condition + "' failed (" + file + ":" + std::to_string(line) + ")";
  weirFault(text.data(), static_cast<std::uint32_t>(text.size()));
}

}  // namespace

Page::Page() {
  setCheckReporter(reportBug);
  const auto builtins = browserNodes();
  std::vector<BuiltinNode> nodes(builtins.begin(), builtins.end());
  for (const auto& node : pageNodes()) nodes.push_back(node);
  auto catalogue = Catalogue::make(nodes);
  WEIR_CHECK(catalogue.has_value());
  catalogue_ = std::make_unique<Catalogue>(std::move(*catalogue));
  hosts_.add<Clock>(clock_);
  hosts_.add<Random>(random_);
  hosts_.add<Log>(log_);
  hosts_.add<Load>(load_);
  hosts_.add<Files>(files_);
  hosts_.add<Codecs>(codecs_);
  hosts_.add<Http>(http_);
  hosts_.add<Streams>(streams_);
  hosts_.add<TimeZones>(zones_);
}

std::vector<std::string> Page::hostNames() {
  return {"clock", "random", "files", "codecs", "log", "http", "streams", "zones", "page"};
}

}  // namespace weir::wasm
