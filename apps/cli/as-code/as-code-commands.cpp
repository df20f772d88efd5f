// weir plan, weir apply: makes a server's flows those of a folder.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/as-code/apply-size.h"
#include "apps/cli/as-code/server-plan.h"
#include "apps/cli/command.h"
#include "apps/cli/flow-file.h"
#include "engine/json/writer.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

constexpr int kSame = 0, kDifferent = 1, kTrouble = 2;

struct AsCodeArguments {
  ServerArguments server;
  std::string folder, base, format = "text", message;
  bool noPublish = false, prune = false, allowEmpty = false;
};

bool coloured() {
  const char* none = std::getenv("NO_COLOR");
  return (none == nullptr || *none == '\0') && ::isatty(STDOUT_FILENO) == 1;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// What is to be published must be able to run on that server: its catalogue counts, not ours.
Result<void> checkRunnable(ServerClient& server, const ServerPlan& plan) {
  int wrong = 0;
  for (const auto& flow : plan.flows) {
    if (flow.file == nullptr || flow.change == PlannedFlow::Change::unchanged) continue;
    WEIR_ASSIGN(const auto answer, server.send("POST", "/flows/validate", flow.file->text));
    if (!answer.ok()) return std::unexpected(refusalOf(answer));
    const auto* valid = answer.body.root().find("valid");
    const auto* problems = answer.body.root().find("problems");
    if (valid == nullptr || valid->asBool() == nullptr || *valid->asBool()) continue;
    ++wrong;
    if (problems == nullptr || problems->asArray() == nullptr) continue;
    for (const auto& problem : *problems->asArray()) {
      const auto* message = problem.find("message");
      const auto* pointer = problem.find("pointer");
      if (message == nullptr || !message->isString() || pointer == nullptr || !pointer->isString()) continue;
      std::fprintf(stderr, "%s: %s: %s\n", flow.file->path.c_str(), printable(*pointer->asString()).c_str(),
                   printable(*message->asString()).c_str());
    }
  }
  if (wrong == 0) return {};
  return fail("flow.invalid",
              std::to_string(wrong) + " flows cannot run on that server; correct them, or use --no-publish");
}

struct Planned {
  std::unique_ptr<ServerClient> server;
  std::vector<FolderFlow> files;
  ServerPlan plan;
};

Result<std::unique_ptr<Planned>> plannedOf(const AsCodeArguments& arguments) {
  auto planned = std::make_unique<Planned>();
  WEIR_ASSIGN(planned->files, readFlowFolder(arguments.folder, arguments.base));
  WEIR_ASSIGN(planned->server, ServerClient::make(arguments.server));
  const PlanRequest request{.base = arguments.base, .publish = !arguments.noPublish, .prune = arguments.prune};
  WEIR_ASSIGN(planned->plan, planFor(*planned->server, planned->files, request));
  if (request.publish) {
    WEIR_TRY(checkRunnable(*planned->server, planned->plan));
  }
  return planned;
}

Result<int> plan(const AsCodeArguments& arguments) {
  WEIR_ASSIGN(const auto planned, plannedOf(arguments));
  print(describe(planned->plan, arguments.format, coloured()));
  if (planned->plan.empty()) return kSame;
  WEIR_TRY(checkFits(*planned->server, applyBody(planned->plan, !arguments.noPublish, arguments.message)));
  return kDifferent;
}

/// A wrong checkout must not empty a folder of the server.
Result<void> checkNotEmptied(const AsCodeArguments& arguments, const Planned& planned) {
  if (!arguments.prune || arguments.allowEmpty || !planned.files.empty()) return {};
  const auto gone = std::ranges::count(planned.plan.flows, PlannedFlow::Change::removed, &PlannedFlow::change);
  if (gone == 0) return {};
  return fail("cli.usage", "'" + arguments.folder + "' has no flow at all, and --prune would put all " +
                               std::to_string(gone) + " flows of the server's folder into the bin; name the folder " +
                               "that has them, or add --allow-empty if that is what you want");
}

Result<int> apply(const AsCodeArguments& arguments) {
  WEIR_ASSIGN(const auto planned, plannedOf(arguments));
  const bool inWords = arguments.format != "json";
  if (inWords) print(describe(planned->plan, arguments.format, coloured()));
  if (planned->plan.empty()) {
    print(inWords ? "Nothing to do.\n" : "{\"flows\":[]}\n");
    return kSame;
  }
  WEIR_TRY(checkNotEmptied(arguments, *planned));
  auto& server = *planned->server;
  const auto body = applyBody(planned->plan, !arguments.noPublish, arguments.message);
  WEIR_TRY(checkFits(server, body));
  WEIR_ASSIGN(const auto answer, server.send("POST", "/apply", body));
  if (!answer.ok()) {
    printError(refusalOf(answer));
    return kDifferent;
  }
  if (!inWords) {
    print(json::write(answer.body.root()) + "\n");
    return kSame;
  }
  const auto* flows = answer.body.root().find("flows");
  std::printf("Applied %lld to %s.\n", static_cast<long long>(flows == nullptr ? 0 : flows->count()),
              server.url().c_str());
  return kSame;
}

void addOptions(CLI::App& command, AsCodeArguments& arguments) {
  command.add_option("DIR", arguments.folder, "A folder with *.flow.json files; its folders are those of the server")
      ->required();
  addServerOptions(command, arguments.server);
  command
      .add_option("--folder", arguments.base,
                  "The folder of the server that DIR is, such as team/reports; the root unless said")
      ->type_name("FOLDER");
  command.add_flag("--prune", arguments.prune, "Put flows of that folder that no file has into the bin");
  command.add_flag("--no-publish", arguments.noPublish, "Keep the documents as drafts: what runs stays as it is");
  command.add_option("--format", arguments.format, "text, markdown (for pull requests) or json")
      ->check(oneOf("text markdown json"))
      ->type_name("FORM")
      ->capture_default_str();
}

void finishPlan(const Result<int>& code, int& exitCode) {
  if (!code) printError(code.error());
  exitCode = code ? *code : kTrouble;
}

}  // namespace

void addPlan(CLI::App& app, int& exitCode) {
  auto arguments = std::make_shared<AsCodeArguments>();
  auto* command = app.add_subcommand(
      "plan",
      "Show what would make a server's flows those of a folder.\nChanges nothing; weir apply does what it shows.");
  addOptions(*command, *arguments);
  addFooter(*command,
            "0 they are the same\n1 there is something to do\n2 a document, the server or the token is not right",
            "weir plan flows --server https://weir.example.com --folder team\n"
            "WEIR_TOKEN=… weir plan flows --server https://weir.example.com --format markdown > comment.md");
  command->callback([arguments, &exitCode] { finishPlan(plan(*arguments), exitCode); });
}

void addApply(CLI::App& app, int& exitCode) {
  auto arguments = std::make_shared<AsCodeArguments>();
  auto* command = app.add_subcommand("apply",
                                     "Publish a folder of flows to a server, all of them or none.\n"
                                     "Shows what it does, as weir plan. What was changed on the server meanwhile is "
                                     "refused; what is so already is left alone.");
  addOptions(*command, *arguments);
  command->add_option("--message", arguments->message, "What to say of the versions, such as a commit")
      ->type_name("TEXT");
  command->add_flag("--allow-empty", arguments->allowEmpty,
                    "With --prune: DIR may have no flow at all, and all of the server's folder goes into the bin");
  addFooter(*command,
            "0 applied, or nothing to do\n1 the server refused, and nothing was changed\n"
            "2 a document, the server or the token is not right",
            "weir apply flows --server https://weir.example.com --folder team --message \"$(git rev-parse HEAD)\"");
  command->callback([arguments, &exitCode] { finishPlan(apply(*arguments), exitCode); });
}

}  // namespace weir::cli
