// HookDesk: requests to `/hooks/…` and `/hooks-test/…` of a server: checked here, handed to runs in engine processes,
// answered by them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/clock.h"
#include "engine/json/value.h"
#include "hosts/native/network/ingress-routes.h"
#include "hosts/native/server/http-turn.h"
#include "service/engines/engines.h"
#include "service/engines/supervisor.h"
#include "service/folders/folder-book.h"

namespace weir::cli {

class HookTurn;

/// What a run has claimed, with those who wait for its answers.
struct Hook {
  std::string run, flow, folder;
  bool test = false;                            // of a draft
  std::int64_t number = 0;                      // in its run
  std::shared_ptr<native::WebhookRoute> route;  // settings, checks, and what has arrived and was not sent
  bool sent = false;                            // a batch is with the engine and was not taken yet
  std::int64_t sentCount = 0;                   // requests of that batch
  struct Owed {
    HookTurn* turn = nullptr;  // null: answered, or gone
    std::int64_t number = 0, untilMs = 0;
    std::string key;
  };
  std::deque<Owed> owed;  // by number
  /// Of bodies that have arrived and were not sent, and of those that the engine has not taken: counted by the desk.
  std::int64_t arrivedBytes = 0, sentBytes = 0;
};

/// A request whose sender gave it a key: its answer is everybody's who sends the key again.
struct HookKey {
  bool done = false;
  std::int64_t untilMs = 0;  // forgotten then
  IngressReply reply;
  std::vector<HookTurn*> followers;
};
struct HookKeys {
  std::map<std::string, HookKey, std::less<>> keys;
  std::deque<std::string> order;
};

/// One thread, that of the server, but for post().
class HookDesk final : public native::HttpHandler {
 public:
  /// Both outlive it. It outlives the engines, from whose thread it is told.
  HookDesk(folders::FolderBook& book, Clock& clock) : book_(book), clock_(clock) {}
  ~HookDesk() override;
  /// Before the first request. `next` answers everything else.
  void attach(native::HttpHandler& next, engines::Engines& engines, engines::Supervisor& supervisor, Waker waker) {
    next_ = &next;
    engines_ = &engines;
    supervisor_ = &supervisor;
    waker_ = std::move(waker);
  }
  /// For the bodies of all requests that wait, of all hooks.
  void bound(std::int64_t bytes) { mostBytes_ = bytes; }
  /// Is told what answers of the flows of a folder send.
  void whenSent(std::function<void(const std::string& folder, std::int64_t bytes)> told) { sent_ = std::move(told); }
  void listensAt(std::string address) { address_ = std::move(address); }

  std::unique_ptr<native::HttpTurn> begin(native::HttpRequest request, Waker waker) override;
  int work() override;

  /// What an engine says of requests; from any thread.
  void post(const std::string& run, std::string_view json);
  /// The run has ended, or its process has: who waits is answered 503. From any thread.
  void forget(const std::string& run);

  // For turns.
  struct Found {
    std::shared_ptr<Hook> hook;
    int status = 0;  // otherwise
    std::string_view why;
    std::string allow{};  // with 405: the methods that are answered
  };
  [[nodiscard]] Found find(const native::RequestHead& head, std::string_view path, bool test, std::string& parameters);
  /// Its request is whole: the turn waits from here on, or is answered at once.
  void deliver(HookTurn& turn);
  /// Nobody waits for its answer any more.
  void leave(HookTurn& turn);
  /// Room for a part of a body. False: there is none.
  [[nodiscard]] bool hold(std::int64_t bytes);
  void sent(const Hook& hook, std::int64_t bytes) {
    if (sent_) sent_(hook.folder, bytes);
  }
  void release(std::int64_t bytes) { heldBytes_ -= bytes; }

 private:
  struct Told {
    std::string run, json;  // without json: it has ended
  };
  /// Why none of those that run answers; with 405 `methods` has grown by those that are published.
  [[nodiscard]] int statusOfNone(std::string_view method, std::string_view path, bool test,
                                 std::set<std::string>& methods);
  void take(const Told& told);
  void take(const std::string& run, const json::Value& data);
  void claim(const std::string& run, std::int64_t number, const json::Value& data);
  [[nodiscard]] Result<void> checkFree(const Hook& hook) const;
  void refuseClaim(const std::string& run, std::int64_t number, const Error& error);
  void drop(const std::string& run, std::optional<std::int64_t> number);

  [[nodiscard]] bool follow(HookTurn& turn, Hook& hook, const std::string& key);
  void sendWaiting(Hook& hook);
  void answer(Hook& hook, Hook::Owed& owed, const IngressReply& reply);
  void accept(Hook& hook, std::int64_t upTo);
  void keepReply(Hook& hook, const std::string& key, const IngressReply& reply);
  void expire(Hook& hook, std::int64_t nowMs);
  [[nodiscard]] std::int64_t nowMs() { return clock_.steadyNanos() / 1'000'000; }
  [[nodiscard]] HookKeys& keysOf(const Hook& hook);

  folders::FolderBook& book_;
  Clock& clock_;
  native::HttpHandler* next_ = nullptr;
  engines::Engines* engines_ = nullptr;
  engines::Supervisor* supervisor_ = nullptr;
  Waker waker_;
  std::function<void(const std::string& folder, std::int64_t bytes)> sent_;
  std::string address_;
  std::mutex mutex_;
  std::vector<Told> inbox_;
  std::list<std::shared_ptr<Hook>> hooks_;
  std::int64_t heldBytes_ = 0, mostBytes_ = std::int64_t{256} << 20;
  std::map<std::string, HookKeys> keys_;  // by flow and node: they outlast a run
};

}  // namespace weir::cli
