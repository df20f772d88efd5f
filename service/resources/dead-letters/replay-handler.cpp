// Replays of dead letters: a run of its own over the rows of another one that failed.
#include <set>
#include <string>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/handlers.h"
#include "service/engines/supervisor.h"
#include "service/resources/dead-letters/letter-routes.h"
#include "service/resources/dead-letters/letter-shelf.h"
#include "service/resources/identity/body.h"
#include "service/resources/runs/new-run.h"
#include "service/resources/runs/run-answers.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

constexpr std::size_t kMostNumbers = 10'000;

struct Asked {
  LetterFilter letters;
  std::optional<std::int64_t> version;  // not set: that of the run
};

Expected<Asked> askedOf(const Call& call) {
  Body body(call, "codes nodes numbers edited version");
  Asked asked;
  asked.letters.run = call.parameters.front();
  asked.letters.codes = body.texts("codes");
  asked.letters.nodes = body.texts("nodes");
  asked.letters.editedOnly = body.flag("edited", false);
  if (const auto* numbers = body.find("numbers")) {
    const bool good =
        numbers->asArray() != nullptr && !numbers->asArray()->empty() && numbers->asArray()->size() <= kMostNumbers;
    if (!good) body.refuseOnce("'numbers' is a list of 1 to 10000 numbers of dead letters");
    for (std::size_t i = 0; good && i < numbers->asArray()->size(); ++i) {
      const auto* number = (*numbers->asArray())[i].asInt64();
      if (number != nullptr && *number > 0) {
        asked.letters.numbers.push_back(*number);
      } else {
        body.refuseOnce("'numbers' holds something that is no number of a dead letter");
      }
    }
  }
  if (const auto* version = body.find("version")) {
    const bool draft = version->isString() && *version->asString() == "draft";
    if (!draft && (version->asInt64() == nullptr || *version->asInt64() < 1)) {
      body.refuseOnce("'version' is the number of a version, or \"draft\"; left out: that of the run");
    } else {
      asked.version = draft ? 0 : *version->asInt64();
    }
  }
  if (body.refused()) return std::unexpected(*body.refused());
  asked.letters.limit = 1;
  return asked;
}

std::string replayText(const LetterFilter& letters) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("run").value(letters.run).key("codes").beginArray();
  for (const auto& code : letters.codes) out.value(code);
  out.endArray().key("nodes").beginArray();
  for (const auto& node : letters.nodes) out.value(node);
  out.endArray().key("numbers").beginArray();
  for (const auto number : letters.numbers) out.value(number);
  out.endArray().key("editedOnly").value(letters.editedOnly).endObject();
  return text;
}

/// Whether there is one among them.
Job<Expected<bool>> any(Call& call, LetterFilter letters) {
  auto listed = co_await call.of(call.services.server->letters->list(std::move(letters), call.waker()));
  if (!listed) co_return std::unexpected(refusalOf(listed.error()));
  const auto parsed = json::parse(*listed);
  const auto* found = parsed ? parsed->root().find("letters") : nullptr;
  co_return found != nullptr && found->count() > 0;
}

/// A published version has the rights of its folder, but a row that somebody wrote is theirs: they need what the flow
/// may use.
Job<Expected<Unit>> checkEdited(Call& call, LetterFilter letters, auth::Place place) {
  letters.editedOnly = true;
  const auto edited = co_await any(call, std::move(letters));
  if (!edited) co_return std::unexpected(edited.error());
  if (!*edited) co_return Unit{};
  for (const auto permission : {auth::Permission::secretUse, auth::Permission::mountUse}) {
    if (auto may = call.mustHave(permission, place, "a replay of edited rows"); !may) {
      co_return std::unexpected(std::move(may.error()));
    }
  }
  co_return Unit{};
}

/// One replay at a time takes the letters of a run: two would give the same rows twice.
class Beginning {
 public:
  Beginning(std::set<std::string>& runs, std::string run) : runs_(runs), run_(std::move(run)) {
    first_ = runs_.insert(run_).second;
  }
  ~Beginning() {
    if (first_) runs_.erase(run_);
  }
  Beginning(const Beginning&) = delete;
  Beginning& operator=(const Beginning&) = delete;
  [[nodiscard]] bool first() const { return first_; }

 private:
  std::set<std::string>& runs_;
  std::string run_;
  bool first_ = false;
};

Response replayed(const std::string& run, const std::string& by) {
  return toResponse({409, "dead_letters.live",
                     "dead letters of the run '" + run + "' are being replayed" +
                         (by.empty() ? std::string() : " by the run '" + by + "'") + "; wait for its end, or stop it"});
}

}  // namespace

Job<Response> replayLetters(Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->letters == nullptr || server->runs == nullptr || server->supervisor == nullptr) {
    co_return toResponse({501, "host.missing", "this server keeps no dead letters"});
  }
  const auto asked = askedOf(call);
  if (!asked) co_return toResponse(asked.error());
  const auto of = co_await call.of(server->runs->read(asked->letters.run, call.waker()));
  if (!of) co_return toResponse(refusalOf(of.error()));
  const Beginning beginning(server->replaysBeginning, of->id);
  const auto other = server->supervisor->replayOf(of->id);
  if (!beginning.first() || !other.empty()) co_return replayed(of->id, other);
  if (server->supervisor->record(of->id) != nullptr) {
    server->supervisor->closeLetters(of->id);
    static_cast<void>(co_await call.of(server->letters->settle(of->id, call.waker())));
  }
  const auto some = co_await any(call, asked->letters);
  if (!some) co_return toResponse(some.error());
  if (!*some) {
    co_return toResponse({422, "dead_letters.nothing", "no dead letter of the run '" + of->id + "' is meant by that"});
  }
  const auto may = co_await checkEdited(call, asked->letters, {of->folder, of->flow});
  if (!may) co_return toResponse(may.error());
  NewRun wish;
  wish.flow = of->flow;
  wish.after = *of;
  wish.version = asked->version.value_or(of->version);
  wish.parameters = of->parameters.empty() ? "{}" : of->parameters;
  wish.starter = call.principal.user;
  wish.replay = replayText(asked->letters);
  co_return co_await startPrepared(call, std::move(wish));
}

}  // namespace weir::api
