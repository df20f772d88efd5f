// weir record and weir replay: an edge's batches kept with their times, and fed in again.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/driven-run.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/flow-journal.h"
#include "apps/cli/place.h"
#include "apps/cli/progress.h"
#include "apps/cli/recording-nodes.h"
#include "apps/cli/recording.h"
#include "apps/cli/server-rows.h"
#include "apps/cli/signal-watch.h"
#include "apps/cli/size-text.h"
#include "engine/text/printable.h"
#include "engine/time/instant.h"

namespace weir::cli {
namespace {

struct RecordArguments {
  std::string flow, edge, out, bytes = "1GiB", age, secrets;
  std::string recording, from, to, speed = "1";
  std::vector<std::string> sets, mounts;
  int threads = 0;
  bool preview = false;
  ServerArguments server;
};

/// Both commands run a plan that was changed.
using Change = std::function<Result<void>(Plan&)>;

Result<int> runChanged(const RecordArguments& arguments, const Shared& shared, const Change& change) {
  WEIR_ASSIGN(auto mounts, namedTexts(arguments.mounts, "--mount"));
  WEIR_ASSIGN(auto catalogue, loadCatalogue(shared));
  const auto document = readFlow(arguments.flow);
  if (!document) return kUsage;
  WEIR_ASSIGN(auto planning, planOptions(arguments.flow, arguments.sets, arguments.mounts));
  planning.allFields = true;
  auto plan = flow::makePlan(*document, catalogue, planning);
  if (!plan) {
    printProblems(plan.error(), arguments.flow);
    return kUsage;
  }
  WEIR_TRY(change(*plan));
  keepInMemory(*plan);
  PlaceOptions placing;
  placing.plan = &*plan;
  placing.projectFolder = folderOf(arguments.flow);
  placing.mounts = std::move(mounts);
  placing.threads = arguments.threads > 0 ? arguments.threads : plan->limits.threads;
  WEIR_ASSIGN(placing.secrets, native::Secrets::load(arguments.secrets));
  Place place(placing);
  RunOptions options;
  const auto runId = options.runId = newRunId(*plan, std::nullopt, place.clock());
  options.preview = arguments.preview;
  if (plan->limits.memoryBytes > 0) options.memoryLimitBytes = plan->limits.memoryBytes;
  const auto say = [&place](const std::string& text) { place.screen().lines("warning: " + text + "\n"); };
  DeadLetterFiles letters(place.files(), place.clock(), "project:.weir/dead-letters", options.runId, {}, say);
  options.deadLetters = &letters;
  WEIR_ASSIGN(auto events, EventFile::open({}));
  WEIR_ASSIGN(const auto run, Run::make(std::move(*plan), std::move(options), place.hosts(), place.workers()));
  const Listening listening{runId, arguments.flow, false};
  const auto result = driveRun(*run, shared, place.screen(), letters, events, &listening);
  tellEnd(result, letters, placing.projectFolder);
  return SignalWatch::exitCodeOf(result);
}

std::string outOf(const RecordArguments& arguments) {
  if (!arguments.out.empty()) return arguments.out;
  auto name = arguments.edge;
  std::ranges::replace(name, '/', '-');
  return name + ".weir-recording";
}

/// `2026-05-03T03:12:00Z`, or how long after `first`: `90s`, `5m`.
Result<std::int64_t> timeOf(const std::string& text, std::string_view option, std::int64_t first) {
  if (const auto instant = parseInstant(text)) return toMicros(*instant);
  if (const auto span = parseSpan(text)) return first + toMicros(*span);
  return fail("settings.invalid", std::string(option) + " '" + text +
                                      "': give a time such as 2026-05-03T03:12:00Z, or one after the beginning such as "
                                      "90s");
}

/// Error `settings.range`: nothing was recorded between the two.
Result<void> checkPiece(const RecordingIndex& index, std::int64_t from, std::int64_t to) {
  if (from > to) return fail("settings.invalid", "--from is later than --to");
  if (index.segments.empty()) return {};
  const auto first = index.segments.front().firstMicros;
  const auto last = index.segments.back().lastMicros;
  // The last segment of a recording that was killed may be longer than is known.
  if (to >= first && (from <= last || !index.finished)) return {};
  const auto at = [](std::int64_t micros) {
    const auto instant = instantFromMicros(micros);
    return instant ? formatInstant(*instant) : std::string("?");
  };
  return fail("settings.range", std::string(to < first ? "--to lies before" : "--from lies behind") +
                                    " what was recorded, which goes from " + at(first) + " to " + at(last) + " (" +
                                    timeText(last - first) + ")");
}

Result<double> speedOf(const std::string& text) {
  if (text == "max") return 0.0;
  double speed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
  if (error == std::errc() && end == text.data() + text.size() && speed > 0 && speed <= 1e6) return speed;
  return fail("settings.invalid", "--speed '" + text + "': give how many times as fast, such as 1, 10 or 0.5, or max");
}

void tellRecording(const std::string& folder, const std::string& edge, const std::string& verb) {
  native::NativeCodecs codecs;
  const auto made = RecordingReader::open(folder, codecs, MemoryAccount::unlimited());
  if (!made) return;
  std::int64_t rows = 0;
  std::int64_t size = 0;
  for (const auto& segment : made->index().segments) {
    rows += segment.rows;
    size += segment.bytes;
  }
  std::fprintf(stderr, "%s %s rows of edge %s in %s (%s)\n", verb.c_str(), grouped(rows).c_str(),
               printable(edge.empty() ? made->index().edge : edge).c_str(), printable(folder).c_str(),
               bytesText(size).c_str());
}

/// What a run of a server has recorded, into this folder.
Result<int> fetch(const RecordArguments& arguments, const Shared& shared) {
  if (!arguments.edge.empty()) {
    return fail("cli.usage", "with --server the recording of a run is fetched: give the run alone, without an edge");
  }
  WEIR_ASSIGN(const auto server, ServerClient::make(arguments.server));
  WEIR_ASSIGN(const auto run, findKeptRun(*server, arguments.flow, "record"));
  WEIR_ASSIGN(const auto folders, fetchRecording(*server, run, arguments.out));
  for (const auto& folder : folders) {
    if (!shared.quiet) tellRecording(folder, {}, "fetched");
  }
  return kDone;
}

Result<int> record(const RecordArguments& arguments, const Shared& shared) {
  if (!arguments.server.url.empty()) return fetch(arguments, shared);
  if (arguments.edge.empty()) return fail("cli.usage", "EDGE is missing: the id of the edge whose rows are kept");
  const auto bytes = parseSize(arguments.bytes);
  if (!bytes || *bytes < (1 << 20)) {
    return fail("settings.range", "--bytes '" + arguments.bytes + "': give a size of at least 1MiB, such as 512MiB");
  }
  json::Value settings;
  const auto folder = outOf(arguments);
  settings.set("folder", folder);
  settings.set("edge", arguments.edge);
  settings.set("bytes", *bytes);
  if (!arguments.age.empty()) {
    const auto age = parseSpan(arguments.age);
    if (!age || toMicros(*age) <= 0) {
      return fail("settings.invalid", "--age '" + arguments.age + "': give how long rows are kept, such as 10m or 24h");
    }
    settings.set("ageMicros", toMicros(*age));
  }
  WEIR_ASSIGN(const auto code, runChanged(arguments, shared, [&](Plan& plan) {
                settings.set("flow", plan.flowId);
                return addRecorder(plan, arguments.edge, settings);
              }));
  if (!shared.quiet) tellRecording(folder, arguments.edge, "recorded");
  return code;
}

Result<int> replay(const RecordArguments& arguments, const Shared& shared) {
  native::NativeCodecs codecs;
  WEIR_ASSIGN(const auto recording, RecordingReader::open(arguments.recording, codecs, MemoryAccount::unlimited()));
  const auto& segments = recording.index().segments;
  const auto first = segments.empty() ? 0 : segments.front().firstMicros;
  json::Value settings;
  settings.set("folder", arguments.recording);
  std::int64_t from = INT64_MIN;
  std::int64_t to = INT64_MAX;
  if (!arguments.from.empty()) {
    WEIR_ASSIGN(from, timeOf(arguments.from, "--from", first));
  }
  if (!arguments.to.empty()) {
    WEIR_ASSIGN(to, timeOf(arguments.to, "--to", first));
  }
  WEIR_TRY(checkPiece(recording.index(), from, to));
  settings.set("fromMicros", from);
  settings.set("toMicros", to);
  WEIR_ASSIGN(const auto speed, speedOf(arguments.speed));
  settings.set("speed", speed);
  return runChanged(arguments, shared, [&](Plan& plan) -> Result<void> {
    WEIR_ASSIGN(const auto left, feedRecording(plan, arguments.edge, settings));
    std::string names;
    for (const auto& node : left) names += (names.empty() ? "" : ", ") + printable(node);
    if (!shared.quiet) std::fprintf(stderr, "note: not running, the recording stands in for them: %s\n", names.c_str());
    return {};
  });
}

/// The recording of a run of a server, for as long as it is replayed.
Result<int> replayFetched(RecordArguments arguments, const Shared& shared) {
  WEIR_ASSIGN(const auto server, ServerClient::make(arguments.server));
  WEIR_ASSIGN(const auto run, findKeptRun(*server, arguments.recording, "record"));
  std::error_code error;
  auto place = (std::filesystem::temp_directory_path(error) / "weir-replay-XXXXXX").string();
  if (error || ::mkdtemp(place.data()) == nullptr) return fail("files.io", "there is no folder for temporary files");
  const auto replayed = [&]() -> Result<int> {
    WEIR_ASSIGN(const auto folders, fetchRecording(*server, run, place + "/rows.weir-recording"));
    if (folders.size() > 1 && !shared.quiet) {
      std::fprintf(stderr,
                   "note: the run began %zu times; what is replayed is of the last, weir record %s --server gets all\n",
                   folders.size(), run.c_str());
    }
    arguments.recording = folders.back();
    return replay(arguments, shared);
  };
  auto code = replayed();
  std::filesystem::remove_all(place, error);
  return code;
}

void addFlow(CLI::App& command, const std::shared_ptr<RecordArguments>& arguments, Shared& shared) {
  addParameters(command, arguments->sets);
  addRepeated(command, "--mount", arguments->mounts, "NAME=DIR", "A folder that paths of the flow name as NAME:path");
  addNodeFolders(command, shared);
  addThreads(command, arguments->threads);
  command
      .add_option("--secrets", arguments->secrets,
                  "A JSON file of mode 0600 with what ${secret:NAME} stands for; also read: WEIR_SECRET_NAME in the "
                  "environment")
      ->type_name("FILE");
  command.add_flag("--preview", arguments->preview, "Hold back every node that writes");
  command.add_flag("-q,--quiet", shared.quiet, "No progress; errors are still told");
}

}  // namespace

void addRecord(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand(
      "record",
      "Run a flow and keep the rows of one edge.\nAs they came, with their times, in a folder of compressed "
      "Arrow files.");
  auto arguments = std::make_shared<RecordArguments>();
  command->add_option("FLOW", arguments->flow, "The flow document (NAME.flow.json); with --server a run of it")
      ->required();
  command->add_option("EDGE", arguments->edge, "The id of one of its edges; not with --server");
  addFlow(*command, arguments, shared);
  addServerWhenSaid(
      *command, arguments->server,
      "Run nothing: get what a run of this server has recorded, such as https://weir.example.com; FLOW is "
      "the run's id or how it begins, its flow, or last");
  command->add_option("--out", arguments->out, "The folder to make; default: EDGE.weir-recording")->type_name("DIR");
  command->add_option("--bytes", arguments->bytes, "The most it may take on the disk; then the oldest rows go")
      ->type_name("SIZE")
      ->capture_default_str();
  command
      ->add_option("--age", arguments->age,
                   "How long rows are kept, such as 10m or 24h; default: as long as there is room")
      ->type_name("TIME");
  addFooter(*command,
            "0  done\n1  failed\n2  wrong usage, or the document is not valid\n3  done, with dead letters\n"
            "4, 5, 74, 129, 130, 143 as of weir run",
            "weir record orders.flow.json paid --bytes 200MiB --age 1h\nweir record orders --server "
            "https://weir.example.com");
  command->callback([arguments, &shared, &exitCode] { finish(record(*arguments, shared), exitCode); });
}

void addReplay(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand(
      "replay",
      "Feed a recording into an edge of a flow.\nThe nodes before the edge do not run; those behind it do, and "
      "write, unless --preview holds them back.");
  auto arguments = std::make_shared<RecordArguments>();
  command->add_option("RECORDING", arguments->recording, "What 'weir record' made; with --server a run")->required();
  command->add_option("FLOW", arguments->flow, "The flow document (NAME.flow.json)")->required();
  command->add_option("EDGE", arguments->edge, "The id of one of its edges")->required();
  addServerWhenSaid(*command, arguments->server,
                    "Take what a run of this server has recorded, such as https://weir.example.com; RECORDING is the "
                    "run's id or how it begins, its flow, or last");
  addFlow(*command, arguments, shared);
  command->add_option("--from", arguments->from, "Where to begin: 2026-05-03T03:12:00Z, or 90s after its beginning")
      ->type_name("TIME");
  command->add_option("--to", arguments->to, "Where to end, in the same way")->type_name("TIME");
  command
      ->add_option("--speed", arguments->speed, "How many times as fast as it was: 1, 10, 0.5; max: as fast as it goes")
      ->type_name("N")
      ->capture_default_str();
  addFooter(*command,
            "0  done\n1  failed\n2  wrong usage, or the document is not valid\n3  done, with dead letters\n"
            "4, 5, 74, 129, 130, 143 as of weir run",
            "weir replay paid.weir-recording orders.flow.json paid --speed max\nweir replay paid.weir-recording "
            "draft.flow.json paid --from 90s --to 2m --preview\nweir replay last orders.flow.json paid --server "
            "https://weir.example.com --preview");
  command->callback([arguments, &shared, &exitCode] {
    const bool here = arguments->server.url.empty();
    finish(here ? replay(*arguments, shared) : replayFetched(*arguments, shared), exitCode);
  });
}

}  // namespace weir::cli
