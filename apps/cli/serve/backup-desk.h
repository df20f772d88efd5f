// BackupDesk: where `weir backup` finds the server of its data folder: a socket in the folder, over which it asks for
// fresh checkpoints, and for nothing to be published until it hangs up.
//
// The backup says `save MILLISECONDS`, once. The server answers `saved`, or, when so long was not enough, `late` and
// the ids of the runs that made no checkpoint. It holds until the backup hangs up, or for a minute.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/error.h"
#include "engine/host/clock.h"
#include "hosts/native/descriptor.h"

namespace weir::cli {

inline constexpr const char* kBackupSocket = "backup.socket";
/// A backup waits no longer for its server, whatever it is told.
inline constexpr std::int64_t kLongestSaveMs = 600'000;

/// What a server does for a backup.
struct SavesRuns {
  std::function<void()> begin;                        // all are asked for a checkpoint
  std::function<std::vector<std::string>()> unsaved;  // which of them have made none yet
};

/// One thread.
class BackupDesk {
 public:
  /// `files.*` where the folder takes no socket.
  [[nodiscard]] static Result<std::unique_ptr<BackupDesk>> open(const std::string& dataFolder, Clock& clock,
                                                                SavesRuns runs);
  /// Of a socket at `path` that listens; see open().
  BackupDesk(std::string path, native::Descriptor listening, Clock& clock, SavesRuns runs)
      : path_(std::move(path)), listening_(std::move(listening)), clock_(clock), runs_(std::move(runs)) {}
  BackupDesk(const BackupDesk&) = delete;
  BackupDesk& operator=(const BackupDesk&) = delete;
  ~BackupDesk();

  /// Again and again; gives the milliseconds until it wants to be called again.
  int work();
  /// A backup looks at the folder: nothing is published meanwhile.
  [[nodiscard]] bool holds() const;

 private:
  struct Visitor {
    native::Descriptor socket;
    std::string said{};
    std::int64_t endsAtMs = 0;     // then it is sent away
    std::int64_t answerAtMs = -1;  // at the latest; -1: it has asked for nothing yet
    bool answered = false;
  };
  void admit(std::int64_t nowMs);
  [[nodiscard]] bool hear(Visitor& visitor, std::int64_t nowMs);
  [[nodiscard]] bool answer(Visitor& visitor, std::int64_t nowMs) const;

  std::string path_;
  native::Descriptor listening_;
  Clock& clock_;
  SavesRuns runs_;
  std::vector<Visitor> visitors_;
};

/// A server that holds still, until this ends.
class HeldServer {
 public:
  enum class Said : std::uint8_t {
    none,    // no server works on the folder
    saved,   // all runs have made a checkpoint
    late,    // some have not, in the time
    silence  // it is there, and says nothing
  };
  /// Waits for `waitMs`, and a little longer for the answer.
  [[nodiscard]] static HeldServer ask(const std::string& dataFolder, std::int64_t waitMs);

  [[nodiscard]] Said said() const { return said_; }
  [[nodiscard]] const std::vector<std::string>& late() const { return late_; }
  void letGo() { socket_ = native::Descriptor(); }

 private:
  native::Descriptor socket_;
  Said said_ = Said::none;
  std::vector<std::string> late_;
};

}  // namespace weir::cli
