// Reads what runs have kept of their rows, and throws it away.
#include "apps/cli/serve/kept-rows.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>
#include <vector>

#include "apps/cli/command.h"
#include "apps/cli/numbered-files.h"
#include "apps/cli/serve/tar-archive.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostEdgeName = 60;
constexpr std::int64_t kMostPageBytes = std::int64_t{8} << 20;

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

/// Ids are made by the server; nothing that leads elsewhere is one.
bool isRunId(std::string_view run) {
  return !run.empty() && run.front() != '.' &&
         run.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

std::unexpected<Error> noRecording(const std::string& run) {
  return fail("recording.not_found", "the run '" + run +
                                         "' has no recording: it was not started with \"record\", has not begun, or "
                                         "the recording was thrown away or was kept long enough");
}

std::unexpected<Error> noTrace(const std::string& run) {
  return fail("trace.unknown_run", "the run '" + run +
                                       "' has no trace: it was not started with \"trace\", no row was sampled yet, or "
                                       "the trace was thrown away or was kept long enough");
}

/// Whoever reads knows files by what lies below the data folder.
Error below(const std::string& runs, Error error) {
  for (std::size_t at = 0; (at = error.message.find(runs, at)) != std::string::npos; at += 4)
    error.message.replace(at, runs.size(), "runs");
  return error;
}

/// As the name of a folder.
std::string nameOf(const std::string& edge, std::size_t beginning) {
  auto name = edge.substr(0, kMostEdgeName);
  for (auto& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (!plain) c = '-';
  }
  if (name.empty() || name.front() == '.') name.insert(0, "-");
  if (beginning > 0) name += "-" + std::to_string(beginning + 1);
  return name + ".weir-recording/";
}

TarArchive::Entry entryOf(std::string name, std::string text) {
  TarArchive::Entry entry{std::move(name), std::ssize(text), {}};
  entry.open = [text = std::move(text)]() -> Result<TarArchive::Pieces> {
    return [text](std::string& into) -> Result<bool> {
      into += text;
      return true;
    };
  };
  return entry;
}

Result<TarArchive::Entry> entryOf(std::string name, const std::string& path, const ChainKeys& keys,
                                  const Asker& asker) {
  TarArchive::Entry entry{std::move(name), 0, {}};
  // How long the text of a sealed file is, its records alone know.
  WEIR_ASSIGN(auto counted, SealedText::open(path, keys));
  for (std::string piece;; piece.clear()) {
    if (asker.gone()) return askerIsGone();
    WEIR_ASSIGN(const auto more, counted.next(piece));
    if (!more) break;
    entry.bytes += std::ssize(piece);
  }
  entry.open = [path, keys]() -> Result<TarArchive::Pieces> {
    WEIR_ASSIGN(auto text, SealedText::open(path, keys));
    auto shared = std::make_shared<SealedText>(std::move(text));
    return [shared](std::string& into) { return shared->next(into); };
  };
  return entry;
}

/// What lies in one folder, with an index of the segments that are still there.
Result<void> addRecording(const std::string& folder, std::size_t beginning, const ChainKeys& keys, const Asker& asker,
                          std::vector<TarArchive::Entry>& entries) {
  const auto text = readText(folder + "/recording.json");
  if (!text) return {};  // its time was over
  auto read = json::parse(*text);
  if (!read) return fail("recording.invalid", "its recording.json: " + read.error().message);
  auto index = read->root();
  const auto name = nameOf(textIn(index, "edge"), beginning);
  const auto* listed = index.find("segments");
  auto segments = json::Value::array();
  std::vector<std::string> files;
  if (listed != nullptr && listed->asArray() != nullptr) {
    for (const auto& one : *listed->asArray()) {
      const auto file = textIn(one, "file");
      std::error_code error;
      if (file.empty() || file.find('/') != std::string::npos || !fs::exists(folder + "/" + file, error)) continue;
      segments.asArray()->push_back(one);
      files.push_back(file);
    }
  }
  index.set("segments", std::move(segments));
  entries.push_back(entryOf(name + "recording.json", json::write(index) + "\n"));
  for (const auto& file : files) {
    WEIR_ASSIGN(auto entry, entryOf(name + file, folder + "/" + file, keys, asker));
    entries.push_back(std::move(entry));
  }
  return {};
}

/// The index of a node, and of an output, as their names.
struct Named {
  std::vector<std::string> ids, types;
  std::vector<std::vector<std::string>> outputs;

  void take(const json::Value& nodes) {
    ids.clear();
    types.clear();
    outputs.clear();
    if (nodes.asArray() == nullptr) return;
    for (const auto& node : *nodes.asArray()) {
      ids.push_back(textIn(node, "id"));
      types.push_back(textIn(node, "typeId"));
      auto& ports = outputs.emplace_back();
      const auto* names = node.find("outputs");
      if (names == nullptr || names->asArray() == nullptr) continue;
      for (const auto& port : *names->asArray()) ports.push_back(port.asString() != nullptr ? *port.asString() : "");
    }
  }

  void put(json::Value& step) const {
    const auto* number = step.find("node");
    const auto at = number != nullptr && number->asInt64() != nullptr ? *number->asInt64() : -1;
    if (at < 0 || at >= std::ssize(ids)) return;
    const auto node = static_cast<std::size_t>(at);
    step.set("node", ids[node]);
    step.set("typeId", types[node]);
    auto* given = step.find("given");
    if (given == nullptr || given->asArray() == nullptr) return;
    for (auto& pair : *given->asArray()) {
      auto* both = pair.asArray();
      if (both == nullptr || both->size() != 2 || (*both)[1].asInt64() == nullptr) continue;
      const auto port = *(*both)[1].asInt64();
      if (port >= 0 && port < std::ssize(outputs[node])) (*both)[1] = outputs[node][static_cast<std::size_t>(port)];
    }
  }
};

/// FILE:LINE, both counted from 1: all up to there was given.
struct Place {
  std::int64_t file = 0, line = 0;
};

Result<Place> placeOf(const std::string& cursor) {
  Place place;
  if (cursor.empty()) return place;
  const auto* end = cursor.data() + cursor.size();
  const auto first = std::from_chars(cursor.data(), end, place.file);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == ':') {
    const auto second = std::from_chars(first.ptr + 1, end, place.line);
    if (second.ec == std::errc() && second.ptr == end && place.file > 0 && place.line >= 0) return place;
  }
  return fail("api.query", "the cursor '" + cursor + "' is of no trace; begin with the first page");
}

/// One page, taken line by line.
class TracePage {
 public:
  TracePage(const api::TraceWish& wish, Place from) : wish_(wish), from_(from), row_("\"" + wish.row) {}

  void begin(std::int64_t file) {
    file_ = file;
    line_ = 0;
  }
  /// False: the page is full.
  Result<bool> take(std::string_view line) {
    ++line_;
    const bool head = line.starts_with("{\"run\":");
    const bool before = file_ < from_.file || (file_ == from_.file && line_ <= from_.line);
    if (!head && (before || (!wish_.row.empty() && line.find(row_) == std::string_view::npos))) return true;
    auto read = json::parse(line);
    if (!read) return fail("trace.invalid", "line " + std::to_string(line_) + " of a file of the trace is damaged");
    if (head) {
      if (const auto* every = read->root().find("every"); every != nullptr && every->asInt64() != nullptr)
        every_ = *every->asInt64();
      if (const auto* nodes = read->root().find("nodes")) named_.take(*nodes);
      return true;
    }
    if (count_ == wish_.limit || std::ssize(steps_) > kMostPageBytes) {
      more_ = true;
      return false;
    }
    auto step = read->root();
    named_.put(step);
    steps_ += (count_++ == 0 ? "" : ",") + json::write(step);
    last_ = {file_, line_};
    return true;
  }
  [[nodiscard]] std::string json() const {
    std::string text;
    json::Writer out(text);
    out.beginObject().key("run").value(wish_.run).key("every").value(every_);
    out.key("steps").raw("[" + steps_ + "]");
    if (more_) out.key("next").value(std::to_string(last_.file) + ":" + std::to_string(last_.line));
    out.endObject();
    return text;
  }

 private:
  const api::TraceWish& wish_;
  Place from_, last_;
  std::string row_, steps_;
  Named named_;
  std::int64_t file_ = 0, line_ = 0, count_ = 0, every_ = 0;
  bool more_ = false;
};

/// False: the page is full.
Result<bool> takeFile(TracePage& page, const std::string& path, const ChainKeys& keys, const Asker& asker) {
  WEIR_ASSIGN(auto text, SealedText::open(path, keys));
  std::string waiting;
  for (;;) {
    if (asker.gone()) return askerIsGone();
    WEIR_ASSIGN(const auto more, text.next(waiting));
    if (!more) return true;  // a line that is not whole is written at the moment
    std::size_t at = 0;
    for (auto end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n', at)) {
      WEIR_ASSIGN(const auto goesOn, page.take(std::string_view(waiting).substr(at, end - at)));
      if (!goesOn) return false;
      at = end + 1;
    }
    waiting.erase(0, at);
  }
}

Result<std::int64_t> discarded(const std::string& folder) {
  const auto bytes = bytesBelow(folder);
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) return fail("files.io", "not all files could be deleted: " + error.message());
  return bytes;
}

}  // namespace

Result<std::shared_ptr<api::ShelfFile>> KeptRows::recording(const std::string& run, const Asker& asker) {
  if (!isRunId(run)) return noRecording(run);
  std::vector<TarArchive::Entry> entries;
  std::size_t beginning = 0;
  for (const auto& folder : numberedIn(runs_ + "/" + run + "/recordings")) {
    if (auto added = addRecording(folder, beginning, keys_, asker, entries); !added)
      return std::unexpected(below(runs_, std::move(added.error())));
    ++beginning;
  }
  if (entries.empty()) return noRecording(run);
  return std::make_shared<TarArchive>(std::move(entries));
}

Result<std::string> KeptRows::trace(const api::TraceWish& wish, const Asker& asker) {
  if (!isRunId(wish.run)) return noTrace(wish.run);
  WEIR_ASSIGN(const auto from, placeOf(wish.cursor));
  const auto files = numberedIn(runs_ + "/" + wish.run + "/traces");
  if (files.empty()) return noTrace(wish.run);
  TracePage page(wish, from);
  for (const auto& path : files) {
    const auto number = numberOfPath(path);
    if (number < from.file) continue;
    page.begin(number);
    auto taken = takeFile(page, path, keys_, asker);
    std::error_code error;
    if (!taken && !fs::exists(path, error)) continue;  // its time was over meanwhile
    if (!taken) return std::unexpected(below(runs_, std::move(taken.error())));
    if (!*taken) break;
  }
  return page.json();
}

Result<std::int64_t> KeptRows::discardRecording(const std::string& run) {
  if (!isRunId(run) || numberedIn(runs_ + "/" + run + "/recordings").empty()) return noRecording(run);
  return discarded(runs_ + "/" + run + "/recordings");
}

Result<std::int64_t> KeptRows::discardTrace(const std::string& run) {
  if (!isRunId(run) || numberedIn(runs_ + "/" + run + "/traces").empty()) return noTrace(run);
  return discarded(runs_ + "/" + run + "/traces");
}

}  // namespace weir::cli
