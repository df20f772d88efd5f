// Signing in through the identity provider, linking an account with it, and signing out there.
#include <utility>

#include "engine/text/url.h"
#include "service/auth/directory-gate.h"
#include "service/auth/provider-account.h"
#include "service/auth/provider.h"
#include "service/auth/secret-text.h"
#include "service/resources/identity/cookies.h"
#include "service/resources/identity/identity.h"
#include "service/resources/identity/people.h"

namespace weir::api {
namespace {

using auth::Provider;
using Purpose = Provider::Purpose;

Refusal noProvider() {
  return {404, "storage.not_found", "no identity provider is configured here; its operator sets --oidc-issuer"};
}

/// The cookie of a sign-in that has begun: like a session's, for ten minutes.
std::string_view beginCookieName(const Request& request) {
  return request.secure ? "__Host-weir-sign-in" : "weir-sign-in-local";
}

std::string beginCookie(const Call& call, std::string_view secret) {
  auto cookie = std::string(beginCookieName(call.request)).append("=").append(secret);
  cookie += "; Path=/; HttpOnly; SameSite=Lax; Max-Age=";
  cookie += secret.empty() ? "0" : std::to_string(Provider::kWaitsMs / 1000);
  return call.request.secure ? cookie + "; Secure" : cookie;
}

Response redirect(std::string to) {
  Response response{.status = 303};
  response.with("location", std::move(to)).with("cache-control", "no-store").with("referrer-policy", "no-referrer");
  return response;
}

/// A person is led back to the page where they can try again; a program gets the refusal as it is.
Response refusedBack(const Call& call, const Provider& provider, Refusal refusal) {
  const auto* accept = call.header("accept");
  auto response = accept != nullptr && accept->contains("text/html")
                      ? redirect(provider.settings().returnUrl + "/sign-in#problem=" + percentEncoded(refusal.detail))
                      : toResponse(std::move(refusal));
  response.with("set-cookie", beginCookie(call, {}));
  return response;
}

std::string fromProvider(const Provider& provider, std::string_view why = {}) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("provider").value(provider.settings().issuer);
  if (!why.empty()) out.key("why").value(why.substr(0, 500));
  out.endObject();
  return text;
}

/// Sends the caller's page to the provider, for an account that is there.
Job<Response> sent(Call& call, Purpose purpose) {
  Body body(call, "return");
  const auto returnTo = body.text("return");
  if (body.refused()) co_return toResponse(*body.refused());
  auto* provider = signInOf(call).provider;
  if (provider == nullptr) co_return toResponse(noProvider());
  if (sessionOf(call) == nullptr) co_return toResponse(notThere("session", "of this token"));
  const auto begun = co_await provider->begin(call, {.purpose = purpose,
                                                     .user = call.principal.user,
                                                     .returnTo = auth::ownPath(returnTo),
                                                     .address = call.request.remote});
  if (!begun) co_return toResponse(begun.error());
  std::string text;
  json::Writer out(text);
  out.beginObject().key("location").value(begun->location).endObject();
  co_return jsonAnswer(std::move(text)).with("set-cookie", beginCookie(call, begun->cookie));
}

Response cameBack(Call& call, const Provider& provider, const Provider::Waiting& began, std::string_view secret) {
  auto response = redirect(provider.settings().returnUrl + began.returnTo);
  response.with("set-cookie", beginCookie(call, {}));
  response.with("set-cookie", cookieOf(call, secret));
  return response;
}

/// A session of somebody who comes from the provider. Their password counts as given when they gave it there.
NewSession sessionFrom(Call& call, const Provider& provider, const auth::IdToken& token, const std::string& user) {
  auto made = newSession(call, user);
  made.session.provedAt = std::min(made.session.provedAt, token.provedSeconds * 1000);
  made.session.issuer = provider.settings().issuer;
  made.session.providerSession = token.session;
  return made;
}

Job<Expected<Response>> signedIn(Call& call, Provider& provider, Provider::Waiting began, auth::IdToken token) {
  co_await turnOf(call);
  auto& directory = directoryOf(call);
  auto account = auth::accountOf(directory, provider.settings(), token, directory.nowMs());
  if (account.user.disabled)
    co_return refuse(403, "auth.denied", "your account here is disabled; ask an administrator");
  auto made = sessionFrom(call, provider, token, account.user.id);
  account.change.sessions.push_back(made.session);
  if (const auto* before = sessionOf(call)) account.change.goneSessions.push_back(before->id);
  call.principal.user = account.user.id;
  std::vector<store::AuditEntry> entries;
  const auto object = "user:" + account.user.id;
  if (account.isNew) entries.push_back(entryOf(call, "user.created", object, userText(account.user)));
  for (const auto& grant : account.change.grants) {
    std::string text;
    json::Writer out(text);
    writeGrant(out, grant, directory);
    entries.push_back(entryOf(call, "grant.created", "grant:" + grant.id, text, grant.grant.at.folder));
  }
  for (const auto& id : account.change.goneGrants) {
    std::string text;
    json::Writer out(text);
    writeGrant(out, *directory.grant(id), directory);
    entries.push_back(entryOf(call, "grant.removed", "grant:" + id, text, directory.grant(id)->grant.at.folder));
  }
  entries.push_back(entryOf(call, "session.started", object, fromProvider(provider)));
  const auto kept = co_await keep(call, std::move(account.change), std::move(entries));
  if (!kept) co_return std::unexpected(kept.error());
  co_return cameBack(call, provider, began, made.secret);
}

/// The session that began it, which must still be there: of the account that is linked or confirmed.
Expected<auth::Session> ownSession(Call& call, const Provider::Waiting& began) {
  const auto* session = sessionOf(call);
  if (session != nullptr && session->user == began.user) return *session;
  return refuse(403, "auth.state", "you have signed out, or in as somebody else, since this began; begin again");
}

Job<Expected<Response>> linked(Call& call, Provider& provider, Provider::Waiting began, auth::IdToken token) {
  co_await turnOf(call);
  const auto session = ownSession(call, began);
  if (!session) co_return std::unexpected(session.error());
  auto& directory = directoryOf(call);
  const auto* user = directory.user(began.user);
  if (user == nullptr || user->service) co_return std::unexpected(notThere("user", began.user));
  const auth::Identity identity{provider.settings().issuer, token.subject};
  if (const auto* other = directory.userOf(identity); other != nullptr && other->id != user->id) {
    co_return refuse(
        409, "storage.exists",
        "this account of the provider belongs to '" + other->name + "' here already; unlink it there first");
  }
  auth::ProviderAccount account{.user = *user, .change = {}};
  auto& identities = account.user.identities;
  std::erase_if(identities, [&](const auth::Identity& one) { return one.issuer == identity.issuer; });
  identities.push_back(identity);
  account.change.users.push_back(account.user);
  call.principal.user = user->id;
  auto made = newSession(call, user->id);
  made.session.createdAt = session->createdAt;
  made.session.issuer = provider.settings().issuer;
  made.session.providerSession = token.session;
  account.change.sessions.push_back(made.session);
  account.change.goneSessions.push_back(session->id);
  const auto kept = co_await keep(call, std::move(account.change),
                                  entryOf(call, "user.linked", "user:" + user->id, fromProvider(provider)));
  if (!kept) co_return std::unexpected(kept.error());
  co_return cameBack(call, provider, began, made.secret);
}

Job<Expected<Response>> confirmed(Call& call, Provider& provider, Provider::Waiting began, auth::IdToken token) {
  co_await turnOf(call);
  const auto old = ownSession(call, began);
  if (!old) co_return std::unexpected(old.error());
  auto& directory = directoryOf(call);
  const auto* user = directory.userOf({provider.settings().issuer, token.subject});
  if (user == nullptr || user->id != began.user) {
    co_return refuse(403, "auth.provider", "you signed in at the provider as somebody else than here");
  }
  auto made = sessionFrom(call, provider, token, began.user);
  if (directory.nowMs() - made.session.provedAt > auth::kProvedMs) {
    co_return refuse(403, "auth.provider",
                     "the provider did not ask for your password again, or does not say so ('auth_time')");
  }
  made.session.createdAt = old->createdAt;
  call.principal.user = began.user;
  const auto kept = co_await keep(call, {.sessions = {made.session}, .goneSessions = {old->id}},
                                  entryOf(call, "session.confirmed", "user:" + began.user, fromProvider(provider)));
  if (!kept) co_return std::unexpected(kept.error());
  co_return cameBack(call, provider, began, made.secret);
}

Job<Expected<Response>> finished(Call& call, Provider& provider, Provider::Waiting began, Provider::Back back) {
  auto token = co_await provider.finish(call, began, back);
  if (!token) co_return std::unexpected(token.error());
  switch (began.purpose) {
    case Purpose::signIn:
      co_return co_await signedIn(call, provider, std::move(began), std::move(*token));
    case Purpose::link:
      co_return co_await linked(call, provider, std::move(began), std::move(*token));
    case Purpose::confirm:
      co_return co_await confirmed(call, provider, std::move(began), std::move(*token));
  }
  co_return std::unexpected(noProvider());
}

}  // namespace

Job<Response> getSignIn(Call& call) {
  const auto& people = signInOf(call);
  std::string body;
  json::Writer out(body);
  out.beginObject().key("passwords").value(people.localPasswords);
  if (people.provider != nullptr) out.key("provider").value(people.provider->settings().label);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> beginAtProvider(Call& call) {
  auto* provider = signInOf(call).provider;
  if (provider == nullptr) co_return toResponse(noProvider());
  const auto begun = co_await provider->begin(call, {.purpose = Purpose::signIn,
                                                     .user = {},
                                                     .returnTo = auth::ownPath(call.query.text("return")),
                                                     .address = call.request.remote});
  if (!begun) co_return refusedBack(call, *provider, begun.error());
  auto response = redirect(begun->location);
  response.with("set-cookie", beginCookie(call, begun->cookie));
  co_return response;
}

Job<Response> comeFromProvider(Call& call) {
  auto* provider = signInOf(call).provider;
  if (provider == nullptr) co_return toResponse(noProvider());
  Provider::Back back{.cookie = std::string(auth::cookieOf(call.request, beginCookieName(call.request))),
                      .state = call.query.text("state"),
                      .code = call.query.text("code"),
                      .issuer = call.query.text("iss"),
                      .error = call.query.text("error")};
  auto began = provider->take(back);
  if (!began) co_return refusedBack(call, *provider, began.error());
  auto done = co_await finished(call, *provider, std::move(*began), std::move(back));
  if (done) co_return std::move(*done);
  const auto kept =
      co_await keep(call, {}, entryOf(call, "session.refused", {}, fromProvider(*provider, done.error().detail)));
  co_return refusedBack(call, *provider, kept ? std::move(done.error()) : kept.error());
}

Job<Response> linkProvider(Call& call) { co_return co_await sent(call, Purpose::link); }
Job<Response> confirmAtProvider(Call& call) { co_return co_await sent(call, Purpose::confirm); }

Job<Response> unlinkProvider(Call& call) {
  auto* provider = signInOf(call).provider;
  if (provider == nullptr) co_return toResponse(noProvider());
  co_await turnOf(call);
  const auto* user = directoryOf(call).user(call.principal.user);
  if (user == nullptr) co_return toResponse(notThere("user", call.principal.user));
  auth::DirectoryChange change{.users = {*user}};
  auto& changed = change.users.front();
  const auto gone = std::erase_if(changed.identities,
                                  [&](const auth::Identity& one) { return one.issuer == provider->settings().issuer; });
  if (gone == 0) co_return toResponse({404, "storage.not_found", "your account is not linked with the provider"});
  if (user->password.empty() || !signInOf(call).takesPasswordOf(user->name)) {
    co_return toResponse(
        {409, "auth.password", "without the provider you could not sign in any more; set a password first"});
  }
  const auto kept = co_await keep(call, std::move(change),
                                  entryOf(call, "user.unlinked", "user:" + user->id, fromProvider(*provider)));
  if (!kept) co_return toResponse(kept.error());
  co_return Response{.status = 204};
}

Job<Response> signOutFromProvider(Call& call) {
  auto& people = signInOf(call);
  auto* provider = people.provider;
  if (provider == nullptr) co_return toResponse(noProvider());
  const auto token = auth::formValue(call.body, "logout_token");
  if (!token) co_return toResponse({400, "api.body", "the form has no 'logout_token'"});
  const auto read = co_await provider->readLogout(call, *token);
  if (!read) co_return toResponse(read.error());
  co_await turnOf(call);
  const auto& issuer = provider->settings().issuer;
  const auto* user = read->subject.empty() ? nullptr : people.directory.userOf({issuer, read->subject});
  auth::DirectoryChange change;
  std::vector<store::AuditEntry> entries;
  for (const auto& [id, session] : people.directory.sessions()) {
    if (session.issuer != issuer) continue;
    if (!read->session.empty() && session.providerSession != read->session) continue;
    if (!read->subject.empty() && (user == nullptr || session.user != user->id)) continue;
    change.goneSessions.push_back(id);
    entries.push_back(
        entryOf(call, "session.ended", "user:" + session.user, fromProvider(*provider, "back-channel logout")));
  }
  if (!change.goneSessions.empty()) {
    const auto kept = co_await keep(call, std::move(change), std::move(entries));
    if (!kept) co_return toResponse(kept.error());
  }
  co_return Response{.status = 204}.with("cache-control", "no-store");
}

}  // namespace weir::api
