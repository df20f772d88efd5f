// Pages and archives of a server, made into what the commands know.
#include "apps/cli/server-rows.h"

#include <filesystem>
#include <utility>

#include "apps/cli/command.h"
#include "apps/cli/tar-files.h"
#include "engine/text/url.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

/// Of the archive, which is in memory while it is unpacked.
constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;
constexpr std::size_t kMostPages = 1'000;
constexpr std::string_view kEnding = ".weir-recording";

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

bool keeps(const json::Value& run, const std::string& what) {
  const auto* kept = run.find("rowsKept");
  return kept != nullptr && kept->find(what) != nullptr;
}

/// paid.weir-recording, paid-2.weir-recording
std::string behind(const std::string& first, std::size_t number) {
  if (number == 0) return first;
  const auto added = "-" + std::to_string(number + 1);
  if (!first.ends_with(kEnding)) return first + added;
  return first.substr(0, first.size() - kEnding.size()) + added + std::string(kEnding);
}

Result<void> writeFolder(const std::string& folder, const std::vector<const TarFile*>& files) {
  std::error_code error;
  if (fs::exists(folder, error))
    return fail("files.exists", "'" + folder + "' is there already; name another with --out");
  fs::create_directories(folder, error);
  if (error) return fail("files.io", "cannot make the folder '" + folder + "': " + error.message());
  for (const auto* file : files) WEIR_TRY(writeText(folder + "/" + file->name, file->bytes));
  return {};
}

}  // namespace

Result<std::string> findKeptRun(ServerClient& server, const std::string& name, const std::string& what) {
  std::string cursor, found;
  bool several = false;
  for (std::size_t page = 0; page < kMostPages; ++page) {
    WEIR_ASSIGN(const auto list,
                server.get("/runs?limit=500" + (cursor.empty() ? "" : "&cursor=" + percentEncoded(cursor))));
    const auto* runs = list.root().find("runs");
    if (runs == nullptr || runs->asArray() == nullptr) break;
    for (const auto& run : *runs->asArray()) {
      const auto id = textIn(run, "id");
      if (id == name) return id;
      if (!keeps(run, what)) continue;
      // The newest come first.
      if (name == "last") return id;
      const bool begins = id.starts_with(name);
      if (!begins && textIn(run, "flow") != name) continue;
      several = several || (begins && !found.empty());
      if (found.empty()) found = id;
    }
    cursor = textIn(list.root(), "next");
    if (cursor.empty()) break;
  }
  if (!found.empty() && !several) return found;
  if (several) return fail("run.not_found", "several runs begin with '" + name + "'; give more of its id");
  return fail("run.not_found", "on '" + server.url() + "' no run '" + name + "' that keeps a " +
                                   (what == "record" ? "recording" : "trace") +
                                   " is to be seen; a run is started with \"" + what + "\" to keep one");
}

Result<ServerTrace> fetchTrace(ServerClient& server, const std::string& run) {
  ServerTrace trace;
  const auto path = "/runs/" + percentEncoded(run) + "/trace?limit=1000";
  std::string cursor;
  while (trace.pages.size() < kMostPages) {
    WEIR_ASSIGN(auto page, server.get(path + (cursor.empty() ? "" : "&cursor=" + percentEncoded(cursor))));
    const auto* every = page.root().find("every");
    if (every != nullptr && every->asInt64() != nullptr) trace.every = *every->asInt64();
    cursor = textIn(page.root(), "next");
    trace.pages.push_back(std::move(page));
    if (cursor.empty()) break;
  }
  return trace;
}

Result<std::vector<std::string>> fetchRecording(ServerClient& server, const std::string& run,
                                                const std::string& first) {
  WEIR_ASSIGN(const auto archive, server.bytes("/runs/" + percentEncoded(run) + "/recording", kMostBytes));
  WEIR_ASSIGN(const auto files, filesOfTar(archive));
  std::vector<std::pair<std::string, std::vector<const TarFile*>>> folders;
  for (const auto& file : files) {
    if (folders.empty() || folders.back().first != file.folder) folders.push_back({file.folder, {}});
    folders.back().second.push_back(&file);
  }
  if (folders.empty()) return fail("recording.not_found", "the run '" + run + "' has recorded nothing yet");
  std::vector<std::string> made;
  for (const auto& [name, parts] : folders) {
    made.push_back(first.empty() ? name : behind(first, made.size()));
    WEIR_TRY(writeFolder(made.back(), parts));
  }
  return made;
}

}  // namespace weir::cli
