// Which store, and where.
#include "apps/cli/run-state.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "apps/cli/command.h"
#include "engine/data/hash.h"
#include "engine/host/memory-state-store.h"
#include "engine/text/url.h"
#include "hosts/native/network/wire.h"
#include "hosts/native/state/file-state-store.h"
#include "hosts/native/state/redis-state-store.h"

namespace weir::cli {
namespace {

constexpr std::uint16_t kRedisPort = 6379;
constexpr std::string_view kPlain = "redis://", kSecure = "rediss://";

/// An id as the name of a file: other signs become _, and a hash keeps such names apart.
std::string fileNameOf(const std::string& id) {
  std::string name;
  for (const char sign : id) {
    const bool plain = (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || (sign >= '0' && sign <= '9') ||
                       sign == '-' || sign == '_';
    name += plain ? sign : '_';
  }
  return name == id && id.size() <= 100 ? name : name.substr(0, 60) + "-" + std::to_string(hash::ofBytes(id));
}

bool isRedis(std::string_view where) { return where.starts_with(kPlain) || where.starts_with(kSecure); }

std::unexpected<Error> noRedis(std::string_view why) {
  // Without the text: it may hold a password.
  return fail("settings.invalid", "the Redis of --state or WEIR_STATE " + std::string(why) +
                                      "; write redis://HOST:PORT/DB, or redis://USER:${secret:NAME}@HOST:PORT/DB");
}

Result<native::RedisTarget> redisOf(std::string_view where) {
  native::RedisTarget target;
  target.tls = where.starts_with(kSecure);
  where.remove_prefix(target.tls ? kSecure.size() : kPlain.size());
  if (const auto at = where.rfind('@'); at != std::string_view::npos) {
    const auto person = where.substr(0, at);
    const auto colon = person.find(':');
    auto user = percentDecoded(person.substr(0, colon));
    auto password = percentDecoded(colon == std::string_view::npos ? std::string_view() : person.substr(colon + 1));
    if (!user || !password) return noRedis("has a broken escape in user or password");
    target.user = std::move(*user);
    target.password = std::move(*password);
    where.remove_prefix(at + 1);
  }
  if (const auto slash = where.find('/'); slash != std::string_view::npos) {
    const auto digits = where.substr(slash + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), target.database);
    const bool number = read.ec == std::errc() && read.ptr == digits.data() + digits.size() && target.database >= 0;
    if (!digits.empty() && !number) return noRedis("has no number of a database behind the slash");
    where = where.substr(0, slash);
  }
  if (!native::splitServer(where, kRedisPort)) return noRedis("names no server");
  target.server = where;
  return target;
}

bool isWanted(const StateArguments& arguments, const Plan& plan) {
  // What durable edges keep is counted from checkpoint to checkpoint.
  return arguments.resume || plan.stateStorage != StateStorage::memory ||
         std::ranges::any_of(plan.edges, &PlannedEdge::durable);
}

/// Null: nobody asked for any.
Result<std::unique_ptr<StateStore>> openState(const StateArguments& arguments, const Plan& plan, Place& place) {
  const auto& where = arguments.where;
  if (isRedis(where)) {
    native::RedisStateOptions options;
    WEIR_ASSIGN(options.target, redisOf(where));
    options.flow = plan.flowId;
    return std::make_unique<native::RedisStateStore>(std::move(options), place.network(), place.clock());
  }
  if (plan.stateStorage == StateStorage::redis) {
    return fail("host.missing", "config.stateStorage is redis, and " +
                                    (where.empty() ? std::string("nobody says which") : "'" + where + "' is a folder") +
                                    "; give --state redis://HOST:PORT, or set WEIR_STATE to it");
  }
  if (!isWanted(arguments, plan) && where.empty()) return nullptr;
  native::FileStateOptions options;
  options.path =
      (where.empty() ? arguments.flowFolder + "/.weir/state" : where) + "/" + fileNameOf(plan.flowId) + ".state";
  return native::FileStateStore::open(options, place.clock());
}

/// In the folder of --state, or beside the flow: also if the state is in a Redis.
Result<std::unique_ptr<FlowJournal>> openJournal(const StateArguments& arguments, const Plan& plan) {
  FlowJournalOptions options;
  const auto name = fileNameOf(plan.flowId);
  options.folder = arguments.where.empty() || isRedis(arguments.where) ? arguments.flowFolder + "/.weir/journal/" + name
                                                                       : arguments.where + "/" + name + ".journal";
  options.resume = arguments.resume;
  options.anew = arguments.anew;
  return FlowJournal::open(options, plan);
}

}  // namespace

bool answersWhenDone(const PlannedNode& node) {
  const auto* reply = node.settings.find("reply");
  return node.type != nullptr && node.type->id == "http/webhook" && reply != nullptr && reply->asString() != nullptr &&
         *reply->asString() == "whenDone";
}

Result<Kept> keepState(const StateArguments& given, Plan& plan, Place& place, RunOptions& options) {
  constexpr std::int64_t kOftenMs = 10;
  auto arguments = given;
  const char* variable = std::getenv("WEIR_STATE");
  // It says where, not whether.
  if (arguments.where.empty() && variable != nullptr && isWanted(given, plan)) arguments.where = variable;
  Kept kept;
  WEIR_ASSIGN(kept.state, openState(arguments, plan, place));
  // Also if none are kept for later.
  if (!kept.state && std::ranges::any_of(plan.nodes, answersWhenDone)) {
    kept.state = std::make_unique<MemoryStateStore>(place.clock());
    if (!arguments.checkpointsTimed) plan.checkpointEveryMs = kOftenMs;
  }
  WEIR_ASSIGN(kept.journal, openJournal(arguments, plan));
  options.state = kept.state.get();
  options.resume = arguments.resume;
  options.resumeChanged = arguments.resumeChanged;
  if (kept.journal) {
    options.journal = &kept.journal->journal();
    options.journalContents = kept.journal->takeContents();
  }
  return kept;
}

}  // namespace weir::cli
