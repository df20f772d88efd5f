// LiveListener: the thread in which a run serves those who watch it over its Unix socket.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/live/session.h"
#include "hosts/native/descriptor.h"

namespace weir::native {

/// Sleeps while nobody is connected. A client that does not read loses what it subscribed to, never the run's time.
class LiveListener {
 public:
  /// The run outlives the listener. Errors of runFolder and listenAs.
  [[nodiscard]] static Result<std::unique_ptr<LiveListener>> open(Run& run, live::About about);
  ~LiveListener();
  LiveListener(const LiveListener&) = delete;
  LiveListener& operator=(const LiveListener&) = delete;

  /// Tells those who watch how the run ended, gives them a moment to take it, and removes the socket.
  void stop(std::string_view outcome);
  [[nodiscard]] const std::string& path() const { return opened_.path; }

  struct Opened {
    std::string path;
    Descriptor socket, wakeRead, wakeWrite;
  };
  /// What open() calls.
  LiveListener(Run& run, live::About about, Opened opened);

 private:
  struct Client;
  struct Waits;
  void loop();
  void serve();
  void accept();
  void drop(std::size_t client);
  void sayGoodbye();

  Run& run_;
  live::About about_;
  live::SavedSessions saved_;
  Opened opened_;
  std::string outcome_;
  std::unique_ptr<Waits> waits_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::uint64_t lastClient_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace weir::native
