// Checks the one token.
#include "service/auth/token-gate.h"

#include "adapters/sodium/sodium.h"
#include "engine/text/utf8.h"
#include "service/auth/directory-gate.h"
#include "service/auth/secret-text.h"

namespace weir::auth {
namespace {

constexpr std::string_view kBearer = "bearer ";

bool isOwnName(std::string_view host) {
  if (host.starts_with("[::1]")) return true;
  const auto name = host.substr(0, host.find(':'));
  return utf8::equalsIgnoringAsciiCase(name, "localhost") ||
         (name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string_view::npos);
}

}  // namespace

TokenGate::TokenGate(const std::string& token) : kept_(token.empty() ? std::string() : keptOf(token)) {}

api::Job<api::Expected<Unit>> TokenGate::admit(api::Call& call) {
  if (call.route.permission.empty()) co_return Unit{};
  call.principal.user = call.principal.credential = "token";
  if (kept_.empty()) {
    const auto* host = call.header("host");
    if (host == nullptr || !isOwnName(*host)) {
      co_return api::refuse(403, "auth.cross_site",
                            "the request names this machine otherwise than as localhost; start the server with a token "
                            "(WEIR_TOKEN) to reach it by other names");
    }
    if (auto own = sameSite(call.request, {}); !own) co_return std::unexpected(own.error());
    co_return Unit{};
  }
  const auto* given = call.header("authorization");
  const bool isBearer = given != nullptr && given->size() > kBearer.size() &&
                        utf8::equalsIgnoringAsciiCase(std::string_view(*given).substr(0, kBearer.size()), kBearer);
  if (isBearer && sodium::equalBytes(keptOf(std::string_view(*given).substr(kBearer.size())), kept_)) co_return Unit{};
  api::Refusal refusal{401, given == nullptr ? "auth.required" : "auth.token",
                       "send the token that this server was started with as 'Authorization: Bearer …'"};
  refusal.headers.push_back({"www-authenticate", "Bearer realm=\"weir\""});
  co_return std::unexpected(std::move(refusal));
}

}  // namespace weir::auth
