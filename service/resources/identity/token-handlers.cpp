// Personal access tokens, and those of service accounts.
#include <algorithm>
#include <utility>

#include "service/api/once.h"
#include "service/auth/secret-text.h"
#include "service/resources/identity/change.h"
#include "service/resources/identity/identity.h"
#include "service/resources/identity/people.h"
#include "service/resources/paging.h"

namespace weir::api {
namespace {

constexpr std::int64_t kDayMs = 86'400'000, kUsualDays = 90, kMostDays = 366;
constexpr std::ptrdiff_t kMostTokens = 100;

std::string tokenText(const auth::Token& token) {
  std::string text;
  json::Writer out(text);
  writeToken(out, token);
  return text;
}

Response listed(Call& call, std::string_view user) {
  auto asked = pageAsked(call.query, "tokens");
  if (!asked) return toResponse(asked.error());
  const auto search = call.query.text("search");
  PageOf<auth::Token> page(std::move(*asked));
  for (const auto& [id, token] : directoryOf(call).tokens()) {
    if (token.user == user && holdsWords(search, {token.name})) page.add(id, token);
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("tokens").beginArray();
  page.write(out, "tokens", [&out](const auth::Token& token) { writeToken(out, token); });
  out.endObject();
  return jsonAnswer(std::move(body));
}

Expected<void> checkScope(const auth::Token& token) {
  if (token.permissions.empty()) {
    return refuse(422, "api.body", "'permissions' names what the token is for, such as [\"flow.read\", \"run.start\"]");
  }
  for (const auto& name : token.permissions) {
    if (!auth::permissionNamed(name)) {
      return refuse(422, "api.body",
                    "'permissions' names '" + name +
                        "', which is no permission; GET /api/v1/roles "
                        "shows them");
    }
  }
  return {};
}

Job<Response> made(Call& call, std::string user) {
  Body body(call, "name permissions folders days");
  auth::Token token;
  token.id = auth::newId();
  token.user = std::move(user);
  token.name = body.needed("name").substr(0, 200);
  token.permissions = body.texts("permissions");
  token.folders = body.texts("folders");
  const auto days = body.number("days", kUsualDays, 1, kMostDays);
  if (body.refused()) co_return toResponse(*body.refused());
  if (auto good = checkScope(token); !good) co_return toResponse(good.error());
  auto& directory = directoryOf(call);
  const auto had =
      std::ranges::count_if(directory.tokens(), [&](const auto& one) { return one.second.user == token.user; });
  if (had >= kMostTokens) {
    co_return toResponse({409, "storage.exists", "there are 100 tokens already; revoke those that are not used"});
  }
  token.createdAt = directory.nowMs();
  token.expiresAt = token.createdAt + days * kDayMs;
  const auto secret = auth::newSecret();
  token.hash = auth::keptOf(secret);
  answerIsSecret(call);
  const auto kept =
      co_await keep(call, {.tokens = {token}}, entryOf(call, "token.created", "token:" + token.id, tokenText(token)));
  if (!kept) co_return toResponse(kept.error());
  std::string text;
  json::Writer out(text);
  // The only time that anybody sees it.
  out.beginObject().key("token").value(auth::write({token.id, secret})).key("about").raw(tokenText(token)).endObject();
  co_return jsonAnswer(std::move(text), 201);
}

}  // namespace

Job<Response> listTokens(Call& call) { co_return listed(call, call.principal.user); }

Job<Response> createToken(Call& call) {
  if (call.principal.scope) {
    co_return toResponse(
        {403, "auth.denied", "a token makes no further tokens for people; sign in with a password first"});
  }
  co_return co_await made(call, call.principal.user);
}

Job<Response> listUserTokens(Call& call) {
  const auto& user = call.parameters.front();
  co_return directoryOf(call).user(user) == nullptr ? toResponse(notThere("user", user)) : listed(call, user);
}

Job<Response> createUserToken(Call& call) {
  const auto id = call.parameters.front();
  const auto* user = directoryOf(call).user(id);
  if (user == nullptr) co_return toResponse(notThere("user", id));
  if (!user->service) {
    co_return toResponse({403, "auth.denied", "people make their own tokens; this is for service accounts"});
  }
  co_return co_await made(call, id);
}

Job<Response> removeToken(Call& call) {
  const auto id = call.parameters.front();
  const auto* token = directoryOf(call).token(id);
  const auto own = token != nullptr && token->user == call.principal.user;
  if (token == nullptr || (!own && !call.permissionsAt({}).has(auth::Permission::serverAdmin))) {
    co_return toResponse(notThere("token", id));
  }
  const auto kept =
      co_await keep(call, {.goneTokens = {id}}, entryOf(call, "token.revoked", "token:" + id, tokenText(*token)));
  if (!kept) co_return toResponse(kept.error());
  co_return Response{.status = 204};
}

}  // namespace weir::api
