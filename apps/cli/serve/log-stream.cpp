// A stream over standard error that writes only where there is room.
#include "apps/cli/serve/log-stream.h"

#include <poll.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

namespace weir::cli {
namespace {

constexpr std::size_t kMostLineBytes = 256 << 10;  // before a line is written in two

struct Output {
  logs::LogFormat format = logs::LogFormat::text;
  std::int64_t leftOut = 0;  // lines, since the last that was written
};

bool hasRoom() {
  pollfd one{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&one, 1, 0) == 1;
}

bool writeAll(const char* bytes, std::size_t size) {
  while (size > 0) {
    const auto written = ::write(STDERR_FILENO, bytes, size);
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

/// A line that could not be written is no error of who wrote it.
ssize_t write(void* cookie, const char* bytes, std::size_t size) {
  auto& output = *static_cast<Output*>(cookie);
  if (!hasRoom()) {
    ++output.leftOut;
    return static_cast<ssize_t>(size);
  }
  if (const auto lines = std::exchange(output.leftOut, 0); lines > 0) {
    auto text = std::to_string(lines) + " lines of this log are left out: nobody read it";
    if (output.format == logs::LogFormat::json) text = R"({"level":"warning","message":")" + text + "\"}";
    text += '\n';
    writeAll(text.data(), text.size());
  }
  writeAll(bytes, size);
  return static_cast<ssize_t>(size);
}

}  // namespace

std::FILE* logStream(logs::LogFormat format) {
  static Output output;
  output.format = format;
  cookie_io_functions_t functions{};
  functions.write = write;
  static std::FILE* const stream = [&functions] {
    auto* opened = ::fopencookie(&output, "w", functions);
    if (opened == nullptr) return stderr;
    ::setvbuf(opened, nullptr, _IOFBF, kMostLineBytes);
    return opened;
  }();
  return stream;
}

}  // namespace weir::cli
