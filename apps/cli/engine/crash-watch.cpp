// A handler of the signals that end a process: it writes where, and lets them.
#include "apps/cli/engine/crash-watch.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>

namespace weir::cli {
namespace {

using engines::CrashBoard;

constexpr std::size_t kStackBytes = std::size_t{64} << 10;

CrashBoard* watched = nullptr;
std::uint64_t programBase = 0;

extern "C" void onCrash(int number) {
  if (watched->signal.exchange(number) == 0) {
    void* frames[CrashBoard::kFrames];
    const auto count = ::backtrace(frames, static_cast<int>(CrashBoard::kFrames));
    for (int i = 0; i < count; ++i) watched->stack[i] = reinterpret_cast<std::uint64_t>(frames[i]) - programBase;
    watched->frames.store(static_cast<std::uint32_t>(std::max(count, 0)));
  }
  std::signal(number, SIG_DFL);
  std::raise(number);
}

}  // namespace

engines::CrashBoard* watchCrashes() {
  struct stat about{};
  const bool there = ::fstat(engines::kBoardDescriptor, &about) == 0 && S_ISREG(about.st_mode) &&
                     about.st_size == static_cast<off_t>(sizeof(CrashBoard));
  if (!there) return nullptr;
  auto* memory = ::mmap(nullptr, sizeof(CrashBoard), PROT_READ | PROT_WRITE, MAP_SHARED, engines::kBoardDescriptor, 0);
  if (memory == MAP_FAILED) return nullptr;
  watched = static_cast<CrashBoard*>(memory);
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&onCrash), &info) != 0) {
    programBase = reinterpret_cast<std::uint64_t>(info.dli_fbase);
  }
  // The first call loads what it needs, which a handler may not.
  void* frame = nullptr;
  ::backtrace(&frame, 1);
  struct sigaction action{};
  action.sa_handler = onCrash;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) ::sigaction(number, &action, nullptr);
  watchStack();
  return watched;
}

void watchStack() {
  static thread_local std::unique_ptr<std::array<char, kStackBytes>> stack;
  if (stack) return;
  stack = std::make_unique<std::array<char, kStackBytes>>();
  const stack_t other{.ss_sp = stack->data(), .ss_flags = 0, .ss_size = stack->size()};
  ::sigaltstack(&other, nullptr);
}

}  // namespace weir::cli
