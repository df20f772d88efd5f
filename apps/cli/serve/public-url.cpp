// Only an origin will do: nothing is served below a path.
#include "apps/cli/serve/public-url.h"

#include "engine/text/url.h"

namespace weir::cli {

Result<Unit> checkPublicUrl(const Config& config) {
  if (const auto& text = config.text("public-url"); !text.empty()) {
    const auto url = parseUrl(text);
    if (!url || (url->scheme != "https" && url->scheme != "http"))
      return fail("settings.invalid", config.origin("public-url") + ": '" + text +
                                          "' is no address that people reach the server at; give one such as "
                                          "https://weir.example.com");
    if (!url->user.empty() || url->target != "/" || text.contains('#'))
      return fail("settings.invalid",
                  config.origin("public-url") + ": '" + text +
                      "' has more than a host and a port, and nothing is served below a path; give '" + url->origin() +
                      "', and let a proxy in front pass all of that host on");
  }
  return Unit{};
}

}  // namespace weir::cli
