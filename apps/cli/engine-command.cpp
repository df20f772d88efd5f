// weir engine: the process in which a server runs flows. Nobody calls it by hand: `weir serve` starts it.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>

#include "apps/cli/command.h"
#include "apps/cli/engine/crash-watch.h"
#include "apps/cli/engine/engine-session.h"
#include "service/engines/engine-protocol.h"

namespace weir::cli {
namespace {

/// The kernel ends engines before the front where memory runs out.
constexpr std::string_view kOomScore = "500";

void writeOomScore() {
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  static_cast<void>(::write(file, kOomScore.data(), kOomScore.size()));
  ::close(file);
}

/// No other program is started from here, whatever a flow makes this one do. Where the kernel knows no filters the
/// process goes on without.
void refuseToExecute() {
  constexpr auto kNumber = static_cast<std::uint32_t>(offsetof(seccomp_data, nr));
  constexpr auto kRefuse = static_cast<std::uint32_t>(SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA));
  std::array<sock_filter, 5> program{{
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, kNumber},
      {BPF_JMP | BPF_JEQ | BPF_K, 2, 0, SYS_execve},
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_execveat},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
      {BPF_RET | BPF_K, 0, 0, kRefuse},
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0) return;
  static_cast<void>(::prctl(PR_SET_SECCOMP, static_cast<unsigned long>(SECCOMP_MODE_FILTER), &filter, 0UL, 0UL));
}

/// What the process gives up before it sees anything of anybody.
void hardenItself() {
  // If the front has died before this call, its end of the socket is closed, and serving ends at once.
  ::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL), 0UL, 0UL, 0UL);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  writeOomScore();
  ::prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL);
  refuseToExecute();
  std::signal(SIGPIPE, SIG_IGN);
  // Those of a terminal are for the front.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
}

Result<int> serveFront() {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(engines::kEngineSocket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) {
    return fail("engine.protocol",
                "'weir engine' is started by 'weir serve', with a socket to it; run flows with "
                "'weir run' or 'weir serve'");
  }
  hardenItself();
  EngineSession session(engines::kEngineSocket, watchCrashes());
  WEIR_TRY(session.serve());
  // Threads of runs that go on have nobody left to tell: there is nothing to wait for.
  std::_Exit(kDone);
}

}  // namespace

void addEngine(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("engine", "Run flows for a server, which starts this by itself");
  command->group("");
  command->callback([&exitCode] { finish(serveFront(), exitCode); });
}

}  // namespace weir::cli
