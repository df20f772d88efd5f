// Replays on a server.
#include "apps/cli/engine/letter-replay.h"

#include <utility>

#include "engine/json/document.h"

namespace weir::cli {
namespace {

void readTexts(const json::Value& asked, std::string_view key, std::vector<std::string>& into) {
  const auto* list = asked.find(key);
  if (list == nullptr || list->asArray() == nullptr) return;
  for (const auto& one : *list->asArray()) {
    if (one.asString() != nullptr) into.push_back(*one.asString());
  }
}

Result<LetterChoice> choiceOf(const std::string& text) {
  WEIR_ASSIGN(const auto parsed, json::parse(text));
  const auto& asked = parsed.root();
  LetterChoice choice;
  if (const auto* run = asked.find("run"); run != nullptr && run->asString() != nullptr) choice.run = *run->asString();
  readTexts(asked, "codes", choice.codes);
  readTexts(asked, "nodes", choice.nodes);
  if (const auto* list = asked.find("numbers"); list != nullptr && list->asArray() != nullptr) {
    for (const auto& one : *list->asArray()) {
      if (one.asInt64() != nullptr) choice.numbers.push_back(*one.asInt64());
    }
  }
  const auto* edited = asked.find("editedOnly");
  choice.editedOnly = edited != nullptr && edited->asBool() != nullptr && *edited->asBool();
  return choice;
}

}  // namespace

Result<std::unique_ptr<LetterReplay>> LetterReplay::make(const std::string& asked, const std::string& folder,
                                                         const native::FileKeys& keys, Plan& plan) {
  auto made = std::make_unique<LetterReplay>();
  WEIR_ASSIGN(made->choice_, choiceOf(asked));
  LetterKeys opened;
  if (!keys.empty()) opened = [keys](const std::string&) -> Result<native::FileKeys> { return keys; };
  WEIR_ASSIGN(made->files_, letterFiles(folder, opened));
  // What a run writes at the moment stays for a later replay.
  std::erase_if(made->files_, [](const LetterFile& file) { return file.live; });
  if (made->files_.empty()) {
    return fail("dead_letters.unknown_run", "the run '" + made->choice_.run + "' has no dead letters");
  }
  auto lock = LettersLock::take(folder);
  if (!lock && lock.error().code == "files.busy") {
    return fail("files.busy", "the dead letters of the run '" + made->choice_.run +
                                  "' are being changed by somebody else; replay them again in a moment");
  }
  if (!lock) return std::unexpected(std::move(lock.error()));
  made->lock_.emplace(std::move(*lock));
  WEIR_ASSIGN(const auto counts, countPlaces(made->files_, made->choice_));
  std::vector<LetterPlace> places;
  for (const auto& [place, count] : counts) places.push_back(place);
  WEIR_ASSIGN(made->replay_, replayPlan(std::move(plan), places, false));
  if (made->replay_.feeders.empty()) {
    auto why = made->replay_.left.empty() ? std::string() : ": " + made->replay_.left.begin()->second;
    return fail("dead_letters.nothing", places.empty()
                                            ? "no dead letter of the run '" + made->choice_.run + "' is meant by that"
                                            : "none of these dead letters can be replayed" + why);
  }
  plan = made->replay_.plan;
  made->feeds_ = std::make_unique<FileFeeds>(made->files_, made->choice_);
  for (const auto& [feeder, place] : made->replay_.feeders) made->feeds_->add(feeder, place);
  return made;
}

void LetterReplay::ended(bool well, Log& log) {
  if (well) {
    if (const auto gone = removeReplayed(files_, replay_, choice_); !gone) {
      log.write(LogLevel::error, "", "dead letters that were replayed cannot be removed: " + gone.error().message);
    }
  }
  lock_.reset();
}

}  // namespace weir::cli
