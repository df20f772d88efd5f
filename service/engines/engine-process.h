// EngineProcess: a child that runs flows, seen as a process: started from this program's own file, ended, and asked
// how it ended.
#pragma once

#include <sys/types.h>

#include <string>

#include "engine/data/error.h"
#include "service/engines/crash-board.h"

namespace weir::engines {

/// One thread at a time. The thread that starts it must live as long as the process: Linux ends a child whose
/// PR_SET_PDEATHSIG is set when that thread ends.
class EngineProcess {
 public:
  /// `program`: what is executed with the one argument `engine`; its socket is descriptor 3, its
  /// board descriptor 4. Error `engine.start`.
  [[nodiscard]] static Result<EngineProcess> start(const std::string& program);
  EngineProcess(EngineProcess&& other) noexcept;
  EngineProcess& operator=(EngineProcess&& other) noexcept;
  EngineProcess(const EngineProcess&) = delete;
  EngineProcess& operator=(const EngineProcess&) = delete;
  /// Kills it if it has not ended, and waits for that.
  ~EngineProcess();

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] pid_t id() const { return id_; }
  /// What it says of its threads, also after its end; null where the machine gave no memory for that.
  [[nodiscard]] const CrashBoard* board() const { return board_; }
  void closeSocket();
  void signal(int number) const;
  /// Waits for its end, which is near once the socket has closed: after `graceMs` it is killed.
  void await(int graceMs);
  /// After await: "signal 9 (Killed)", "exit code 74".
  [[nodiscard]] std::string howItEnded() const;
  /// After await; -1: a signal ended it.
  [[nodiscard]] int exitCode() const;
  /// After await; 0: none ended it.
  [[nodiscard]] int endSignal() const;

 private:
  EngineProcess(pid_t id, int socket, CrashBoard* board) : id_(id), socket_(socket), board_(board) {}

  pid_t id_ = -1;
  int socket_ = -1;
  CrashBoard* board_ = nullptr;
  int status_ = 0;
  bool ended_ = true;
};

}  // namespace weir::engines
