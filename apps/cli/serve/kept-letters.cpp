// Reads and rewrites segments of dead letters for the API.
#include "apps/cli/serve/kept-letters.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "apps/cli/dead-letter-store.h"
#include "apps/cli/dead-letters-command.h"
#include "apps/cli/edited-row.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::cli {
namespace {

constexpr std::size_t kMostWaiting = 256;
/// So long a run may take to give letters out of its hands.
constexpr std::chrono::milliseconds kLook{10};
constexpr int kMostLooks = 200, kMostTries = 5;
constexpr std::int64_t kMostPageBytes = std::int64_t{8} << 20;

/// Names of folders, and nothing that leads elsewhere.
bool isRunId(std::string_view run) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !run.empty() && run.size() <= 200 && run.front() != '.' && std::ranges::all_of(run, allowed);
}

std::unexpected<Error> none(const std::string& run) {
  return fail("dead_letters.unknown_run", "the run '" + run + "' has no dead letters");
}

struct RunFiles {
  std::string folder;
  std::vector<LetterFile> files{};
  bool goesOn = false;
};

/// Where all letters are.
struct Shelf {
  std::string runs;
  LetterKeys keys;
};

Result<RunFiles> filesOf(const Shelf& shelf, const std::string& run) {
  if (!isRunId(run)) return none(run);
  RunFiles found{.folder = shelf.runs + "/" + run + "/dead-letters"};
  WEIR_ASSIGN(found.files, letterFiles(found.folder, shelf.keys));
  if (found.files.empty()) return none(run);
  // The last one, if a run writes it: the numbers of the others stay.
  found.goesOn = std::erase_if(found.files, [](const LetterFile& file) { return file.live; }) > 0;
  return found;
}

bool takes(const api::LetterFilter& filter, std::int64_t number, const DeadLetter& letter) {
  if (!filter.numbers.empty() && !std::ranges::contains(filter.numbers, number)) return false;
  if (!filter.codes.empty() && !std::ranges::contains(filter.codes, letter.packet.code)) return false;
  if (!filter.nodes.empty() && !std::ranges::contains(filter.nodes, letter.packet.nodeId)) return false;
  const auto atMs = letter.timeMicros / 1000;
  if ((filter.fromMs > 0 && atMs < filter.fromMs) || (filter.untilMs > 0 && atMs >= filter.untilMs)) return false;
  return letter.edited ? !filter.uneditedOnly : !filter.editedOnly;
}

std::string jsonOf(std::int64_t number, const DeadLetter& letter, bool withRow) {
  auto shown = letter;
  if (!withRow) {
    shown.packet.row = Value::null();
    // A message may quote what was wrong with a value.
    shown.packet.message = "(the message is for those who may read data)";
  }
  auto line = letterLine(number, shown);
  line.pop_back();
  return line;
}

Result<std::string> listed(const Shelf& shelf, const api::LetterFilter& filter) {
  std::string text = "{\"letters\":[";
  if (!isRunId(filter.run)) return none(filter.run);
  // None is an answer too: most runs have none.
  WEIR_ASSIGN(const auto files, letterFiles(shelf.runs + "/" + filter.run + "/dead-letters", shelf.keys));
  std::int64_t shown = 0, last = 0;
  bool more = false;
  WEIR_TRY(visitLetters(files, [&](std::int64_t number, const DeadLetter& letter) -> Result<bool> {
    if (number <= filter.after || !takes(filter, number, letter)) return true;
    more = shown == filter.limit || std::ssize(text) > kMostPageBytes;
    if (more) return false;
    text += shown++ == 0 ? "" : ",";
    text += jsonOf(number, letter, filter.withRows);
    last = number;
    return true;
  }));
  text += ']';
  if (more) text += ",\"next\":" + std::to_string(last);
  return text + "}";
}

/// Of several runs, in their order, until there are enough.
Result<api::LetterPage> pageOf(const Shelf& shelf, const std::vector<api::LetterSource>& runs,
                               api::LetterFilter filter) {
  api::LetterPage page{.letters = "["};
  std::int64_t shown = 0;
  for (std::size_t i = 0; i < runs.size() && !page.more; ++i) {
    const auto& source = runs[i];
    if (!isRunId(source.run)) continue;
    WEIR_ASSIGN(const auto files, letterFiles(shelf.runs + "/" + source.run + "/dead-letters", shelf.keys));
    std::string head;
    json::Writer out(head);
    out.beginObject().key("run").value(source.run).key("flow").value(source.flow);
    head += ',';
    page.source = i;
    page.after = i == 0 ? filter.after : 0;
    WEIR_TRY(visitLetters(files, [&](std::int64_t number, const DeadLetter& letter) -> Result<bool> {
      if (number <= page.after || !takes(filter, number, letter)) return true;
      page.more = shown == filter.limit || std::ssize(page.letters) > kMostPageBytes;
      if (page.more) return false;
      page.letters += shown++ == 0 ? "" : ",";
      page.letters += head + jsonOf(number, letter, source.withRows).substr(1);
      page.after = number;
      return true;
    }));
  }
  page.letters += ']';
  return page;
}

/// Who holds the letters is a replay, or a command of this machine.
Result<LettersLock> lockOf(const std::string& folder, const std::string& run) {
  auto lock = LettersLock::take(folder);
  if (lock || lock.error().code != "files.busy") return lock;
  return fail(
      "dead_letters.live",
      "the dead letters of the run '" + run + "' are being replayed or changed by somebody else; try again in a moment",
      true);
}

Result<std::int64_t> discarded(const Shelf& shelf, const api::LetterFilter& filter) {
  WEIR_ASSIGN(const auto found, filesOf(shelf, filter.run));
  WEIR_ASSIGN(const auto lock, lockOf(found.folder, filter.run));
  std::int64_t gone = 0;
  WEIR_TRY(rewriteLetters(found.files, [&](std::int64_t number, const DeadLetter& letter) -> std::optional<DeadLetter> {
    if (!takes(filter, number, letter)) return letter;
    ++gone;
    return std::nullopt;
  }));
  return gone;
}

Result<std::string> edited(const Shelf& shelf, const std::string& run, std::int64_t number, const std::string& traceId,
                           const std::string& rowText) {
  WEIR_ASSIGN(const auto found, filesOf(shelf, run));
  WEIR_ASSIGN(const auto lock, lockOf(found.folder, run));
  WEIR_ASSIGN(const auto row, json::parse(rowText));
  std::optional<DeadLetter> changed;
  WEIR_TRY(visitLetters(found.files, [&](std::int64_t at, const DeadLetter& letter) -> Result<bool> {
    if (at != number) return true;
    if (letter.packet.traceId != traceId) {
      return fail("dead_letters.edit", "letter " + std::to_string(number) + " has the traceId " +
                                           letter.packet.traceId +
                                           "; the letters have changed since they were read: read them again");
    }
    changed = letter;
    WEIR_ASSIGN(changed->packet.row, editedRow(letter.packet.row, row.root()));
    changed->edited = true;
    return false;
  }));
  if (!changed && found.goesOn) {
    return fail("dead_letters.live", "the run '" + run + "' still has letter " + std::to_string(number) +
                                         " in its hands, or there is none; try again in a moment");
  }
  if (!changed) {
    return fail("dead_letters.unknown_run", "the run '" + run + "' has no dead letter " + std::to_string(number));
  }
  WEIR_TRY(rewriteLetters(found.files, [&](std::int64_t at, const DeadLetter& letter) {
    return std::optional(at == number ? *changed : letter);
  }));
  return jsonOf(number, *changed, true);
}

}  // namespace

KeptLetters::KeptLetters(std::string runs, LetterKeys keys, store::LetterIndex* index)
    : runs_(std::move(runs)),
      keys_(std::move(keys)),
      watch_(index == nullptr ? std::nullopt : std::optional<LetterWatch>(std::in_place, *index, runs_, keys_)),
      thread_([this] { loop(); }) {}

KeptLetters::~KeptLetters() {
  {
    const std::lock_guard locked(mutex_);
    ending_ = true;
    jobs_.clear();
  }
  moved_.notify_one();
  thread_.join();
}

void KeptLetters::loop() {
  std::unique_lock locked(mutex_);
  for (;;) {
    moved_.wait(locked, [this] { return ending_ || !jobs_.empty(); });
    if (ending_) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    locked.unlock();
    job();
    locked.lock();
  }
}

template <class T>
Operation<T> KeptLetters::later(Waker waker, std::function<Result<T>()> work) {
  Completion<T> completion(std::move(waker));
  auto operation = completion.operation();
  {
    const std::lock_guard locked(mutex_);
    if (jobs_.size() >= kMostWaiting) {
      return Operation<T>::finished(fail("files.busy", "too many ask for dead letters at once; try again", true));
    }
    jobs_.emplace_back([completion, work = std::move(work)]() mutable {
      if (!completion.cancelled()) completion.complete(work());
    });
  }
  moved_.notify_one();
  return operation;
}

Operation<std::string> KeptLetters::list(api::LetterFilter filter, Waker waker) {
  return later<std::string>(std::move(waker), [this, filter = std::move(filter)] {
    auto found = listed({runs_, keys_}, filter);
    // A run that goes on renames its files when they are whole.
    for (int again = 0; again < kMostTries && !found && found.error().code == "files.io"; ++again) {
      found = listed({runs_, keys_}, filter);
    }
    return found;
  });
}

Operation<api::LetterPage> KeptLetters::listOf(std::vector<api::LetterSource> runs, api::LetterFilter filter,
                                               Waker waker) {
  return later<api::LetterPage>(std::move(waker), [this, runs = std::move(runs), filter = std::move(filter)] {
    auto found = pageOf({runs_, keys_}, runs, filter);
    for (int again = 0; again < kMostTries && !found && found.error().code == "files.io"; ++again) {
      found = pageOf({runs_, keys_}, runs, filter);
    }
    return found;
  });
}

Operation<Unit> KeptLetters::refresh(Waker waker) {
  if (!watch_) return Operation<Unit>::finished(Unit{});
  return later<Unit>(std::move(waker), [this] { return watch_->look(); });
}

Operation<std::string> KeptLetters::edit(std::string run, std::int64_t number, std::string traceId, std::string row,
                                         Waker waker) {
  return later<std::string>(std::move(waker),
                            [this, run = std::move(run), number, traceId = std::move(traceId), row = std::move(row)] {
                              if (watch_) watch_->changed();
                              return edited({runs_, keys_}, run, number, traceId, row);
                            });
}

Operation<Unit> KeptLetters::settle(std::string run, Waker waker) {
  return later<Unit>(std::move(waker), [this, run = std::move(run)]() -> Result<Unit> {
    if (!isRunId(run)) return none(run);
    std::string first;
    for (int looks = 0; looks < kMostLooks; ++looks) {
      WEIR_ASSIGN(const auto files, letterFiles(runs_ + "/" + run + "/dead-letters", keys_));
      const auto live = std::ranges::find_if(files, &LetterFile::live);
      if (live == files.end() || (!first.empty() && live->path != first)) return Unit{};
      first = live->path;
      std::this_thread::sleep_for(kLook);
    }
    return Unit{};
  });
}

Operation<std::int64_t> KeptLetters::discard(api::LetterFilter filter, Waker waker) {
  return later<std::int64_t>(std::move(waker), [this, filter = std::move(filter)] {
    if (watch_) watch_->changed();
    return discarded({runs_, keys_}, filter);
  });
}

}  // namespace weir::cli
