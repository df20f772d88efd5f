// Asks the server how much it takes.
#include "apps/cli/as-code/apply-size.h"

#include <string>

namespace weir::cli {

Result<void> checkFits(ServerClient& server, std::string_view body) {
  WEIR_ASSIGN(const auto capabilities, server.get("/capabilities"));
  const auto& root = capabilities.root();
  const auto* most = root.findPointer("/limits/maxApplyBytes");
  if (most == nullptr) most = root.findPointer("/limits/maxBodyBytes");
  if (most == nullptr || most->asInt64() == nullptr || std::ssize(body) <= *most->asInt64()) return {};
  return fail("api.too_large", "what is to be applied has " + std::to_string(body.size()) + " bytes, and '" +
                                   server.url() + "' takes " + std::to_string(*most->asInt64()) +
                                   " in one request; apply folders of it one by one, or start the server with a "
                                   "larger --max-apply-size");
}

}  // namespace weir::cli
