// CrashBoard: memory that an engine process shares with the front, which still reads it when the process has ended:
// what each of its threads was doing, and where it fell.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::engines {

/// The descriptor that an engine process finds it at.
inline constexpr int kBoardDescriptor = 4;

/// Written without locks, also by a handler of signals; read by the front after the end. What it says is not trusted:
/// the reader bounds all of it.
struct CrashBoard {
  static constexpr std::size_t kThreads = 128, kNodeBytes = 120, kFrames = 48;

  struct Thread {
    std::atomic<std::uint64_t> run{0};  // number between front and engine; 0: in no step
    std::atomic<std::uint32_t> nodeBytes{0};
    /// Rows that the step was given: where the first came from (of which node of the plan, counted from 1, and of which
    /// of its partitions), and how many.
    std::atomic<std::uint32_t> origin{0}, partition{0};
    std::atomic<std::uint64_t> sequence{0}, rows{0};
    char node[kNodeBytes]{};

    void enter(std::uint64_t number, std::string_view id) {
      const auto bytes = id.size() < kNodeBytes ? id.size() : kNodeBytes;
      nodeBytes.store(0, std::memory_order_relaxed);
      std::memcpy(node, id.data(), bytes);
      nodeBytes.store(static_cast<std::uint32_t>(bytes), std::memory_order_relaxed);
      run.store(number, std::memory_order_release);
    }
    void at(std::uint32_t of, std::uint32_t part, std::uint64_t first, std::int64_t count) {
      origin.store(of, std::memory_order_relaxed);
      partition.store(part, std::memory_order_relaxed);
      sequence.store(first, std::memory_order_relaxed);
      rows.store(count > 0 ? static_cast<std::uint64_t>(count) : 0, std::memory_order_relaxed);
    }
    void leave() { run.store(0, std::memory_order_release); }
  };

  Thread threads[kThreads];
  std::atomic<std::int32_t> signal{0};  // that ended it
  std::atomic<std::uint32_t> frames{0};
  std::uint64_t stack[kFrames]{};  // offsets in the program
};

}  // namespace weir::engines
