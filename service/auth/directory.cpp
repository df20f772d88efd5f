// What is known of people, and how it changes.
#include "service/auth/directory.h"

#include <algorithm>
#include <utility>

#include "adapters/sodium/sodium.h"
#include "engine/text/utf8.h"
#include "service/auth/secret-text.h"

namespace weir::auth {
namespace {

/// How old the kept time of the last use may be: a write for each request would be too much.
constexpr std::int64_t kTouchMs = std::int64_t{5} * 60'000;
/// So far ahead of the clock may times of a session be, that they are brought back to it: clocks are put right by
/// seconds. What is further ahead was written under a clock that was wrong, and nobody knows how old it is.
constexpr std::int64_t kMostAheadMs = std::int64_t{10} * 60'000;

template <class T>
const T* found(const std::map<std::string, T, std::less<>>& map, std::string_view id) {
  const auto at = map.find(id);
  return at == map.end() ? nullptr : &at->second;
}

template <class T>
Result<Unit> add(std::map<std::string, T, std::less<>>& map, const store::IdentityRecord& record) {
  WEIR_ASSIGN(auto made, recordOf<T>(record.id, record.body));
  map.insert_or_assign(record.id, std::move(made));
  return Unit{};
}

template <class T>
void list(std::vector<store::IdentityChange>& into, std::string_view kind, const std::vector<T>& records,
          const std::vector<std::string>& gone, store::IdentityChange::Way way = store::IdentityChange::Way::put) {
  for (const auto& record : records) into.push_back({std::string(kind), record.id, toJson(record), way});
  for (const auto& id : gone) into.push_back({std::string(kind), id, {}});
}

template <class T>
void take(std::map<std::string, T, std::less<>>& map, std::vector<T>& records, const std::vector<std::string>& gone) {
  for (auto& record : records) {
    auto id = record.id;
    map.insert_or_assign(std::move(id), std::move(record));
  }
  for (const auto& id : gone) map.erase(id);
}

}  // namespace

std::vector<store::IdentityChange> Directory::changesOf(const DirectoryChange& change) const {
  using Way = store::IdentityChange::Way;
  std::vector<store::IdentityChange> changes;
  list(changes, "user", change.users, change.goneUsers);
  list(changes, "group", change.groups, change.goneGroups);
  list(changes, "session", change.sessions, change.goneSessions, change.touches ? Way::touch : Way::put);
  list(changes, "token", change.tokens, change.goneTokens, change.touches ? Way::touch : Way::put);
  list(changes, "grant", change.grants, change.goneGrants);
  // One that was ended elsewhere meanwhile does not come back.
  for (auto& one : changes) {
    if (one.kind == "session" && one.way == Way::put && sessions_.contains(one.id)) one.way = Way::renew;
  }
  return changes;
}

Result<Unit> Directory::add(const std::vector<store::IdentityRecord>& records) {
  for (const auto& record : records) {
    if (record.kind == "user") WEIR_TRY(auth::add(users_, record));
    if (record.kind == "group") WEIR_TRY(auth::add(groups_, record));
    if (record.kind == "session") WEIR_TRY(auth::add(sessions_, record));
    if (record.kind == "token") WEIR_TRY(auth::add(tokens_, record));
    if (record.kind == "grant") WEIR_TRY(auth::add(grants_, record));
  }
  for (const auto& [id, user] : users_) userNames_.insert_or_assign(utf8::lowerAscii(user.name), id);
  return Unit{};
}

Result<Unit> Directory::fill(const std::vector<store::IdentityRecord>& records) {
  WEIR_TRY(add(records));
  DirectoryChange old;
  const auto now = nowMs();
  for (const auto& [id, session] : sessions_) {
    if (!lives(session, now)) old.goneSessions.push_back(id);
  }
  if (!old.goneSessions.empty()) static_cast<void>(commit(std::move(old), {}, {}));
  return Unit{};
}

std::shared_ptr<DirectoryCommit> Directory::commit(DirectoryChange change, std::vector<store::AuditEntry> entries,
                                                   Waker waker) {
  auto made = std::make_shared<DirectoryCommit>();
  made->stored = store_.commit(changesOf(change), std::move(entries), std::move(waker));
  made->change = std::move(change);
  ++begun_;
  commits_.push_back(made);
  return made;
}

void Directory::settle() {
  // The store works them in order, so the first one is ready first.
  while (!commits_.empty() && commits_.front()->stored.ready()) {
    const auto commit = std::move(commits_.front());
    commits_.pop_front();
    auto outcome = commit->stored.take();
    if (outcome) {
      apply(commit->change);
    } else if (outcome.error().code == "storage.elsewhere") {
      follow_.again();
    } else if (outcome.error().code == "storage.unavailable") {
      // It may have been made all the same.
      follow_.again(true);
    }
    commit->outcome.emplace(std::move(outcome));
  }
  if (!commits_.empty()) return;
  for (const auto& waker : std::exchange(waiting_, {})) waker.wake();
}

bool Directory::follow(bool due, const Waker& waker) {
  settle();
  auto news = follow_.step(due, commits_.empty(), begun_, [&](bool all) { return store_.changed(all, waker); });
  if (news) takeOver(std::move(*news));
  return follow_.busy();
}

void Directory::takeOver(store::IdentityNews news) {
  Directory read(store_, clock_);
  // What cannot be read leaves what is known, and is asked for again.
  if (!read.add(news.records)) return follow_.again();
  sessions_ = std::move(read.sessions_);
  if (!news.onlySessions) {
    users_ = std::move(read.users_);
    userNames_ = std::move(read.userNames_);
    groups_ = std::move(read.groups_);
    tokens_ = std::move(read.tokens_);
    grants_ = std::move(read.grants_);
  }
  rights_.clear();
  ofSessions_.clear();
  ofTokens_.clear();
  store_.saw(news);
  ++epoch_;
  if (rightsChanged_) rightsChanged_();
}

bool Directory::idle(const Waker& waker) {
  settle();
  if (commits_.empty()) return true;
  waiting_.push_back(waker);
  // What is under way may be known to nobody who would be woken by it: the time of a last use. One that does nothing,
  // behind it, wakes who waits.
  const auto nothing = [this](const auto& commit) { return changesOf(commit->change).empty(); };
  if (std::ranges::none_of(commits_, nothing)) static_cast<void>(commit({}, {}, waker));
  return false;
}

void Directory::apply(DirectoryChange& change) {
  const auto quiet = change.users.empty() && change.groups.empty() && change.grants.empty() &&
                     change.goneUsers.empty() && change.goneGroups.empty() && change.goneGrants.empty();
  if (!quiet) {
    rights_.clear();
    ofSessions_.clear();
    ofTokens_.clear();
  }
  for (const auto& session : change.sessions) ofSessions_.erase(session.id);
  for (const auto& id : change.goneSessions) ofSessions_.erase(id);
  for (const auto& token : change.tokens) ofTokens_.erase(token.id);
  for (const auto& id : change.goneTokens) ofTokens_.erase(id);
  const auto fewer = !quiet || !change.goneSessions.empty() || !change.goneTokens.empty();
  if (fewer) ++epoch_;
  for (const auto& user : change.users) {
    if (const auto* old = found(users_, user.id)) userNames_.erase(utf8::lowerAscii(old->name));
    userNames_.insert_or_assign(utf8::lowerAscii(user.name), user.id);
  }
  for (const auto& id : change.goneUsers) {
    if (const auto* old = found(users_, id)) userNames_.erase(utf8::lowerAscii(old->name));
  }
  take(users_, change.users, change.goneUsers);
  take(groups_, change.groups, change.goneGroups);
  take(sessions_, change.sessions, change.goneSessions);
  take(tokens_, change.tokens, change.goneTokens);
  take(grants_, change.grants, change.goneGrants);
  if (fewer && rightsChanged_) rightsChanged_();
}

const User* Directory::user(std::string_view id) const { return found(users_, id); }
const Group* Directory::group(std::string_view id) const { return found(groups_, id); }
const KeptGrant* Directory::grant(std::string_view id) const { return found(grants_, id); }
const Token* Directory::token(std::string_view id) const { return found(tokens_, id); }
const Session* Directory::session(std::string_view id) const { return found(sessions_, id); }

const User* Directory::userNamed(std::string_view name) const {
  const auto at = userNames_.find(utf8::lowerAscii(name));
  return at == userNames_.end() ? nullptr : user(at->second);
}

const User* Directory::userOf(const Identity& identity) const {
  for (const auto& [id, user] : users_) {
    if (std::ranges::contains(user.identities, identity)) return &user;
  }
  return nullptr;
}

bool Directory::hasExpired(const Session& session, std::int64_t now) {
  return session.seenAt + kIdleMs <= now || session.createdAt + kSessionMs <= now ||
         std::max(session.seenAt, session.createdAt) > now + kMostAheadMs;
}

bool Directory::lives(const Session& session, std::int64_t now) {
  if (hasExpired(session, now)) return false;
  const auto* who = user(session.user);
  return who != nullptr && !who->disabled;
}

/// For good, whatever the clock says later.
void Directory::expire(const std::string& id) {
  static_cast<void>(commit({.goneSessions = {id}}, {}, {}));
  ++epoch_;
  ofSessions_.erase(id);
  sessions_.erase(id);
}

void Directory::touch(Session& session, std::int64_t now) {
  if (now >= session.seenAt && now - session.seenAt < kTouchMs) return;
  session.createdAt = std::min(session.createdAt, now);
  session.provedAt = std::min(session.provedAt, now);
  session.seenAt = now;
  static_cast<void>(commit({.sessions = {session}, .touches = true}, {}, {}));
}

void Directory::touch(Token& token, std::int64_t now) {
  if (now >= token.usedAt && now - token.usedAt < kTouchMs) return;
  token.usedAt = now;
  static_cast<void>(commit({.tokens = {token}, .touches = true}, {}, {}));
}

const Session* Directory::enter(std::string_view secret) {
  settle();
  const auto now = nowMs();
  const auto at = sessions_.find(kept_.of(secret));
  if (at == sessions_.end()) return nullptr;
  if (!lives(at->second, now)) {
    if (hasExpired(at->second, now)) expire(std::string(at->first));
    return nullptr;
  }
  kept_.wasRight();
  touch(at->second, now);
  return &at->second;
}

Result<const Token*> Directory::enterWithToken(std::string_view text) {
  settle();
  const auto unknown = [] {
    return fail("auth.token", "the token is none of this server, or was revoked; make a new one");
  };
  const auto read = readToken(text);
  if (!read) return unknown();
  const auto at = tokens_.find(read->id);
  if (at == tokens_.end() || !sodium::equalBytes(at->second.hash, kept_.of(read->secret))) return unknown();
  const auto* who = user(at->second.user);
  if (who == nullptr || who->disabled) return unknown();
  const auto now = nowMs();
  if (at->second.expiresAt <= now) {
    return fail("auth.expired", "the token '" + at->second.name + "' has expired; make a new one");
  }
  kept_.wasRight();
  touch(at->second, now);
  return &at->second;
}

const Directory::Rights& Directory::rightsOf(const std::string& user) {
  if (const auto known = rights_.find(user); known != rights_.end()) return known->second;
  Rights rights;
  for (const auto& [id, group] : groups_) {
    if (std::ranges::contains(group.members, user)) rights.groups.push_back(id);
  }
  for (const auto& [id, kept] : grants_) {
    const auto& grant = kept.grant;
    const auto theirs = grant.toGroup ? std::ranges::contains(rights.groups, grant.subject) : grant.subject == user;
    if (theirs) rights.grants.push_back(grant);
  }
  return rights_.emplace(user, std::move(rights)).first->second;
}

const Principal& Directory::principalOf(const Session& session) {
  if (const auto known = ofSessions_.find(session.id); known != ofSessions_.end()) return known->second;
  const auto* who = user(session.user);
  Principal made{.user = session.user,
                 .groups = rightsOf(session.user).groups,
                 .administersServer = who != nullptr && who->administersServer,
                 .scope = {},
                 .credential = "s:" + session.id};
  return ofSessions_.emplace(session.id, std::move(made)).first->second;
}

const Principal& Directory::principalOf(const Token& token) {
  if (const auto known = ofTokens_.find(token.id); known != ofTokens_.end()) return known->second;
  const auto* who = user(token.user);
  Principal made{.user = token.user,
                 .groups = rightsOf(token.user).groups,
                 .administersServer = who != nullptr && who->administersServer,
                 .scope = Scope{permissionsNamed(token.permissions), token.folders},
                 .credential = "t:" + token.id};
  return ofTokens_.emplace(token.id, std::move(made)).first->second;
}

const Principal* Directory::present(const Principal& principal) {
  settle();
  const std::string_view credential = principal.credential;
  if (credential.starts_with("s:")) {
    const auto* session = found(sessions_, credential.substr(2));
    if (session == nullptr) return nullptr;
    const auto now = nowMs();
    if (lives(*session, now)) return &principalOf(*session);
    if (hasExpired(*session, now)) expire(std::string(session->id));
    return nullptr;
  }
  if (!credential.starts_with("t:")) return nullptr;
  const auto* token = found(tokens_, credential.substr(2));
  if (token == nullptr || token->expiresAt <= nowMs()) return nullptr;
  const auto* who = user(token->user);
  if (who == nullptr || who->disabled) return nullptr;
  return &principalOf(*token);
}

PermissionSet Directory::permissionsAt(const Principal& principal, const Place& place) {
  const auto* now = present(principal);
  return now == nullptr ? PermissionSet{} : auth::permissionsAt(*now, rightsOf(now->user).grants, place);
}

Reach Directory::reachOf(const Principal& principal, Permission permission) {
  const auto* now = present(principal);
  return now == nullptr ? Reach{} : auth::reachOf(*now, rightsOf(now->user).grants, permission);
}

bool Directory::mayGrant(const Principal& principal, const Grant& grant) {
  const auto* now = present(principal);
  return now != nullptr && auth::mayGrant(*now, rightsOf(now->user).grants, grant);
}

std::uint64_t Directory::epoch() {
  settle();
  return epoch_;
}

bool Directory::isAdministrator(const User& user) const {
  if (!user.administersServer || user.disabled || user.service) return false;
  return comesIn_ ? comesIn_(user) : !user.password.empty() || !user.identities.empty();
}

std::int64_t Directory::otherAdministrators(std::string_view id) const {
  return std::ranges::count_if(
      users_, [this, id](const auto& entry) { return entry.second.id != id && isAdministrator(entry.second); });
}

}  // namespace weir::auth
