// What this machine can do at most with a folder of files, for comparison: machine-limit FOLDER [THREADS].
//   warmReadGbPerSecond: reads from the page cache, THREADS threads; diskReadGbPerSecond: past the page cache;
//   warmScanGbPerSecond: the same reads, each byte looked at once with SIMD.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr std::int64_t kDiskBytes = 1'000'000'000;

/// Counts line ends; the compiler makes SIMD of it.
std::int64_t linesOf(const char* bytes, std::size_t size) {
  std::int64_t lines = 0;
  for (std::size_t i = 0; i < size; i += 255) {
    std::uint8_t block = 0;
    const auto end = std::min(size, i + 255);
    for (std::size_t j = i; j < end; ++j) block = static_cast<std::uint8_t>(block + (bytes[j] == '\n'));
    lines += block;
  }
  return lines;
}

struct Pass {
  std::int64_t bytes = 0;
  double seconds = 0;
};

Pass readAll(const std::vector<std::string>& paths, int threads, bool scan, int flags, std::int64_t mostBytes) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::int64_t> bytes{0};
  std::atomic<std::int64_t> lines{0};
  const auto work = [&] {
    const std::unique_ptr<void, decltype(&std::free)> buffer(std::aligned_alloc(4096, kBufferBytes), &std::free);
    while (bytes < mostBytes) {
      const auto index = next++;
      if (index >= paths.size()) return;
      const int file = ::open(paths[index].c_str(), O_RDONLY | O_CLOEXEC | flags);
      if (file < 0) continue;
      while (bytes < mostBytes) {
        const auto got = ::read(file, buffer.get(), kBufferBytes);
        if (got <= 0) break;
        bytes += got;
        if (scan) lines += linesOf(static_cast<const char*>(buffer.get()), static_cast<std::size_t>(got));
      }
      ::close(file);
    }
  };
  const auto begin = Clock::now();
  std::vector<std::thread> pool;
  for (int i = 0; i < threads; ++i) pool.emplace_back(work);
  for (auto& thread : pool) thread.join();
  return {.bytes = bytes, .seconds = std::chrono::duration<double>(Clock::now() - begin).count()};
}

double gigabytesPerSecond(const Pass& pass) {
  return pass.seconds > 0 ? static_cast<double>(pass.bytes) / pass.seconds / 1e9 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: machine-limit FOLDER [THREADS]\n");
    return 64;
  }
  const int threads = argc > 2 ? std::max(1, std::atoi(argv[2])) : 2;
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1], error)) {
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  constexpr auto kAll = INT64_MAX;
  readAll(paths, threads, false, 0, kAll);
  double read = 0;
  double scan = 0;
  for (int round = 0; round < 3; ++round) {
    read = std::max(read, gigabytesPerSecond(readAll(paths, threads, false, 0, kAll)));
    scan = std::max(scan, gigabytesPerSecond(readAll(paths, threads, true, 0, kAll)));
  }
  const double disk = gigabytesPerSecond(readAll(paths, threads, false, O_DIRECT, kDiskBytes));
  std::printf("warmReadGbPerSecond %.2f\nwarmScanGbPerSecond %.2f\ndiskReadGbPerSecond %.2f\n", read, scan, disk);
}
