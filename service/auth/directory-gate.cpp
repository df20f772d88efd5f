// Who asks, where the object is, and whether they may.
#include "service/auth/directory-gate.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "adapters/sodium/sodium.h"
#include "engine/text/utf8.h"
#include "service/auth/secret-text.h"
#include "service/resources/identity/change.h"

namespace weir::auth {
namespace {

using api::Expected;
using api::refuse;

bool isSafe(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

Expected<void> notSignedIn() {
  api::Refusal refusal{401, "auth.required",
                       "nobody has signed in with this request; sign in, or send a token as 'Authorization: Bearer "
                       "weir_pat_…'"};
  refusal.headers.push_back({"www-authenticate", "Bearer realm=\"weir\""});
  return std::unexpected(std::move(refusal));
}

Expected<void> badToken(Error error) {
  api::Refusal refusal{401, error.code, std::move(error.message)};
  refusal.headers.push_back({"www-authenticate", "Bearer realm=\"weir\", error=\"invalid_token\""});
  return std::unexpected(std::move(refusal));
}

/// What checks a password, or asks the identity provider.
constexpr std::array<std::string_view, 6> kSignIns{"signIn",         "confirmSession",  "setUp",
                                                   "changePassword", "beginAtProvider", "comeFromProvider"};

RequestKind kindOf(const api::Call& call) {
  if (std::ranges::contains(kSignIns, call.route.operation)) return RequestKind::signIn;
  return isSafe(call.request.method) ? RequestKind::read : RequestKind::change;
}

std::string_view settingOf(RequestKind kind) {
  switch (kind) {
    case RequestKind::read:
      return "reads-per-second";
    case RequestKind::change:
      return "changes-per-second";
    case RequestKind::signIn:
      return "sign-ins-per-second";
  }
  return {};
}

Expected<void> notByToken() {
  return refuse(403, "auth.denied",
                "a token does not reach sessions, passwords and tokens of its owner; sign in with your password (POST "
                "/api/v1/session)");
}

/// Whether a flow is to be made that is not there yet.
bool makesFlow(const api::Call& call) {
  const auto* none = call.header("if-none-match");
  return call.route.object == api::Object::flow && call.request.method == "PUT" && none != nullptr && *none == "*";
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// "https://weir.example:8443" of an URL.
std::string_view originOf(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return url.substr(0, std::min(url.find('/', scheme + 3), url.size()));
}

std::string nameOf(const api::Call& call) {
  switch (call.route.object) {
    case api::Object::flow:
      return "the flow '" + call.parameters.front() + "'";
    case api::Object::run:
      return "the run '" + call.parameters.front() + "'";
    case api::Object::folder:
      return "the folder '" + call.parameters.front() + "'";
    case api::Object::none:
    case api::Object::self:
    case api::Object::server:
    case api::Object::inside:
      break;
  }
  return "this server";
}

}  // namespace

std::string_view cookieName(const api::Request& request) { return request.secure ? "__Host-weir" : "weir-local"; }

std::string_view cookieOf(const api::Request& request, std::string_view wanted) {
  for (const auto& header : request.headers) {
    if (header.name != "cookie") continue;
    std::string_view text = header.value;
    while (!text.empty()) {
      const auto end = std::min(text.find(';'), text.size());
      const auto part = trimmed(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (part.size() > wanted.size() && part.starts_with(wanted) && part[wanted.size()] == '=') {
        return part.substr(wanted.size() + 1);
      }
    }
  }
  return {};
}

std::string_view sessionSecret(const api::Request& request) { return cookieOf(request, cookieName(request)); }

std::string csrfToken(std::string_view secret) { return keptOf(std::string("csrf ").append(secret)); }

Expected<void> sameSite(const api::Request& request, std::string_view publicUrl) {
  const auto crossSite = [](const std::string& from) {
    return refuse(403, "auth.cross_site",
                  "the request came from " + from +
                      ", which is another site; send it from the application itself, or "
                      "with a token");
  };
  const auto* origin = api::headerOf(request.headers, "origin");
  if (origin != nullptr) {
    const auto* host = api::headerOf(request.headers, "host");
    const auto own = (request.secure ? "https://" : "http://") + (host == nullptr ? std::string() : *host);
    if (*origin == own || (!publicUrl.empty() && *origin == originOf(publicUrl))) return {};
    return crossSite("'" + *origin + "'");
  }
  const auto* fetched = api::headerOf(request.headers, "sec-fetch-site");
  if (fetched != nullptr && *fetched != "same-origin" && *fetched != "none") return crossSite("a page elsewhere");
  return {};
}

/// Fills in the principal, if the request names one.
Expected<void> DirectoryGate::identify(api::Call& call) {
  if (const auto* given = call.header("authorization")) {
    constexpr std::string_view kBearer = "bearer ";
    if (given->size() <= kBearer.size() ||
        !utf8::equalsIgnoringAsciiCase(std::string_view(*given).substr(0, kBearer.size()), kBearer)) {
      return badToken({"auth.token", "Authorization is no 'Bearer weir_pat_…'; other ways are not known here"});
    }
    auto token = directory_.enterWithToken(trimmed(std::string_view(*given).substr(kBearer.size())));
    if (!token) return badToken(std::move(token.error()));
    call.principal = directory_.principalOf(**token);
    return {};
  }
  const auto secret = sessionSecret(call.request);
  if (secret.empty()) return {};
  const auto* session = directory_.enter(secret);
  if (session == nullptr) return {};
  if (!isSafe(call.request.method)) {
    if (auto own = sameSite(call.request, publicUrl_); !own) return own;
    // Browsers send Origin with what is unsafe; who sends none must know what only a page of ours can know.
    const auto* token = call.header("x-weir-csrf");
    if (call.header("origin") == nullptr && (token == nullptr || !sodium::equalBytes(*token, csrfToken(secret)))) {
      return refuse(403, "auth.cross_site",
                    "the request has a cookie but neither Origin nor the right X-Weir-Csrf; send `csrf` of GET "
                    "/api/v1/session as X-Weir-Csrf, or use a token");
    }
  }
  if (call.route.asksPassword && directory_.nowMs() - session->provedAt > kProvedMs) {
    return refuse(403, "auth.confirm",
                  "this needs the password once more; POST it to /api/v1/session/confirm and try again within ten "
                  "minutes");
  }
  call.principal = directory_.principalOf(*session);
  return {};
}

/// Whoever is known counts as themselves, wherever they are and whichever of their tokens they use; others by address.
Expected<void> DirectoryGate::pace(const api::Call& call) {
  // Who asks whether a server is well ends one that does not say so.
  if (rates_ == nullptr || call.route.pattern.starts_with("/health")) return {};
  const bool known = !call.principal.credential.empty();
  if (!known && call.request.remote.empty()) return {};
  const auto kind = kindOf(call);
  const auto caller = known ? call.principal.user : "\n" + addressKey(call.request.remote);
  const auto wait = rates_->waitMs(kind, caller, call.services.clock.steadyNanos());
  if (wait == 0) return {};
  const auto seconds = std::to_string((wait + 999) / 1000);
  api::Refusal refusal{429, "api.rate",
                       std::string(known ? "you have" : "your address has") +
                           " sent more requests than this server takes of one caller; send the next one in " + seconds +
                           " s, or ask its operator for a higher --" + std::string(settingOf(kind))};
  refusal.headers.push_back({"retry-after", seconds});
  return std::unexpected(std::move(refusal));
}

Expected<void> DirectoryGate::mustHave(const Principal& who, Permission permission, const Place& at,
                                       std::string_view what) {
  const auto held = directory_.permissionsAt(who, at);
  if (held.has(permission)) return {};
  if (!held.has(Permission::flowRead) && permission != Permission::serverAdmin) {
    return refuse(404, "storage.not_found", std::string(what) + " is not there");
  }
  return refuse(403, "auth.denied",
                "for " + std::string(what) + " you need the permission " + std::string(auth::nameOf(permission)) +
                    ", which you do not hold; ask an administrator");
}

bool DirectoryGate::holdsSomewhere(const api::Call& call) {
  const auto permission = permissionNamed(call.route.permission);
  if (!permission) return true;
  const auto reach = directory_.reachOf(call.principal, *permission);
  return !reach.folders.empty() || !reach.flows.empty();
}

Expected<void> DirectoryGate::checkSomewhere(const api::Call& call) {
  // A list shows what its caller may see, which may be nothing.
  if (isSafe(call.request.method) || holdsSomewhere(call)) return {};
  return refuse(403, "auth.denied",
                "you need the permission " + std::string(call.route.permission) +
                    " in some folder, and hold it in none; ask an administrator");
}

/// Ids are unique on a server, so whoever makes flows learns which are taken, and nothing more.
Expected<void> DirectoryGate::nameTaken(const api::Call& call) {
  if (auto may = checkSomewhere(call); !may) return may;
  return refuse(412, "storage.exists",
                "the id '" + call.parameters.front() + "' is taken on this server; give the flow another one");
}

api::Job<Expected<Unit>> DirectoryGate::flowIsNew(api::Call& call, std::string flow) {
  const auto about = [&flow](const auto& entry) { return entry.second.grant.at.flow == flow; };
  if (std::ranges::none_of(directory_.grants(), about)) co_return Unit{};
  const auto place = co_await places_.ofFlow(call, flow);
  if (!place) co_return std::unexpected(place.error());
  if (*place) co_return Unit{};
  DirectoryChange change;
  std::vector<store::AuditEntry> entries;
  for (const auto& [id, kept] : directory_.grants()) {
    if (kept.grant.at.flow != flow) continue;
    change.goneGrants.push_back(id);
    entries.push_back(api::entryOf(call, "grant.removed", "grant:" + id, {}, kept.grant.at.folder));
  }
  co_return co_await api::keep(call, std::move(change), std::move(entries));
}

/// What a flow is granted to somebody for is what lies there now: not what runs left where it was before, or runs of an
/// earlier flow of that id in another folder.
api::Job<Expected<std::optional<Place>>> DirectoryGate::placeOfRun(api::Call& call, Place place) {
  const auto about = [&place](const auto& entry) { return entry.second.grant.at.flow == place.flow; };
  if (place.flow.empty() || std::ranges::none_of(directory_.grants(), about)) co_return std::optional(std::move(place));
  const auto now = co_await places_.ofFlow(call, place.flow);
  if (!now) co_return std::unexpected(now.error());
  if (!*now || (*now)->folder != place.folder) place.flow.clear();
  co_return std::optional(std::move(place));
}

api::Job<Expected<std::optional<Place>>> DirectoryGate::placeOf(api::Call& call) {
  const auto& name = call.parameters.front();
  const auto isFlow = call.route.object == api::Object::flow;
  const auto found = co_await (isFlow ? places_.ofFlow(call, name) : places_.ofRun(call, name));
  if (!found) co_return std::unexpected(found.error());
  if (!isFlow && *found) co_return co_await placeOfRun(call, **found);
  // A PUT may be about to make a flow: its handler knows in which folder.
  if (*found || (isFlow && call.request.method == "PUT")) co_return *found;
  co_return refuse(404, "storage.not_found", nameOf(call) + " is not there");
}

api::Job<Expected<Unit>> DirectoryGate::admit(api::Call& call) {
  auto known = identify(call);
  if (auto paced = pace(call); !paced) co_return std::unexpected(std::move(paced.error()));
  if (!known) co_return std::unexpected(std::move(known.error()));
  const auto& route = call.route;
  if (route.permission.empty() && route.object == api::Object::none) co_return Unit{};
  if (call.principal.credential.empty()) co_return std::unexpected(notSignedIn().error());
  Expected<void> checked;
  switch (route.object) {
    case api::Object::none:
    case api::Object::inside:
      checked = checkSomewhere(call);
      break;
    case api::Object::self:
      if (route.ofPerson && call.principal.scope) checked = notByToken();
      break;
    case api::Object::server:
      checked = checkPlace(call, {});
      break;
    case api::Object::folder:
      call.place = Place{call.parameters.front(), {}};
      checked = checkPlace(call, *call.place);
      break;
    case api::Object::flow:
    case api::Object::run: {
      const auto place = co_await placeOf(call);
      if (!place) co_return std::unexpected(place.error());
      call.place = *place;
      checked = *place ? checkPlace(call, **place) : checkSomewhere(call);
      if (!checked && checked.error().status == 404 && makesFlow(call)) checked = nameTaken(call);
      break;
    }
  }
  if (!checked) co_return std::unexpected(std::move(checked.error()));
  co_return Unit{};
}

Expected<void> DirectoryGate::checkPlace(const api::Call& call, const Place& place) {
  const auto permission = permissionNamed(call.route.permission);
  if (!permission || directory_.permissionsAt(call.principal, place).has(*permission)) return {};
  return mustHave(call.principal, *permission, place, nameOf(call));
}

}  // namespace weir::auth
