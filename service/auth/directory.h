// Directory: all that a server knows of people, in memory; changes are stored first and seen here afterwards.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/clock.h"
#include "service/auth/kept-memo.h"
#include "service/auth/records.h"
#include "service/store/follow.h"
#include "service/store/identities.h"

namespace weir::auth {

/// What one commit does. A record replaces the one of its id.
struct DirectoryChange {
  std::vector<User> users{};
  std::vector<Group> groups{};
  std::vector<Session> sessions{};
  std::vector<Token> tokens{};
  std::vector<KeptGrant> grants{};
  std::vector<std::string> goneUsers{}, goneGroups{}, goneSessions{}, goneTokens{}, goneGrants{};
  /// Only when its records were used last.
  bool touches = false;
};

/// A commit under way; `outcome` is there once Directory::settle has found it stored or failed.
struct DirectoryCommit {
  DirectoryChange change;
  Operation<Unit> stored;
  std::optional<Result<Unit>> outcome;
};

inline constexpr std::int64_t kIdleMs = std::int64_t{12} * 3'600'000;
inline constexpr std::int64_t kSessionMs = std::int64_t{30} * 24 * 3'600'000;
inline constexpr std::int64_t kProvedMs = std::int64_t{10} * 60'000;

/// One thread. All that is asked shows every commit that the store has told of, also those whose caller has gone: what
/// was taken away is nowhere there any more.
class Directory {
 public:
  /// Both outlive it.
  Directory(store::Identities& store, Clock& clock) : store_(store), clock_(clock) {}

  /// At the start, with all that the store holds; what has expired meanwhile is removed there.
  [[nodiscard]] Result<Unit> fill(const std::vector<store::IdentityRecord>& records);

  /// Begins to store a change and what the audit log is to say of it; `waker` when it is done.
  [[nodiscard]] std::shared_ptr<DirectoryCommit> commit(DirectoryChange change, std::vector<store::AuditEntry> entries,
                                                        Waker waker);
  /// Takes over what was stored meanwhile.
  void settle();
  /// Nothing is under way: what is decided on what is seen now holds when it is committed at once. Else `waker` is
  /// woken when it may be so.
  [[nodiscard]] bool idle(const Waker& waker);

  /// Where other servers write to the same database: asks it, if `due` or if what is known is known to be old, what
  /// they have changed, and takes that over. Call it again soon if it says so, or when `waker` is woken.
  [[nodiscard]] bool follow(bool due, const Waker& waker);

  // Pointers hold until the next settle() or follow().
  [[nodiscard]] const User* user(std::string_view id) const;
  [[nodiscard]] const User* userNamed(std::string_view name) const;
  [[nodiscard]] const User* userOf(const Identity& identity) const;
  [[nodiscard]] const Group* group(std::string_view id) const;
  [[nodiscard]] const KeptGrant* grant(std::string_view id) const;
  [[nodiscard]] const Token* token(std::string_view id) const;
  [[nodiscard]] const Session* session(std::string_view id) const;
  [[nodiscard]] const std::map<std::string, User, std::less<>>& users() const { return users_; }
  [[nodiscard]] const std::map<std::string, Group, std::less<>>& groups() const { return groups_; }
  [[nodiscard]] const std::map<std::string, Session, std::less<>>& sessions() const { return sessions_; }
  [[nodiscard]] const std::map<std::string, Token, std::less<>>& tokens() const { return tokens_; }
  [[nodiscard]] const std::map<std::string, KeptGrant, std::less<>>& grants() const { return grants_; }

  /// The session of a cookie; null if there is none, or it is too old, or its user may not come in. It counts as used.
  [[nodiscard]] const Session* enter(std::string_view secret);
  /// `auth.token` for one that is none of ours or was revoked, `auth.expired`. It counts as used.
  [[nodiscard]] Result<const Token*> enterWithToken(std::string_view text);
  /// Whom it stands for; holds until the next settle().
  [[nodiscard]] const Principal& principalOf(const Session& session);
  [[nodiscard]] const Principal& principalOf(const Token& token);

  /// As things are now; nothing for a principal whose session or token has ended.
  [[nodiscard]] PermissionSet permissionsAt(const Principal& principal, const Place& place);
  [[nodiscard]] Reach reachOf(const Principal& principal, Permission permission);
  [[nodiscard]] bool mayGrant(const Principal& principal, const Grant& grant);
  /// Grows with whatever may take rights away from somebody.
  [[nodiscard]] std::uint64_t epoch();
  /// Called whenever epoch() has grown; it may only ask.
  void whenRightsChange(std::function<void()> told) { rightsChanged_ = std::move(told); }
  /// Whether what somebody has to sign in with is taken here; asked of those who are neither disabled nor a program.
  /// Not said: a password, or an identity at a provider, is.
  void whoComesIn(std::function<bool(const User&)> comesIn) { comesIn_ = std::move(comesIn); }
  /// Administers the server, and can sign in.
  [[nodiscard]] bool isAdministrator(const User& user) const;
  /// Such users besides `id`.
  [[nodiscard]] std::int64_t otherAdministrators(std::string_view id) const;

  [[nodiscard]] std::int64_t nowMs() { return clock_.nowMicros() / 1000; }

 private:
  /// The groups of a user, and the grants to them.
  struct Rights {
    std::vector<std::string> groups;
    std::vector<Grant> grants;
  };
  void apply(DirectoryChange& change);
  [[nodiscard]] Result<Unit> add(const std::vector<store::IdentityRecord>& records);
  [[nodiscard]] std::vector<store::IdentityChange> changesOf(const DirectoryChange& change) const;
  void takeOver(store::IdentityNews news);
  [[nodiscard]] const Rights& rightsOf(const std::string& user);
  /// The principal as it is now; null: it has ended.
  [[nodiscard]] const Principal* present(const Principal& principal);
  [[nodiscard]] bool lives(const Session& session, std::int64_t now);
  [[nodiscard]] static bool hasExpired(const Session& session, std::int64_t now);
  void expire(const std::string& id);
  void touch(Session& session, std::int64_t now);
  void touch(Token& token, std::int64_t now);

  store::Identities& store_;
  Clock& clock_;
  std::map<std::string, User, std::less<>> users_;
  std::map<std::string, std::string, std::less<>> userNames_;  // in lower case -> id
  std::map<std::string, Group, std::less<>> groups_;
  std::map<std::string, Session, std::less<>> sessions_;
  std::map<std::string, Token, std::less<>> tokens_;
  std::map<std::string, KeptGrant, std::less<>> grants_;
  // Made when asked for, forgotten with each change.
  std::map<std::string, Rights, std::less<>> rights_;
  std::map<std::string, Principal, std::less<>> ofSessions_, ofTokens_;  // by their ids
  KeptMemo kept_;
  std::deque<std::shared_ptr<DirectoryCommit>> commits_;
  std::uint64_t begun_ = 0;  // commits
  store::Follow<store::IdentityNews> follow_;
  std::vector<Waker> waiting_;
  std::uint64_t epoch_ = 1;
  std::function<void()> rightsChanged_;
  std::function<bool(const User&)> comesIn_;
};

}  // namespace weir::auth
