// weir setup-link: a way in for the owner of the machine, when nobody else has one any more.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/serve/data-folder.h"
#include "apps/cli/serve/server-words.h"
#include "apps/cli/serve/setup-link.h"

namespace weir::cli {
namespace {

constexpr std::string_view kExitCodes =
    "0   asked for\n"
    "1   something of the machine failed, such as the disk\n"
    "2   the folder is none of a server, or a setting is wrong";

/// Only who may write to the data folder can; the server that has it looks at its next start.
Result<int> ask(const GivenTexts& flags) {
  WEIR_ASSIGN(const auto config, readConfig(serveSettings(), flags));
  sayAll(config.warnings());
  const auto data = dataFolderOf(config);
  struct stat folder{};
  const bool there = ::stat(data.c_str(), &folder) == 0 && S_ISDIR(folder.st_mode);
  if (!there || ::access((data + "/keys.json").c_str(), F_OK) != 0) {
    return fail("backup.no_data", "'" + data + "' is no data folder of a server; say --data DIR");
  }
  const auto path = data + "/" + std::string(kSetupAsked);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  // What a superuser asks is asked in the name of whoever owns the folder.
  const bool owned = file >= 0 && (::geteuid() != 0 || ::fchown(file, folder.st_uid, folder.st_gid) == 0);
  const int problem = errno;
  if (file >= 0) ::close(file);
  if (!owned) return fail("server.data", "'" + path + "' cannot be written: " + std::strerror(problem));
  std::printf(
      "asked for; start the server of %s again: the link is then in %s/setup-link, for an hour, and works once.\n"
      "The account that is made by it, or that gets a new password, administers the server.\n",
      data.c_str(), data.c_str());
  return kDone;
}

}  // namespace

void addSetupLink(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand(
      "setup-link", "Ask for a setup link, when nobody can sign in to a server as its administrator any more");
  auto flags = std::make_shared<GivenTexts>();
  addSettings(*command, serveSettings(), *flags);
  addFooter(*command, kExitCodes, "weir setup-link --data /var/lib/weir");
  command->callback([flags, &exitCode] { finish(ask(*flags), exitCode); });
}

}  // namespace weir::cli
