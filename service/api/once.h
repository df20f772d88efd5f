// Once: what was answered to requests that may be sent again under the same Idempotency-Key.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/host/clock.h"
#include "service/api/job.h"
#include "service/api/refusal.h"
#include "service/api/route.h"
#include "service/store/request-keys.h"

namespace weir::api {

/// In memory for a day, the newest 10,000. With RequestKeys also in the store, of the requests that change something:
/// their keys are in the transactions of their changes, so that after a crash a request that comes again is known. One
/// thread, that of the Api.
class Once {
 public:
  /// Makes an answer of what a change has given; on any thread, after the call may have gone.
  using MakeResponse = std::function<std::optional<Response>(const store::Given& given)>;

  explicit Once(Clock& clock) : clock_(clock) {}
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;

  /// From now on; they outlive it.
  void keepIn(store::RequestKeys& keys) { keys_ = &keys; }

  /// Handles the call, or gives what was answered to the same one before; a second one that comes meanwhile waits for
  /// the first. `api.idempotency` (422) if the key was used for another request, and (409) if it was carried out and
  /// nobody knows any more what was answered. Streams, and answers of trouble (5xx, 429), are not kept.
  [[nodiscard]] Job<Response> handle(Call& call, std::string_view key);

  /// The change that the store is asked for next is the one of that call.
  void claim(const Call& call);
  /// That change has failed and has changed nothing: the call may claim another, which takes the key along instead.
  void unclaim(const Call& call);
  /// See answering().
  void answering(const Call& call, MakeResponse make);
  /// See answerIsSecret().
  void hide(const Call& call);

  static constexpr std::size_t kMost = 10'000;
  static constexpr std::int64_t kKeptBytes = std::int64_t{32} << 20;
  static constexpr std::int64_t kDayNanos = std::int64_t{24} * 3600 * 1'000'000'000;

 private:
  struct Kept {
    std::string request{};  // the digest of its path, query and body
    bool done = false;
    int status = 0;
    std::vector<Header> headers{};
    std::string body{};
    std::int64_t atNanos = 0;
    std::vector<Completion<Unit>> waiting{};
  };
  /// The key of a call that is being handled, on its way into the store.
  struct Claim {
    store::RequestKey key;
    MakeResponse make{};
    bool taken = false, hidden = false;
  };
  class Turn;

  /// What the store knows of the request.
  [[nodiscard]] Job<Expected<std::optional<Response>>> known(Call& call, const store::RequestKey& key);
  /// The digest of the whole request; of a large one it is made elsewhere.
  [[nodiscard]] Job<Expected<std::string>> digestOf(Call& call) const;
  void keep(const std::string& name, const Response& response);
  void forget(const std::string& name);
  void dropOld();

  Clock& clock_;
  store::RequestKeys* keys_ = nullptr;
  std::map<std::string, Kept> kept_;
  std::map<const Call*, Claim> claims_;
  std::vector<std::string> order_;  // names, oldest first
  std::int64_t bytes_ = 0;
};

/// For a handler, before Call::changing() or noteChange(): what it answers if the change goes well and gives a T. It is
/// kept in the transaction of the change. `make` holds copies of what it needs.
template <class T, class Make>
void answering(const Call& call, Make make) {
  if (call.services.once == nullptr) return;
  call.services.once->answering(call, [make = std::move(make)](const store::Given& given) -> std::optional<Response> {
    const auto* value = given.as<T>();
    if (value == nullptr) return std::nullopt;
    return make(*value);
  });
}
/// For a handler: what it answers is shown once, and never stored.
inline void answerIsSecret(const Call& call) {
  if (call.services.once != nullptr) call.services.once->hide(call);
}

}  // namespace weir::api
