// DirectoryGate: knows callers by cookie or token, and lets them do what the directory says they may.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "service/api/route.h"
#include "service/auth/caller-rates.h"
#include "service/auth/directory.h"
#include "service/auth/places.h"

namespace weir::auth {

/// The name of the cookie that holds a session's secret: over TLS one that no other site, path or plain connection can
/// set.
[[nodiscard]] std::string_view cookieName(const api::Request& request);
/// The value of a cookie; empty: there is none of that name.
[[nodiscard]] std::string_view cookieOf(const api::Request& request, std::string_view wanted);
/// The secret of the session that a request names; empty: none.
[[nodiscard]] std::string_view sessionSecret(const api::Request& request);
/// What a page of our own sends as X-Weir-Csrf where a browser gives no Origin; follows from the session's secret.
[[nodiscard]] std::string csrfToken(std::string_view secret);
/// 403 `auth.cross_site` for a request that another site's page has made: by Origin, or Sec-Fetch-Site without one.
/// `publicUrl` is where people reach the server; empty: by the Host that they name.
[[nodiscard]] api::Expected<void> sameSite(const api::Request& request, std::string_view publicUrl);

class DirectoryGate final : public api::Gate {
 public:
  /// All outlive it.
  DirectoryGate(Directory& directory, Places& places, std::string publicUrl)
      : directory_(directory), places_(places), publicUrl_(std::move(publicUrl)) {
    directory_.whenRightsChange([this] {
      for (auto* watcher : watchers_) watcher->rightsChanged();
    });
  }
  ~DirectoryGate() override { directory_.whenRightsChange({}); }
  DirectoryGate(const DirectoryGate&) = delete;
  DirectoryGate& operator=(const DirectoryGate&) = delete;

  /// How much it takes of one caller; outlives it.
  void paces(CallerRates& rates) { rates_ = &rates; }
  api::Job<api::Expected<Unit>> admit(api::Call& call) override;
  PermissionSet permissionsAt(const Principal& who, const Place& at) override {
    return directory_.permissionsAt(who, at);
  }
  api::Expected<void> mustHave(const Principal& who, Permission permission, const Place& at,
                               std::string_view what) override;
  Reach reachOf(const Principal& who, Permission permission) override { return directory_.reachOf(who, permission); }
  bool holdsSomewhere(const api::Call& call) override;
  std::uint64_t epoch() const override { return directory_.epoch(); }
  api::Job<api::Expected<Unit>> flowIsNew(api::Call& call, std::string flow) override;
  void join(api::RightsWatcher& watcher) override { watchers_.push_back(&watcher); }
  void leave(api::RightsWatcher& watcher) override { std::erase(watchers_, &watcher); }

 private:
  [[nodiscard]] api::Expected<void> identify(api::Call& call);
  [[nodiscard]] api::Expected<void> pace(const api::Call& call);
  [[nodiscard]] api::Expected<void> checkPlace(const api::Call& call, const Place& place);
  [[nodiscard]] api::Expected<void> nameTaken(const api::Call& call);
  [[nodiscard]] api::Expected<void> checkSomewhere(const api::Call& call);
  [[nodiscard]] api::Job<api::Expected<std::optional<Place>>> placeOf(api::Call& call);
  [[nodiscard]] api::Job<api::Expected<std::optional<Place>>> placeOfRun(api::Call& call, Place place);

  Directory& directory_;
  Places& places_;
  std::string publicUrl_;
  std::vector<api::RightsWatcher*> watchers_;
  CallerRates* rates_ = nullptr;  // null: everybody may send as much as they can
};

}  // namespace weir::auth
