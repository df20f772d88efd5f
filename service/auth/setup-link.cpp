// The code of the setup link.
#include "service/auth/setup-link.h"

#include "adapters/sodium/sodium.h"
#include "service/auth/secret-text.h"

namespace weir::auth {

std::string SetupLink::make(std::int64_t nowMs, bool again) {
  auto code = newSecret();
  kept_ = keptOf(code);
  madeMs_ = nowMs;
  again_ = again;
  return code;
}

bool SetupLink::fits(std::string_view code, std::int64_t nowMs) const {
  return !kept_.empty() && nowMs - madeMs_ < kLivesMs && sodium::equalBytes(kept_, keptOf(code));
}

}  // namespace weir::auth
