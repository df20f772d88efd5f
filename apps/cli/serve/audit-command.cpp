// weir audit verify: goes through the audit log of a data folder.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "apps/cli/command.h"
#include "apps/cli/serve/kept-database.h"
#include "apps/cli/serve/server-words.h"
#include "apps/cli/serve/vault-part.h"
#include "service/store/sql/audit-table.h"

namespace weir::cli {
namespace {

Result<int> verify(const GivenTexts& flags) {
  WEIR_ASSIGN(auto config, readConfig(serveSettings(), flags));
  sayAll(config.warnings());
  WEIR_ASSIGN(const auto vaults, openVaults(config));
  WEIR_TRY(readReferences(config, *vaults));
  ::umask(077);
  WEIR_ASSIGN(const auto database, openKeptDatabase(config));
  WEIR_ASSIGN(const auto found, store::sql::waitFor(store::sql::SqlAuditLog(*database).verify({})));
  if (!found.problem.empty()) {
    std::fprintf(stderr, "error: the audit log is not as it was written: %s\n", found.problem.c_str());
    return kFailed;
  }
  WEIR_ASSIGN(const auto removed, store::sql::waitFor(store::sql::trimmedEntries(*database, {})));
  if (removed > 0) {
    std::printf("entries 1 to %lld are kept no longer, as an entry says\n", static_cast<long long>(removed));
  }
  std::printf("%lld entries, each as it was written and none missing\nthe last one has the hash %s\n",
              static_cast<long long>(found.entries), found.head.c_str());
  return kDone;
}

}  // namespace

void addAudit(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("audit", "The log of who did what on a server");
  command->require_subcommand(1);
  auto* check = command->add_subcommand(
      "verify", "Check that no entry was changed or taken out; note the last hash elsewhere to find a log cut short");
  auto flags = std::make_shared<GivenTexts>();
  addSettings(*check, serveSettings(), *flags);
  check->callback([flags, &exitCode] { finish(verify(*flags), exitCode); });
}

}  // namespace weir::cli
