// Starting and ending engine processes.
#include "service/engines/engine-process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "service/engines/engine-protocol.h"

extern char** environ;

namespace weir::engines {
namespace {

std::unexpected<Error> cannotStart(int number) {
  return fail("engine.start", std::string("cannot start an engine process: ") + std::strerror(number));
}

/// Waits until the process has ended or the time is over; without taking its status.
void waitFor(pid_t process, int milliseconds) {
  const auto opened = static_cast<int>(::syscall(SYS_pidfd_open, process, 0U));
  if (opened < 0) return;
  pollfd ended{opened, POLLIN, 0};
  while (::poll(&ended, 1, milliseconds) < 0 && errno == EINTR) {
  }
  ::close(opened);
}

/// A board and the descriptor of its memory; -1 and null where there is none.
struct SharedBoard {
  int descriptor = -1;
  CrashBoard* board = nullptr;
};

SharedBoard makeBoard() {
  SharedBoard made;
  made.descriptor = static_cast<int>(::syscall(SYS_memfd_create, "weir-engine", 1U /* MFD_CLOEXEC */));
  if (made.descriptor < 0) return made;
  void* memory = MAP_FAILED;
  if (::ftruncate(made.descriptor, sizeof(CrashBoard)) == 0) {
    memory = ::mmap(nullptr, sizeof(CrashBoard), PROT_READ | PROT_WRITE, MAP_SHARED, made.descriptor, 0);
  }
  if (memory != MAP_FAILED) made.board = new (memory) CrashBoard;
  return made;
}

}  // namespace

Result<EngineProcess> EngineProcess::start(const std::string& program) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return cannotStart(errno);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  // Signals of a terminal are for the front, which ends its engines in order.
  sigset_t none, usual;
  sigemptyset(&none);
  sigfillset(&usual);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  // Over the same number dup2 would leave the flag that closes it.
  const int moved = ends[1] <= kBoardDescriptor ? ::fcntl(ends[1], F_DUPFD_CLOEXEC, kBoardDescriptor + 1) : ends[1];
  posix_spawn_file_actions_adddup2(&actions, moved, kEngineSocket);
  const auto shared = makeBoard();
  // Neither number may be the other's before both are in their places.
  const int board = shared.descriptor < 0 ? -1 : ::fcntl(shared.descriptor, F_DUPFD_CLOEXEC, kBoardDescriptor + 1);
  if (board >= 0) posix_spawn_file_actions_adddup2(&actions, board, kBoardDescriptor);
  posix_spawn_file_actions_addclosefrom_np(&actions, board >= 0 ? kBoardDescriptor + 1 : kEngineSocket + 1);
  std::string name = "weir", command = "engine";
  char* arguments[] = {name.data(), command.data(), nullptr};
  pid_t child = -1;
  const int failed = ::posix_spawn(&child, program.c_str(), &actions, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (moved != ends[1]) ::close(moved);
  ::close(ends[1]);
  if (board >= 0) ::close(board);
  if (shared.descriptor >= 0) ::close(shared.descriptor);
  if (failed != 0) {
    ::close(ends[0]);
    if (shared.board != nullptr) ::munmap(shared.board, sizeof(CrashBoard));
    return cannotStart(failed);
  }
  EngineProcess started(child, ends[0], shared.board);
  started.ended_ = false;
  return started;
}

EngineProcess::EngineProcess(EngineProcess&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      socket_(std::exchange(other.socket_, -1)),
      board_(std::exchange(other.board_, nullptr)),
      status_(other.status_),
      ended_(std::exchange(other.ended_, true)) {}

EngineProcess& EngineProcess::operator=(EngineProcess&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(socket_, other.socket_);
  std::swap(board_, other.board_);
  std::swap(status_, other.status_);
  std::swap(ended_, other.ended_);
  return *this;
}

EngineProcess::~EngineProcess() {
  closeSocket();
  await(0);
  if (board_ != nullptr) ::munmap(board_, sizeof(CrashBoard));
}

void EngineProcess::closeSocket() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void EngineProcess::signal(int number) const {
  if (!ended_) ::kill(id_, number);
}

void EngineProcess::await(int graceMs) {
  if (ended_) return;
  waitFor(id_, graceMs);
  if (::waitpid(id_, &status_, WNOHANG) != id_) {
    ::kill(id_, SIGKILL);
    while (::waitpid(id_, &status_, 0) < 0 && errno == EINTR) {
    }
  }
  ended_ = true;
}

std::string EngineProcess::howItEnded() const {
  if (WIFSIGNALED(status_)) {
    const int number = WTERMSIG(status_);
    return "signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
  }
  return "exit code " + std::to_string(WEXITSTATUS(status_));
}

int EngineProcess::endSignal() const { return WIFSIGNALED(status_) ? WTERMSIG(status_) : 0; }
int EngineProcess::exitCode() const { return WIFSIGNALED(status_) ? -1 : WEXITSTATUS(status_); }

}  // namespace weir::engines
