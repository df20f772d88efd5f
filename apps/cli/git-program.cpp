// git as a child process whose output is read.
#include "apps/cli/git-program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace weir::cli {
namespace {

/// Both ends of a pipe, closed at the end.
class Pipe {
 public:
  Pipe() : made_(::pipe2(ends_.data(), O_CLOEXEC) == 0) {}
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    closeEnd(0);
    closeEnd(1);
  }
  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] int end(std::size_t which) const { return ends_[which]; }
  void closeEnd(std::size_t which) {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  bool made_;
};

/// Reads until both are closed by the child.
void readBoth(Pipe& out, Pipe& err, GitAnswer& answer) {
  std::array<char, 65536> buffer{};
  while (out.end(0) >= 0 || err.end(0) >= 0) {
    std::array<pollfd, 2> waits{{{out.end(0), POLLIN, 0}, {err.end(0), POLLIN, 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    for (std::size_t i = 0; i < 2; ++i) {
      if (waits[i].revents == 0) continue;
      const auto count = ::read(waits[i].fd, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        (i == 0 ? out : err).closeEnd(0);
      } else {
        (i == 0 ? answer.out : answer.err).append(buffer.data(), static_cast<std::size_t>(count));
      }
    }
  }
}

}  // namespace

Result<GitAnswer> runGit(const std::vector<std::string>& arguments) {
  std::vector<std::string> texts{"git"};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  Pipe out, err;
  if (!out.made() || !err.made())
    return fail("files.io", std::string("cannot start git: no pipe to be had: ") + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.end(1), 1);
  posix_spawn_file_actions_adddup2(&actions, err.end(1), 2);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, "git", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == ENOENT) return fail("git.missing", "git is not there: no program of that name is on PATH; install it");
  if (failed != 0) return fail("files.io", std::string("cannot start git: ") + std::strerror(failed));
  out.closeEnd(1);
  err.closeEnd(1);
  GitAnswer answer;
  readBoth(out, err, answer);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return answer;
}

std::string complaintOf(const GitAnswer& answer) {
  auto text = answer.err.substr(0, answer.err.find('\n'));
  for (const std::string_view begin : {"fatal: ", "error: "}) {
    if (text.starts_with(begin)) text.erase(0, begin.size());
  }
  return text.empty() ? "git ended with code " + std::to_string(answer.code) : text;
}

}  // namespace weir::cli
