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
  hosts_ = hostsWith(files_);
}

Hosts Page::hostsWith(Files& files) {
  Hosts hosts;
  hosts.add<Clock>(clock_);
  hosts.add<Random>(random_);
  hosts.add<Log>(log_);
  hosts.add<Load>(load_);
  hosts.add<Files>(files);
  hosts.add<Codecs>(codecs_);
  hosts.add<Http>(http_);
  hosts.add<Streams>(streams_);
  hosts.add<TimeZones>(zones_);
  return hosts;
}

std::vector<std::string> Page::hostNames() {
  return {"clock", "random", "files", "codecs", "log", "http", "streams", "zones", "page"};
}

}  // namespace weir::wasm
