// Tells the setup link to whoever started the server, and to nobody else: never to a log.
#include "apps/cli/serve/setup-link.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "apps/cli/serve/server-words.h"

namespace weir::cli {
namespace {

Result<Unit> writeSecretFile(const std::string& path, const std::string& text) {
  ::unlink(path.c_str());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  const bool written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int problem = errno;
  if (file >= 0) ::close(file);
  if (!written)
    return fail("server.data", "the setup link cannot be written to '" + path + "': " + std::strerror(problem));
  return Unit{};
}

/// Whether somebody who may write to the data folder has asked for a link since; asked once.
Result<bool> takeAsked(const std::string& data) {
  const auto path = data + "/" + std::string(kSetupAsked);
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return false;
  if (::unlink(path.c_str()) != 0) {
    return fail("server.data", "the file '" + path + "' cannot be removed: " + std::strerror(errno));
  }
  return S_ISREG(found.st_mode);
}

}  // namespace

Result<Unit> announceSetup(ServerParts& parts) {
  const auto path = parts.data + "/setup-link";
  const auto asked = takeAsked(parts.data);
  if (!asked) return std::unexpected(asked.error());
  const auto code = parts.people->setupCode(*asked);
  if (*asked) {
    store::AuditEntry entry;
    entry.at = parts.clock.nowMicros() / 1000;
    entry.action = "server.setup_link_made";
    entry.detail = R"({"by":"weir setup-link"})";
    WEIR_TRY(store::sql::waitFor(parts.people->audit.append({std::move(entry)}, {})));
  }
  if (code.empty()) {
    ::unlink(path.c_str());
    return Unit{};
  }
  auto url = parts.config.text("public-url");
  if (url.empty()) url = parts.http->address();
  while (url.ends_with('/')) url.pop_back();
  // Behind the '#' it is never sent anywhere by itself, so that no log on the way has it.
  const auto link = url + "/setup#code=" + code;
  WEIR_TRY(writeSecretFile(path, link + "\n"));
  parts.people->signIn.isSetUp = [path] { ::unlink(path.c_str()); };
  if (::isatty(STDERR_FILENO) != 0) {
    say(LogLevel::info, std::string(*asked ? "come in again" : "make the first account") + " within an hour: " + link);
  } else {
    say(LogLevel::info,
        std::string(*asked ? "a setup link was asked for; it is in "
                           : "nobody administers this server yet; the link for the first account is in ") +
            path + ", for an hour");
  }
  return Unit{};
}

}  // namespace weir::cli
