// Copies between the standard streams and temporary files.
#include "apps/cli/standard-streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace weir::cli {
namespace {

/// A descriptor that is closed at the end.
struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  int number;
};

Error ioError(const std::string& what) {
  return {"files.io", what + ": " + std::strerror(errno) + "; check the rights and the room on the disk"};
}

Result<void> copyAll(int from, int to, const std::string& what) {
  std::array<char, 1 << 16> chunk;
  for (;;) {
    const auto got = ::read(from, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(ioError(what));
    if (got == 0) return {};
    for (ssize_t done = 0; done < got;) {
      const auto put = ::write(to, chunk.data() + done, static_cast<std::size_t>(got - done));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return std::unexpected(ioError(what));
      done += put;
    }
  }
}

}  // namespace

Result<TemporaryFile> TemporaryFile::make() {
  const char* folder = std::getenv("TMPDIR");
  std::string made = std::string(folder != nullptr && *folder != '\0' ? folder : "/tmp") + "/weir-stream-XXXXXX";
  if (::mkdtemp(made.data()) == nullptr)
    return std::unexpected(ioError("cannot make the temporary folder '" + made + "'"));
  TemporaryFile file(std::move(made));
  const Descriptor empty(::open(file.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (empty.number < 0) return std::unexpected(ioError("cannot make the temporary file '" + file.path() + "'"));
  return file;
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}

TemporaryFile::~TemporaryFile() {
  std::error_code left;  // nobody is told about what stays in a temporary folder
  if (!folder_.empty()) std::filesystem::remove_all(folder_, left);
}

Result<TemporaryFile> spoolInput() {
  WEIR_ASSIGN(auto file, TemporaryFile::make());
  const Descriptor out(::open(file.path().c_str(), O_WRONLY | O_CLOEXEC));
  if (out.number < 0) return std::unexpected(ioError("cannot open '" + file.path() + "'"));
  WEIR_TRY(copyAll(STDIN_FILENO, out.number, "cannot keep standard input in '" + file.path() + "'"));
  return file;
}

Result<void> copyToOutput(const std::string& path) {
  const Descriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.number < 0) return std::unexpected(ioError("cannot open '" + path + "'"));
  return copyAll(in.number, STDOUT_FILENO, "cannot write to standard output");
}

}  // namespace weir::cli
