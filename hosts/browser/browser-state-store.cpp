// State as calls.
#include "hosts/browser/browser-state-store.h"

namespace weir::browser {

Operation<Unit> BrowserStateStore::commit(std::vector<StateChange> changes, std::uint64_t epoch, Waker waker) {
  WireWriter arguments;
  arguments.text(flow_).number(static_cast<std::int64_t>(epoch));
  for (const auto& change : changes) {
    arguments.text(change.key).flag(change.value.has_value()).text(change.value.value_or(std::string()));
    arguments.number(change.expiresAtMicros);
  }
  return calls_.begin(CallKind::stateCommit, arguments, std::move(waker));
}

Operation<std::optional<std::string>> BrowserStateStore::get(std::string_view key, Waker waker) {
  return calls_.begin<std::optional<std::string>>(CallKind::stateGet, WireWriter().text(flow_).text(key),
                                                  std::move(waker),
                                                  [](WireReader& reader) -> Result<std::optional<std::string>> {
                                                    if (!reader.flag()) return std::nullopt;
                                                    return std::string(reader.text());
                                                  });
}

Operation<std::vector<StateEntry>> BrowserStateStore::list(std::string_view prefix, std::string_view after,
                                                           std::int64_t most, Waker waker) {
  const auto arguments = WireWriter().text(flow_).text(prefix).text(after).number(most);
  return calls_.begin<std::vector<StateEntry>>(CallKind::stateList, arguments, std::move(waker),
                                               [](WireReader& reader) -> Result<std::vector<StateEntry>> {
                                                 std::vector<StateEntry> entries;
                                                 while (reader.more()) {
                                                   StateEntry entry;
                                                   entry.key = reader.text();
                                                   entry.value = reader.text();
                                                   entries.push_back(std::move(entry));
                                                 }
                                                 return entries;
                                               });
}

}  // namespace weir::browser
