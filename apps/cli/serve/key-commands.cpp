// weir encrypt, weir rotate-keys: the keys of a data folder, changed while no server has it.
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/serve/key-options.h"
#include "apps/cli/serve/object-folder.h"
#include "apps/cli/serve/reseal-runs.h"
#include "apps/cli/serve/upgrade-copy.h"
#include "apps/cli/serve/vault-part.h"
#include "hosts/native/sealing/data-lock.h"
#include "hosts/native/sealing/database-key.h"
#include "hosts/native/sealing/master-key.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::cli {
namespace {

constexpr std::string_view kExitCodes =
    "0   done\n"
    "1   something of the machine failed, such as the disk\n"
    "2   a server has the folder, it is none of a server, or its key is missing or wrong; nothing was changed";
constexpr std::string_view kInterrupted =
    "Interrupted, it is begun again with the same command; what is there stays whole.\n";

struct KeyArguments {
  std::string data, newKeyFile;
  bool rewrite = false;
  GivenTexts flags;
};

/// About every tenth, and the last.
void tellProgress(std::int64_t done, std::int64_t all) {
  if (done != all && done % std::max<std::int64_t>(1, all / 10) != 0) return;
  std::printf("runs: %lld of %lld\n", static_cast<long long>(done), static_cast<long long>(all));
  std::fflush(stdout);
}

void tellTotals(const ResealTotals& totals) {
  std::printf("%lld files of %lld runs were written anew.\n", static_cast<long long>(totals.files),
              static_cast<long long>(totals.runs));
  if (totals.left == 0) return;
  std::printf("%lld damaged segments of journals stay under their old keys until their runs have gone on.\n",
              static_cast<long long>(totals.left));
}

void tellObjects(const ResealTotals& totals) {
  if (totals.files > 0) std::printf("%lld large documents were written anew.\n", static_cast<long long>(totals.files));
  if (totals.left > 0) {
    std::printf("%lld damaged large documents stay as they are; put them back from a backup.\n",
                static_cast<long long>(totals.left));
  }
}

Result<void> rewrap(native::KeyRing& ring, const KeyArguments& arguments) {
  WEIR_TRY(native::checkKeyOutside(arguments.newKeyFile, arguments.data));
  const bool there = native::fileThere(arguments.newKeyFile);
  WEIR_ASSIGN(const auto master,
              there ? native::readMasterKey(arguments.newKeyFile) : native::makeMasterKey(arguments.newKeyFile));
  WEIR_TRY(ring.rewrap(master));
  std::printf("The master key is now %s, in %s; the old one opens nothing any more.\n", master.name().c_str(),
              arguments.newKeyFile.c_str());
  std::fflush(stdout);
  return {};
}

/// Of a folder that is not encrypted, whose secrets are.
Result<int> rewrapSecrets(const KeyArguments& arguments, const native::DataKeysOptions& options) {
  WEIR_ASSIGN(const auto master, native::findMasterKey(options));
  WEIR_ASSIGN(auto ring, native::KeyRing::open(native::secretKeysFolder(arguments.data), master ? &*master : nullptr));
  WEIR_TRY(rewrap(*ring, arguments));
  return kDone;
}

Result<int> rotate(const KeyArguments& arguments) {
  WEIR_ASSIGN(const auto config, readKeyConfig(arguments.flags));
  const auto options = keyOptions(config, arguments.data);
  ::umask(077);
  WEIR_TRY(openRing(options));
  WEIR_ASSIGN(const auto lock, native::DataLock::take(arguments.data));
  WEIR_ASSIGN(auto ring, openRing(options));
  if (!ring.encrypted() && !arguments.newKeyFile.empty() && native::hasSecretKeys(arguments.data))
    return rewrapSecrets(arguments, options);
  if (!ring.encrypted())
    return fail("key.not_encrypted", "the data folder is not encrypted; weir encrypt changes that");
  if (arguments.rewrite) WEIR_TRY(checkNoCopies(arguments.data));
  WEIR_TRY(native::finishDatabaseKey(arguments.data, ring));
  if (!arguments.newKeyFile.empty()) {
    WEIR_TRY(rewrap(ring, arguments));
  }
  WEIR_TRY(ring.renewFiles(options.nowMs));
  std::printf("Files that are written from now on take new keys.\n");
  if (arguments.rewrite) {
    if (native::fileThere(native::databasePath(arguments.data))) {
      WEIR_TRY(native::changeDatabaseKey(arguments.data, ring, options.nowMs));
      std::printf("The database has a new key.\n");
    } else {
      std::printf("The records are in a PostgreSQL, which no key of this folder is for.\n");
    }
    WEIR_ASSIGN(const auto totals, rewriteRuns(arguments.data, ring, tellProgress));
    tellTotals(totals);
    WEIR_ASSIGN(const auto objects, resealObjects(arguments.data, ring, options.nowMs));
    tellObjects(objects);
    // Of a damaged journal its run has to see first what it was.
    if (totals.left == 0 && objects.left == 0) WEIR_TRY(ring.dropOld());
  }
  return kDone;
}

Result<int> encrypt(const KeyArguments& arguments) {
  WEIR_ASSIGN(const auto config, readKeyConfig(arguments.flags));
  auto options = keyOptions(config, arguments.data);
  ::umask(077);
  const auto path = native::databasePath(arguments.data);
  if (!native::fileThere(path))
    return fail("backup.no_data", "'" + arguments.data + "' has no weir.db: it is no data folder of a server");
  WEIR_ASSIGN(const auto lock, native::DataLock::take(arguments.data));
  // The ring is written when the database has its key, but for one that an interrupted conversion has left.
  WEIR_ASSIGN(auto master, native::findMasterKey(options));
  if (!master) {
    WEIR_ASSIGN(const auto file, native::defaultMasterKeyPath());
    WEIR_TRY(native::checkKeyOutside(file, arguments.data));
    WEIR_ASSIGN(master, native::makeMasterKey(file));
    std::printf("A master key was made: %s\nKeep a copy of it in another place.\n", file.c_str());
  }
  WEIR_TRY(checkNoCopies(arguments.data));
  const auto begun = native::encryptingFolder(arguments.data);
  auto plain = native::KeyRing::open(arguments.data, nullptr);
  if (!plain && plain.error().code == "key.missing") {
    native::endEncrypting(arguments.data);
    return fail("key.encrypted", "the data folder '" + arguments.data + "' is encrypted already");
  }
  if (!plain) return std::unexpected(std::move(plain.error()));
  WEIR_TRY(native::makePrivateFolder(begun));
  auto half = native::KeyRing::open(begun, &*master);
  if (!half) return std::unexpected(std::move(half.error()));
  if (!*half) {
    WEIR_ASSIGN(auto made, native::KeyRing::make(begun, &*master, options.nowMs));
    half = std::optional(std::move(made));
  }
  auto& ring = **half;
  WEIR_ASSIGN(const bool converted, native::opensWith(path, ring.database()));
  // The ring is written down with each new key, so whatever is sealed by now opens with it later.
  WEIR_ASSIGN(const auto totals,
              encryptRuns(arguments.data, ring, converted ? ring.database() : nullptr, options.nowMs, tellProgress));
  WEIR_ASSIGN(const auto objects, resealObjects(arguments.data, ring, options.nowMs));
  if (!converted) WEIR_TRY(native::recodeDatabase(arguments.data, nullptr, *ring.database()));
  WEIR_TRY(native::writePrivateFile(arguments.data + "/" + std::string(native::KeyRing::kFile), ring.text()));
  native::endEncrypting(arguments.data);
  tellTotals(totals);
  tellObjects(objects);
  std::printf("The database of %s is encrypted; its master key is %s.\n", arguments.data.c_str(),
              master->name().c_str());
  return kDone;
}

}  // namespace

void addEncrypt(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("encrypt", "Encrypt a data folder that was made without encryption");
  auto arguments = std::make_shared<KeyArguments>();
  command->add_option("data", arguments->data, "The data folder; its server is stopped")->required()->type_name("DIR");
  addSettings(*command, keySettings(), arguments->flags);
  addFooter(*command, kExitCodes, "weir encrypt /var/lib/weir", kInterrupted);
  command->callback([arguments, &exitCode] { finish(encrypt(*arguments), exitCode); });
}

void addRotateKeys(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("rotate-keys", "Give a data folder new keys");
  auto arguments = std::make_shared<KeyArguments>();
  command->add_option("data", arguments->data, "The data folder; its server is stopped")->required()->type_name("DIR");
  command
      ->add_option("--new-master-key-file", arguments->newKeyFile,
                   "Wrap all keys with the master key in this file; it is made if it is not there")
      ->type_name("FILE");
  command->add_flag("--rewrite", arguments->rewrite, "Write the database and the files of runs anew under new keys");
  addSettings(*command, keySettings(), arguments->flags);
  addFooter(*command, kExitCodes,
            "weir rotate-keys /var/lib/weir\n"
            "weir rotate-keys /var/lib/weir --new-master-key-file /run/keys/new.key --rewrite",
            kInterrupted);
  command->callback([arguments, &exitCode] { finish(rotate(*arguments), exitCode); });
}

}  // namespace weir::cli
