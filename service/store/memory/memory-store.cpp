// Flows in a map.
#include "service/store/memory/memory-store.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include "service/store/memory/folded.h"

namespace weir::store {
namespace {

template <class T>
Operation<T> now(Result<T> result) {
  return Operation<T>::finished(std::move(result));
}

std::string lower(std::string text) {
  for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool hasWords(const FlowHead& flow, const std::string& search) {
  auto text = flow.name + '\n' + flow.id + '\n' + flow.description;
  for (const auto& tag : flow.tags) text += '\n' + tag;
  text = folded(text);
  const auto words = folded(search);
  for (std::size_t at = 0; at < words.size();) {
    const auto end = std::min(words.find(' ', at), words.size());
    if (!text.contains(words.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

bool matches(const FlowHead& flow, const FlowQuery& query) {
  if (flow.binnedAt.has_value() != query.bin || !hasWords(flow, query.search)) return false;
  if (!auth::covers(query.folder, flow.folder)) return false;
  if (query.visible && !query.visible->has({flow.folder, flow.id})) return false;
  const auto& tags = flow.tags;
  return std::ranges::all_of(query.tags,
                             [&tags](const std::string& tag) { return std::ranges::find(tags, tag) != tags.end(); });
}

/// Where a flow stands in a list, as its cursor says it.
std::string cursorOf(const FlowHead& flow, bool byName) {
  return byName ? "n" + lower(flow.name) + '\n' + flow.id : "r" + std::to_string(flow.revision);
}

bool isBehind(const FlowHead& flow, const FlowQuery& query) {
  const auto place = std::string_view(query.cursor).substr(1);
  if (query.byName) return lower(flow.name) + '\n' + flow.id > place;
  std::int64_t revision = 0;
  std::from_chars(place.data(), place.data() + place.size(), revision);
  return flow.revision < revision;
}

bool isCursor(const FlowQuery& query) {
  if (query.cursor.empty() || query.cursor.front() != (query.byName ? 'n' : 'r')) return query.cursor.empty();
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  if (query.byName) return query.cursor.contains('\n');
  return query.cursor.size() > 1 && query.cursor.size() < 20 &&
         std::all_of(query.cursor.begin() + 1, query.cursor.end(), isDigit);
}

void apply(FlowChange change, Flow& flow) {
  if (change.folder) flow.head.folder = std::move(*change.folder);
  if (change.name) flow.head.name = std::move(*change.name);
  if (change.description) flow.head.description = std::move(*change.description);
  if (change.tags) flow.head.tags = std::move(*change.tags);
  if (change.document) flow.document = std::move(*change.document);
  flow.head.bytes = static_cast<std::int64_t>(flow.document.size());
}

std::unexpected<Error> noVersion(const std::string& id, std::int64_t number) {
  return fail("storage.not_found",
              "flow '" + id + "' has no version " + std::to_string(number) + "; list its versions");
}

}  // namespace

Result<MemoryStore::Kept*> MemoryStore::at(const std::string& id, IfRevision revision, Where where) {
  const auto found = flows_.find(id);
  if (found == flows_.end()) return fail("storage.not_found", "there is no flow '" + id + "'");
  const auto& head = found->second.flow.head;
  if (revision && *revision != head.revision) {
    return fail("storage.changed", "flow '" + id + "' was changed elsewhere: its revision is " +
                                       std::to_string(head.revision) + ", and not " + std::to_string(*revision) +
                                       "; read it again");
  }
  if (where == Where::outside && head.binnedAt) {
    return fail("storage.in_bin", "flow '" + id + "' is in the bin; restore it first");
  }
  if (where == Where::inBin && !head.binnedAt) {
    return fail("storage.not_in_bin", "flow '" + id + "' is not in the bin; put it there first");
  }
  return &found->second;
}

Operation<FlowHead> MemoryStore::create(std::string id, FlowChange flow, Waker) {
  if (id.empty()) return now<FlowHead>(fail("storage.invalid", "a flow has an id"));
  if (flows_.contains(id)) {
    return now<FlowHead>(
        fail("storage.exists", "there is a flow '" + id + "' already, perhaps in the bin; choose another id"));
  }
  Kept kept;
  kept.flow.head.id = kept.flow.head.name = id;
  apply(std::move(flow), kept.flow);
  auto& head = kept.flow.head;
  head.revision = ++lastRevision_;
  head.createdAt = head.changedAt = nowMs();
  return now<FlowHead>(flows_.emplace(std::move(id), std::move(kept)).first->second.flow.head);
}

Operation<Flow> MemoryStore::read(std::string id, Waker) {
  auto kept = at(id, std::nullopt, Where::anywhere);
  if (!kept) return now<Flow>(std::unexpected(std::move(kept.error())));
  return now<Flow>((*kept)->flow);
}

Operation<FlowHead> MemoryStore::replace(std::string id, std::int64_t ifRevision, FlowChange change, Waker) {
  auto kept = at(id, ifRevision, Where::outside);
  if (!kept) return now<FlowHead>(std::unexpected(std::move(kept.error())));
  auto& flow = (*kept)->flow;
  apply(std::move(change), flow);
  flow.head.revision = ++lastRevision_;
  flow.head.changedAt = nowMs();
  return now<FlowHead>(flow.head);
}

Result<FlowHead> MemoryStore::put(const std::string& id, IfRevision revision, bool intoBin) {
  WEIR_ASSIGN(auto* kept, at(id, revision, intoBin ? Where::outside : Where::inBin));
  auto& head = kept->flow.head;
  head.binnedAt = intoBin ? std::optional(nowMs()) : std::nullopt;
  head.revision = ++lastRevision_;
  return head;
}

Operation<FlowHead> MemoryStore::bin(std::string id, IfRevision ifRevision, Waker) {
  return now<FlowHead>(put(id, ifRevision, true));
}

Operation<FlowHead> MemoryStore::restore(std::string id, IfRevision ifRevision, Waker) {
  return now<FlowHead>(put(id, ifRevision, false));
}

Operation<Unit> MemoryStore::purge(std::string id, IfRevision ifRevision, Waker) {
  auto kept = at(id, ifRevision, Where::inBin);
  if (!kept) return now<Unit>(std::unexpected(std::move(kept.error())));
  flows_.erase(id);
  return now<Unit>(Unit{});
}

Operation<FlowPage> MemoryStore::list(FlowQuery query, Waker) {
  if (!isCursor(query)) {
    return now<FlowPage>(fail(
        "storage.invalid", "the cursor of the list is none that a list of this order gave; begin again without one"));
  }
  std::vector<const FlowHead*> found;
  for (const auto& [id, kept] : flows_) {
    const auto& head = kept.flow.head;
    if (matches(head, query) && (query.cursor.empty() || isBehind(head, query))) found.push_back(&head);
  }
  std::ranges::sort(found, [&query](const FlowHead* a, const FlowHead* b) {
    if (!query.byName) return a->revision > b->revision;
    return lower(a->name) + '\n' + a->id < lower(b->name) + '\n' + b->id;
  });
  FlowPage page;
  for (const auto* head : found) {
    if (static_cast<std::int64_t>(page.flows.size()) == query.limit) {
      page.cursor = cursorOf(page.flows.back(), query.byName);
      break;
    }
    page.flows.push_back(*head);
  }
  return now<FlowPage>(std::move(page));
}

Operation<VersionHead> MemoryStore::appendVersion(std::string id, IfRevision ifRevision, NewVersion version, Waker) {
  auto kept = at(id, ifRevision, Where::outside);
  if (!kept) return now<VersionHead>(std::unexpected(std::move(kept.error())));
  auto& versions = (*kept)->versions;
  auto& flow = (*kept)->flow;
  VersionHead head;
  head.number = static_cast<std::int64_t>(versions.size()) + 1;
  head.label = std::move(version.label);
  head.message = std::move(version.message);
  head.published = version.published;
  head.createdAt = nowMs();
  head.bytes = flow.head.bytes;
  flow.head.latestVersion = head.number;
  if (head.published) flow.head.publishedVersion = head.number;
  versions.push_back({head, flow.document});
  return now<VersionHead>(std::move(head));
}

Operation<std::vector<VersionHead>> MemoryStore::listVersions(std::string id, std::int64_t before, std::int64_t limit,
                                                              Waker) {
  auto kept = at(id, std::nullopt, Where::anywhere);
  if (!kept) return now<std::vector<VersionHead>>(std::unexpected(std::move(kept.error())));
  std::vector<VersionHead> page;
  const auto& versions = (*kept)->versions;
  for (auto one = versions.rbegin(); one != versions.rend() && std::ssize(page) < limit; ++one) {
    if (before == 0 || one->head.number < before) page.push_back(one->head);
  }
  return now<std::vector<VersionHead>>(std::move(page));
}

Operation<Version> MemoryStore::readVersion(std::string id, std::int64_t number, Waker) {
  auto kept = at(id, std::nullopt, Where::anywhere);
  if (!kept) return now<Version>(std::unexpected(std::move(kept.error())));
  const auto& versions = (*kept)->versions;
  if (number < 1 || number > std::ssize(versions)) return now<Version>(noVersion(id, number));
  return now<Version>(versions[static_cast<std::size_t>(number - 1)]);
}

Operation<Appended> MemoryStore::append(std::string flow, std::int64_t after, std::string author,
                                        std::vector<NewOperation> operations, Waker) {
  auto found = at(flow, std::nullopt, Where::outside);
  if (!found) return now<Appended>(std::unexpected(std::move(found.error())));
  auto& kept = **found;
  auto& log = kept.log;
  const auto from = std::ranges::lower_bound(log, after + 1, {}, &LoggedOperation::number);
  const std::vector<LoggedOperation> behind(from, log.end());
  const auto there = alreadyThere(after, kept.lastOperation, behind, author, operations);
  const auto oldest = [&log] { return log.empty() ? 0 : log.front().number; };
  if (!there) return now<Appended>(Appended{oldest(), kept.lastOperation, 0, false});
  const auto added = std::ssize(operations) - static_cast<std::int64_t>(*there);
  for (auto i = *there; i < operations.size(); ++i) {
    auto& one = operations[i];
    kept.logBytes += bytesOf(one, author);
    log.push_back({++kept.lastOperation, author, nowMs(), std::move(one.base), std::move(one.operation)});
  }
  while (std::ssize(log) > bounds_.mostOperations || kept.logBytes > bounds_.mostBytes) {
    const auto& first = log.front();
    kept.logBytes -= bytesOf({first.base, first.operation}, first.author);
    log.pop_front();
  }
  return now<Appended>(Appended{oldest(), kept.lastOperation, added, true});
}

Operation<OperationPage> MemoryStore::operations(std::string flow, OperationQuery query, Waker) {
  auto found = at(flow, std::nullopt, Where::anywhere);
  if (!found) return now<OperationPage>(std::unexpected(std::move(found.error())));
  const auto& log = (*found)->log;
  OperationPage page;
  page.oldest = log.empty() ? 0 : log.front().number;
  page.last = (*found)->lastOperation;
  const auto after = query.after.value_or(page.last - query.limit);
  for (const auto& one : log) {
    if (one.number > after && std::ssize(page.operations) < query.limit) page.operations.push_back(one);
  }
  return now<OperationPage>(std::move(page));
}

Operation<std::vector<std::pair<std::string, std::int64_t>>> MemoryStore::bytesOfLogs(Waker) {
  std::map<std::string, std::int64_t> bytes;
  for (const auto& [id, kept] : flows_) {
    if (kept.logBytes > 0) bytes[kept.flow.head.folder] += kept.logBytes;
  }
  std::vector<std::pair<std::string, std::int64_t>> all(bytes.begin(), bytes.end());
  return now<std::vector<std::pair<std::string, std::int64_t>>>(std::move(all));
}

}  // namespace weir::store
