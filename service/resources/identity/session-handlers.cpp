// Signing in and out, and the first account.
#include <utility>

#include "service/auth/directory-gate.h"
#include "service/auth/secret-text.h"
#include "service/resources/identity/cookies.h"
#include "service/resources/identity/identity.h"
#include "service/resources/identity/people.h"

namespace weir::api {
namespace {

Refusal tooOften(std::int64_t waitMs) {
  const auto seconds = std::to_string((waitMs + 999) / 1000);
  Refusal refusal{429, "auth.busy", "too many tries have failed; the next one may be made in " + seconds + " s"};
  refusal.headers.push_back({"retry-after", seconds});
  return refusal;
}

std::int64_t steadyMs(Call& call) { return call.services.clock.steadyNanos() / 1'000'000; }

/// Tells whether the password is the user's, slowly after failures. `name` is what was typed, known or not.
Job<Expected<bool>> proves(Call& call, std::string name, std::string password) {
  auto& people = signInOf(call);
  const auto now = steadyMs(call);
  const auto account = name.substr(0, 100);
  if (const auto wait = people.slowDown.waitMs(account, call.request.remote, now); wait > 0) {
    co_return std::unexpected(tooOften(wait));
  }
  people.slowDown.failed(account, call.request.remote, now);
  const auto* user = people.directory.userNamed(name);
  auto hash = user == nullptr || user->disabled || user->service ? std::string() : user->password;
  const auto fits = co_await call.of(people.passwords.fits(std::move(password), std::move(hash), call.waker()));
  if (!fits) {
    people.slowDown.succeeded(account, call.request.remote);
    co_return std::unexpected(refusalOf(fits.error()));
  }
  if (*fits) people.slowDown.succeeded(account, call.request.remote);
  co_return *fits;
}

Job<Response> refusedSignIn(Call& call, std::string name) {
  const auto kept = co_await keep(call, {}, entryOf(call, "session.refused", {}, named(name)));
  if (!kept) co_return toResponse(kept.error());
  co_return toResponse({401, "auth.wrong", "name and password do not belong together"});
}

Refusal passwordsOff() {
  return {403, "auth.passwords_off", "passwords are switched off here; sign in through the identity provider"};
}

Expected<void> ownSite(Call& call) { return auth::sameSite(call.request, signInOf(call).publicUrl); }

/// Whoever has the setup link gets at the account of that name again; those who were signed in with it are not any
/// more.
void takeBack(const auth::Directory& directory, const auth::User& before, auth::User& user,
              auth::DirectoryChange& change) {
  auto fullName = std::move(user.fullName);
  user = before;
  if (!fullName.empty()) user.fullName = std::move(fullName);
  user.disabled = user.administersByClaim = false;
  for (const auto& [id, session] : directory.sessions()) {
    if (session.user == user.id) change.goneSessions.push_back(id);
  }
  const auto isRoot = [&user](const auth::Grant& grant) {
    return !grant.toGroup && grant.subject == user.id && grant.at.folder.empty() && grant.at.flow.empty();
  };
  for (const auto& [id, kept] : directory.grants()) {
    if (isRoot(kept.grant)) change.goneGrants.push_back(id);
  }
}

/// A new secret for a session: whoever knew the old one no longer has it.
Job<Response> renewed(Call& call, auth::Session old, std::string action, auth::DirectoryChange change) {
  auto made = newSession(call, old.user);
  made.session.createdAt = old.createdAt;
  made.session.issuer = old.issuer;
  made.session.providerSession = old.providerSession;
  change.goneSessions.push_back(old.id);
  change.sessions.push_back(made.session);
  const auto kept = co_await keep(call, std::move(change), entryOf(call, std::move(action), "user:" + old.user));
  if (!kept) co_return toResponse(kept.error());
  co_return sessionAnswer(call, made.session, made.secret);
}

}  // namespace

NewSession newSession(Call& call, const std::string& user) {
  NewSession made;
  made.secret = auth::newSecret();
  const auto now = directoryOf(call).nowMs();
  const auto* client = call.header("user-agent");
  made.session = {.id = auth::keptOf(made.secret),
                  .user = user,
                  .createdAt = now,
                  .seenAt = now,
                  .provedAt = now,
                  .address = call.request.remote,
                  .client = client == nullptr ? std::string() : client->substr(0, 200),
                  .issuer = {},
                  .providerSession = {}};
  return made;
}

const auth::Session* sessionOf(Call& call) {
  const auto secret = auth::sessionSecret(call.request);
  return secret.empty() ? nullptr : directoryOf(call).enter(secret);
}

std::string cookieOf(const Call& call, std::string_view secret) {
  auto cookie =
      std::string(auth::cookieName(call.request)).append("=").append(secret).append("; Path=/; HttpOnly; SameSite=Lax");
  if (call.request.secure) cookie += "; Secure";
  cookie += secret.empty() ? "; Max-Age=0" : "; Max-Age=" + std::to_string(auth::kSessionMs / 1000);
  return cookie;
}

Response sessionAnswer(Call& call, const auth::Session& session, std::string_view secret, int status) {
  std::string body;
  json::Writer out(body);
  out.beginObject().key("user");
  const auto* user = directoryOf(call).user(session.user);
  if (user != nullptr) writeUser(out, *user);
  out.key("csrf").value(auth::csrfToken(secret)).key("createdAt").value(session.createdAt);
  out.key("expiresAt").value(session.createdAt + auth::kSessionMs);
  out.key("confirmedUntil").value(session.provedAt + auth::kProvedMs).endObject();
  auto response = jsonAnswer(std::move(body), status);
  response.with("set-cookie", cookieOf(call, secret));
  return response;
}

Job<Response> getSetup(Call& call) {
  const auto needed = directoryOf(call).otherAdministrators({}) == 0 || signInOf(call).setup.waitsAgain(steadyMs(call));
  co_return jsonAnswer(std::string("{\"needed\":") + (needed ? "true" : "false") + "}");
}

Job<Response> setUp(Call& call) {
  Body body(call, "code name fullName password");
  const auto code = body.needed("code");
  auth::User user;
  user.id = auth::newId();
  user.name = body.needed("name");
  user.fullName = body.text("fullName");
  auto password = body.needed("password");
  if (body.refused()) co_return toResponse(*body.refused());
  if (auto own = ownSite(call); !own) co_return toResponse(own.error());
  auto& people = signInOf(call);
  if (!people.takesPasswordOf(user.name)) {
    co_return toResponse({422, "auth.name",
                          "passwords are switched off here but for '" + people.breakGlass +
                              "'; the first account has that name (--break-glass-user)"});
  }
  const auto expired = Refusal{403, "auth.setup",
                               "the setup link is used up, older than an hour or none of this start; start "
                               "the server again for a new one"};
  const auto wait = people.slowDown.waitMs({}, call.request.remote, steadyMs(call));
  if (wait > 0) co_return toResponse(tooOften(wait));
  if (!people.setup.fits(code, steadyMs(call))) {
    people.slowDown.failed({}, call.request.remote, steadyMs(call));
    co_return toResponse(expired);
  }
  if (auto good = checkName(user.name); !good) co_return toResponse(good.error());
  if (auto good = checkPassword(password, user.name); !good) co_return toResponse(good.error());
  auto hash = co_await call.of(people.passwords.hash(std::move(password), call.waker()));
  if (!hash) co_return toResponse(refusalOf(hash.error()));
  co_await turnOf(call);
  const bool good = people.directory.otherAdministrators({}) == 0 || people.setup.waitsAgain(steadyMs(call));
  if (!good || !people.setup.fits(code, steadyMs(call))) co_return toResponse(expired);
  auth::DirectoryChange change;
  const auto* before = people.directory.userNamed(user.name);
  if (before != nullptr && before->service) {
    co_return toResponse(
        {422, "auth.name", "'" + user.name + "' is a service account, which nobody signs in with; take another name"});
  }
  people.setup.use();
  const auto was = before != nullptr ? userText(*before) : std::string();
  if (before != nullptr) takeBack(people.directory, *before, user, change);
  const auto now = people.directory.nowMs();
  user.password = std::move(*hash);
  user.administersServer = true;
  if (before == nullptr) user.createdAt = now;
  auto made = newSession(call, user.id);
  change.users.push_back(user);
  change.sessions.push_back(made.session);
  // Whoever sets a server up holds all rights, so that there is somebody who can give them to others.
  change.grants.push_back({auth::newId(), {user.id, false, auth::Role::administrator, {}}, user.id, now});
  call.principal.user = user.id;
  auto entry = was.empty() ? entryOf(call, "server.set_up", "user:" + user.id, userText(user))
                           : entryOf(call, "user.taken_back", "user:" + user.id,
                                     R"({"before":)" + was + R"(,"after":)" + userText(user) + "}");
  const auto kept = co_await keep(call, std::move(change), std::move(entry));
  if (!kept) co_return toResponse(kept.error());
  if (people.isSetUp) people.isSetUp();
  co_return sessionAnswer(call, made.session, made.secret, 201);
}

Job<Response> signIn(Call& call) {
  Body body(call, "name password");
  const auto name = body.needed("name");
  auto password = body.needed("password");
  if (body.refused()) co_return toResponse(*body.refused());
  if (auto own = ownSite(call); !own) co_return toResponse(own.error());
  if (!signInOf(call).takesPasswordOf(name)) {
    const auto kept = co_await keep(call, {}, entryOf(call, "session.refused", {}, named(name)));
    co_return toResponse(kept ? passwordsOff() : kept.error());
  }
  const auto proved = co_await proves(call, name, std::move(password));
  if (!proved) co_return toResponse(proved.error());
  auto& directory = directoryOf(call);
  const auto* user = directory.userNamed(name);
  if (!*proved || user == nullptr || user->disabled) co_return co_await refusedSignIn(call, name);
  auto made = newSession(call, user->id);
  auth::DirectoryChange change{.sessions = {made.session}};
  // What the browser had before is of no use any more, whoever gave it.
  if (const auto* before = sessionOf(call)) change.goneSessions.push_back(before->id);
  call.principal.user = user->id;
  const auto kept = co_await keep(call, std::move(change), entryOf(call, "session.started", "user:" + user->id));
  if (!kept) co_return toResponse(kept.error());
  co_return sessionAnswer(call, made.session, made.secret, 201);
}

Job<Response> getSession(Call& call) {
  const auto* session = sessionOf(call);
  if (session == nullptr) {
    co_return toResponse(
        {404, "storage.not_found", "the request has a token and no session; GET /api/v1/me says whose"});
  }
  co_return sessionAnswer(call, *session, auth::sessionSecret(call.request));
}

Job<Response> confirmSession(Call& call) {
  Body body(call, "password");
  auto password = body.needed("password");
  if (body.refused()) co_return toResponse(*body.refused());
  const auto* session = sessionOf(call);
  const auto* user = directoryOf(call).user(call.principal.user);
  if (session == nullptr || user == nullptr) co_return toResponse(notThere("session", "of this token"));
  const auto old = *session;
  const auto name = user->name;
  if (!signInOf(call).takesPasswordOf(name)) co_return toResponse(passwordsOff());
  const auto proved = co_await proves(call, name, std::move(password));
  if (!proved) co_return toResponse(proved.error());
  if (!*proved) co_return co_await refusedSignIn(call, name);
  co_return co_await renewed(call, old, "session.confirmed", {});
}

Job<Response> signOut(Call& call) {
  const auto* session = sessionOf(call);
  if (session == nullptr) co_return toResponse(notThere("session", "of this token"));
  const auto kept =
      co_await keep(call, {.goneSessions = {session->id}}, entryOf(call, "session.ended", "user:" + session->user));
  if (!kept) co_return toResponse(kept.error());
  co_return Response{.status = 204}
      .with("set-cookie", cookieOf(call, {}))
      .with("cache-control", "no-store")
      // What the browser kept for whoever was here goes too.
      .with("clear-site-data", "\"cache\", \"storage\"");
}

Job<Response> changePassword(Call& call) {
  Body body(call, "current password");
  auto current = body.needed("current");
  auto password = body.needed("password");
  if (body.refused()) co_return toResponse(*body.refused());
  const auto* session = sessionOf(call);
  const auto* user = directoryOf(call).user(call.principal.user);
  if (session == nullptr || user == nullptr) co_return toResponse(notThere("session", "of this token"));
  const auto old = *session;
  const auto name = user->name;
  if (!signInOf(call).takesPasswordOf(name)) co_return toResponse(passwordsOff());
  if (auto good = checkPassword(password, name); !good) co_return toResponse(good.error());
  const auto proved = co_await proves(call, name, std::move(current));
  if (!proved) co_return toResponse(proved.error());
  if (!*proved) co_return co_await refusedSignIn(call, name);
  auto hash = co_await call.of(signInOf(call).passwords.hash(std::move(password), call.waker()));
  if (!hash) co_return toResponse(refusalOf(hash.error()));
  co_await turnOf(call);
  user = directoryOf(call).user(old.user);
  if (user == nullptr) co_return toResponse(notThere("user", old.user));
  auth::DirectoryChange change{.users = {*user}};
  change.users.front().password = std::move(*hash);
  for (const auto& [id, other] : directoryOf(call).sessions()) {
    if (other.user == old.user && id != old.id) change.goneSessions.push_back(id);
  }
  co_return co_await renewed(call, old, "user.password_changed", std::move(change));
}

}  // namespace weir::api
