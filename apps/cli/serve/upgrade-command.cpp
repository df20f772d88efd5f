// weir upgrade: of which versions a data folder is, what this program would make of it, and that people stay with that.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/serve/kept-database.h"
#include "apps/cli/serve/key-options.h"
#include "apps/cli/serve/upgrade-copy.h"
#include "apps/cli/serve/vault-part.h"
#include "engine/journal/format.h"
#include "engine/live/frame.h"
#include "engine/node/version.h"
#include "engine/runtime/checkpoint-record.h"
#include "engine/time/instant.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/file-errors.h"
#include "hosts/native/sealing/private-file.h"
#include "service/engines/engine-protocol.h"

namespace weir::cli {
namespace {

struct UpgradeArguments {
  std::string data;
  bool commit = false;
  GivenTexts flags;
};

/// Segments of journals, and those that this program cannot read.
struct Segments {
  std::int64_t count = 0;
  std::vector<std::string> refused;
};

Segments segmentsBelow(const std::string& folder) {
  Segments found;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto id = journal::segmentOfName(at->path().filename().string());
    if (id == 0) continue;
    const native::Descriptor file(::open(at->path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    std::string head(journal::kHeaderBytes, '\0');
    if (!file.isOpen() || ::pread(file.get(), head.data(), head.size(), 0) != std::ssize(head)) continue;
    ++found.count;
    const auto header = journal::decodeHeader(head, id);
    if (!header && header.error().code == "journal.newer_version") found.refused.push_back(header.error().message);
  }
  return found;
}

/// What the next start of a server does to the database.
void tellDatabase(const store::sql::Steps& steps) {
  const auto ours = store::sql::stepsOf(store::sql::allKinds());
  const auto has = store::sql::versionOf(steps), takes = store::sql::versionOf(ours);
  std::printf("  database     version %lld; this program has %lld", static_cast<long long>(has),
              static_cast<long long>(takes));
  if (steps == ours) {
    std::printf("\n");
    return;
  }
  std::printf(": weir serve keeps a copy of it, then takes these steps\n");
  for (const auto& [kind, step] : ours) {
    const auto at = steps.contains(kind) ? steps.at(kind) : 0;
    if (at < step) {
      std::printf("               %s %lld to %lld\n", kind.c_str(), static_cast<long long>(at),
                  static_cast<long long>(step));
    }
  }
}

void tellFiles(const Segments& segments) {
  std::printf("  journals     %lld segments; this program reads and writes format %u\n",
              static_cast<long long>(segments.count), journal::kFormatVersion);
  for (const auto& why : segments.refused) std::printf("               %s\n", why.c_str());
  std::printf("  checkpoints  this program writes format %lld and reads %lld to %lld\n",
              static_cast<long long>(runtime::CheckpointRecord::kFormatVersion),
              static_cast<long long>(runtime::CheckpointRecord::kOldestVersion),
              static_cast<long long>(runtime::CheckpointRecord::kFormatVersion));
  std::printf("  frames       between server and engines %lld, to clients %u\n",
              static_cast<long long>(engines::kProtocol), static_cast<unsigned>(live::kFrameVersion));
}

Result<store::sql::Steps> stepsNow(const Config& config) {
  WEIR_ASSIGN(const auto database, openKeptDatabase(config));
  return store::sql::waitFor(database->read<store::sql::Steps>(
      {}, [](store::sql::Session& session) { return store::sql::stepsIn(session, store::sql::allKinds()); }));
}

Result<void> removeCopies(const std::string& folder, const std::vector<UpgradeCopy>& copies) {
  for (const auto& copy : copies) {
    const auto path = folder + "/" + copy.name;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return std::unexpected(native::fileError(errno, path, "remove"));
  }
  return native::syncFolder(folder);
}

Result<int> upgrade(const UpgradeArguments& arguments) {
  auto flags = arguments.flags;
  flags["data"] = {arguments.data};
  WEIR_ASSIGN(const auto config, readKeyConfig(flags));
  WEIR_ASSIGN(const auto steps, stepsNow(config));
  const auto segments = segmentsBelow(arguments.data + "/runs");
  const auto copies = upgradeCopies(arguments.data);
  std::printf("%s, looked at by Weir %s\n", arguments.data.c_str(), std::string(kEngineVersion).c_str());
  tellDatabase(steps);
  tellFiles(segments);
  if (arguments.commit) {
    if (steps != store::sql::stepsOf(store::sql::allKinds())) {
      return fail(
          "upgrade.not_begun",
          "the database of '" + arguments.data +
              "' is still of the earlier version; start weir serve with this program first. Nothing was removed");
    }
    WEIR_TRY(removeCopies(arguments.data, copies));
    std::printf(copies.empty() ? "There is no copy from before an upgrade.\n"
                               : "The copies from before the upgrade are removed: there is no way back any more.\n");
  }
  for (const auto& copy : copies) {
    std::printf("  %s      %s, %lld bytes, of %s\n", arguments.commit ? "removed" : "kept   ", copy.name.c_str(),
                static_cast<long long>(copy.bytes),
                formatInstant(instantFromMicros(copy.madeMs * 1'000).value_or(Instant{})).c_str());
  }
  if (!copies.empty() && !arguments.commit)
    std::printf("With --commit what is kept is removed, and there is no way back to the program before.\n");
  return segments.refused.empty() ? kDone : kFailed;
}

}  // namespace

void addUpgrade(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("upgrade", "The versions of a data folder, and what this program makes of it");
  auto arguments = std::make_shared<UpgradeArguments>();
  command->add_option("data", arguments->data, "The data folder")->required()->type_name("DIR");
  command->add_flag("--commit", arguments->commit, "Stay with this version: remove what was kept from before");
  addSettings(*command, backupSettings(), arguments->flags);
  addFooter(*command,
            "0   done\n"
            "1   something of the machine failed, or a journal is of a newer program\n"
            "2   the folder is none of a server, its key is missing or wrong, or a newer program wrote its database",
            "weir upgrade /var/lib/weir\n"
            "weir upgrade /var/lib/weir --commit",
            "weir serve brings an older database up to date when it starts, and first keeps a copy of it in the data\n"
            "folder: before-v21.db, which the program before opens in the place of weir.db; of a PostgreSQL\n"
            "before-v21.backup, which weir restore puts into an empty database. Nothing is changed by looking.\n");
  command->callback([arguments, &exitCode] { finish(upgrade(*arguments), exitCode); });
}

}  // namespace weir::cli
