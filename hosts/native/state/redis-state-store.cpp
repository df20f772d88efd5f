// State in Redis: a hash of values, their names in order, the times at which they end.
#include "hosts/native/state/redis-state-store.h"

#include <utility>

namespace weir::native {
namespace {

// Values in hash 1; names in sorted set 2, in byte order; times in sorted set 3; epoch and bytes in hash 4.
constexpr std::string_view kCommit = R"lua(
local epoch = tonumber(redis.call('HGET', KEYS[4], 'epoch') or '0')
if tonumber(ARGV[1]) < epoch then return {'fenced', string.format('%.0f', epoch)} end
local limit, now, extra = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local bytes = tonumber(redis.call('HGET', KEYS[4], 'bytes') or '0')
for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now)) do
  bytes = bytes - (#key + redis.call('HSTRLEN', KEYS[1], key) + extra)
  redis.call('HDEL', KEYS[1], key)
  redis.call('ZREM', KEYS[2], key)
  redis.call('ZREM', KEYS[3], key)
end
redis.call('HSET', KEYS[4], 'bytes', string.format('%.0f', bytes))
local sizes = {}
for i = 5, #ARGV, 4 do
  local key, old = ARGV[i], sizes[ARGV[i]]
  if old == nil then
    old = 0
    if redis.call('HEXISTS', KEYS[1], key) == 1 then old = #key + redis.call('HSTRLEN', KEYS[1], key) + extra end
  end
  local new = 0
  if ARGV[i + 1] == '1' then new = #key + #ARGV[i + 3] + extra end
  bytes = bytes + new - old
  sizes[key] = new
end
if bytes > limit then return {'limit', string.format('%.0f', bytes)} end
for i = 5, #ARGV, 4 do
  local key = ARGV[i]
  if ARGV[i + 1] == '1' then
    redis.call('HSET', KEYS[1], key, ARGV[i + 3])
    redis.call('ZADD', KEYS[2], 0, key)
    if ARGV[i + 2] == '0' then redis.call('ZREM', KEYS[3], key) else redis.call('ZADD', KEYS[3], ARGV[i + 2], key) end
  else
    redis.call('HDEL', KEYS[1], key)
    redis.call('ZREM', KEYS[2], key)
    redis.call('ZREM', KEYS[3], key)
  end
end
redis.call('HSET', KEYS[4], 'epoch', ARGV[1], 'bytes', string.format('%.0f', bytes))
return {'ok', ''}
)lua";

constexpr std::string_view kGet = R"lua(
local ends = redis.call('ZSCORE', KEYS[3], ARGV[1])
if ends and tonumber(ends) <= tonumber(ARGV[2]) then return false end
return redis.call('HGET', KEYS[1], ARGV[1])
)lua";

constexpr std::string_view kList = R"lua(
local found, from, most = {}, ARGV[1], tonumber(ARGV[3])
while #found < 2 * most do
  local names = redis.call('ZRANGEBYLEX', KEYS[2], from, ARGV[2], 'LIMIT', 0, most)
  if #names == 0 then break end
  for _, key in ipairs(names) do
    local ends = redis.call('ZSCORE', KEYS[3], key)
    if not (ends and tonumber(ends) <= tonumber(ARGV[4])) and #found < 2 * most then
      found[#found + 1] = key
      found[#found + 1] = redis.call('HGET', KEYS[1], key)
    end
  end
  from = '(' .. names[#names]
end
return found
)lua";

Error stateError(Error error) {
  if (error.code == "broker.unavailable" || error.code == "broker.limit" || error.code.starts_with("network.")) {
    return {"state.unavailable", error.message, true};
  }
  if (error.code == "broker.protocol") return {"state.corrupt", error.message, false};
  return {"state.unavailable", error.message, false};
}

template <class T, class Work>
Operation<T> onThread(JobThread& thread, Waker waker, Work work) {
  Completion<T> completion(std::move(waker));
  auto operation = completion.operation();
  thread.give([completion, work = std::move(work)]() mutable { completion.complete(work()); });
  return operation;
}

}  // namespace

RedisStateStore::RedisStateStore(RedisStateOptions options, const NetworkSettings& network, Clock& clock)
    : limitBytes_(options.limitBytes),
      clock_(clock),
      prefix_("weir:{" + options.flow + "}:"),
      client_(std::move(options.target), network) {}

RedisStateStore::~RedisStateStore() = default;

Result<redis::Reply> RedisStateStore::script(std::string_view text, const std::vector<std::string>& arguments) {
  const std::string keys[] = {prefix_ + "state", prefix_ + "names", prefix_ + "ends", prefix_ + "owner"};
  std::vector<std::string_view> command{"EVAL", text, "4"};
  command.insert(command.end(), std::begin(keys), std::end(keys));
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto reply = client_.call(command);
  if (!reply) return std::unexpected(stateError(std::move(reply.error())));
  if (reply->kind == redis::Reply::Kind::error) return std::unexpected(stateError(redisError(reply->text)));
  return reply;
}

Result<Unit> RedisStateStore::commitNow(std::vector<StateChange>& changes, std::uint64_t epoch) {
  std::vector<std::string> arguments{std::to_string(epoch), std::to_string(limitBytes_),
                                     std::to_string(clock_.nowMicros()), std::to_string(kStateEntryBytes)};
  for (auto& change : changes) {
    arguments.push_back(std::move(change.key));
    arguments.emplace_back(change.value ? "1" : "0");
    arguments.push_back(std::to_string(change.expiresAtMicros));
    arguments.push_back(change.value ? std::move(*change.value) : std::string());
  }
  WEIR_ASSIGN(const auto reply, script(kCommit, arguments));
  if (reply.items.size() != 2) return fail("state.corrupt", "Redis gave an answer that is none of this store");
  const auto& said = reply.items[0].text;
  if (said == "ok") return Unit{};
  const auto number = std::strtoull(reply.items[1].text.c_str(), nullptr, 10);
  if (said == "fenced") return stateFenced(epoch, number);
  return stateLimit(static_cast<std::int64_t>(number), limitBytes_);
}

Operation<Unit> RedisStateStore::commit(std::vector<StateChange> changes, std::uint64_t epoch, Waker waker) {
  return onThread<Unit>(thread_, std::move(waker),
                        [this, epoch, changes = std::move(changes)]() mutable { return commitNow(changes, epoch); });
}

Operation<std::optional<std::string>> RedisStateStore::get(std::string_view key, Waker waker) {
  return onThread<std::optional<std::string>>(
      thread_, std::move(waker), [this, key = std::string(key)]() -> Result<std::optional<std::string>> {
        WEIR_ASSIGN(auto reply, script(kGet, {key, std::to_string(clock_.nowMicros())}));
        if (reply.kind != redis::Reply::Kind::text) return std::nullopt;
        return std::move(reply.text);
      });
}

Operation<std::vector<StateEntry>> RedisStateStore::list(std::string_view prefix, std::string_view after,
                                                         std::int64_t most, Waker waker) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  std::vector<std::string> arguments{
      after >= prefix && !after.empty() ? "(" + std::string(after) : "[" + std::string(prefix),
      end.empty() ? std::string("+") : "(" + end, std::to_string(most), std::to_string(clock_.nowMicros())};
  return onThread<std::vector<StateEntry>>(
      thread_, std::move(waker), [this, arguments = std::move(arguments)]() -> Result<std::vector<StateEntry>> {
        WEIR_ASSIGN(auto reply, script(kList, arguments));
        std::vector<StateEntry> found;
        for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
          found.push_back({std::move(reply.items[i].text), std::move(reply.items[i + 1].text)});
        }
        return found;
      });
}

}  // namespace weir::native
