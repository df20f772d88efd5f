// The book of folders, and how its records are written.
#include "service/folders/folder-book.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/auth/grants.h"

namespace weir::folders {
namespace {

constexpr std::size_t kMostNameBytes = 64;

json::Value bodyOf(const store::FolderRecord& record) {
  auto parsed = json::parse(record.body);
  return parsed ? parsed->root() : json::Value::object();
}

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->isString() ? *found->asString() : std::string();
}

std::vector<std::string> textsIn(const json::Value& value, std::string_view key) {
  std::vector<std::string> texts;
  const auto* found = value.find(key);
  if (found == nullptr || !found->isArray()) return texts;
  for (const auto& one : *found->asArray()) {
    if (one.isString()) texts.push_back(*one.asString());
  }
  return texts;
}

void writeTexts(json::Writer& out, std::string_view key, const std::vector<std::string>& texts) {
  out.key(key).beginArray();
  for (const auto& text : texts) out.value(text);
  out.endArray();
}

bool isLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

}  // namespace

std::vector<std::string> foldersAbove(std::string_view folder) {
  std::vector<std::string> folders{std::string(folder)};
  for (auto slash = folder.rfind('/'); slash != std::string_view::npos; slash = folder.rfind('/')) {
    folder = folder.substr(0, slash);
    folders.emplace_back(folder);
  }
  return folders;
}

bool isSettingName(std::string_view name) {
  const auto inside = [](char c) { return isLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return name.size() >= 2 && name.size() <= kMostNameBytes && isLetter(name.front()) &&
         std::ranges::all_of(name, inside) && name != "project";
}

void FolderBook::fill(std::vector<store::FolderRecord> records) {
  for (auto& record : records) put(std::move(record));
}

void FolderBook::put(store::FolderRecord record) {
  Key key(record.folder, record.kind, record.name);
  if (record.kind == kHooks) hooks_.insert_or_assign(key, hooksOf(record));
  records_.insert_or_assign(std::move(key), std::move(record));
  ++turn_;
}

std::shared_ptr<BookCommit> FolderBook::commit(std::vector<store::FolderChange> changes,
                                               std::vector<store::AuditEntry> entries, Waker waker) {
  auto made = std::make_shared<BookCommit>();
  made->stored = store_.commit(changes, std::move(entries), std::move(waker));
  made->changes = std::move(changes);
  ++begun_;
  commits_.push_back(made);
  return made;
}

std::shared_ptr<store::CarriedChanges> FolderBook::carry() {
  const auto& made = carried_.emplace_back(std::make_shared<store::CarriedChanges>());
  made->epoch = store_.epoch();
  // Who lets go of it gives it up, unless a change has taken it along.
  return {made.get(), [made](store::CarriedChanges* changes) {
            auto state = store::CarriedChanges::State::waiting;
            changes->state.compare_exchange_strong(state, store::CarriedChanges::State::lost);
          }};
}

std::uint64_t FolderBook::add(store::CarriedChanges& carried, store::FolderChange change) {
  carried.changes.push_back(std::move(change));
  return ++turn_;
}

void FolderBook::goWithNext(const std::shared_ptr<store::CarriedChanges>& carried) {
  const auto found = std::ranges::find(carried_, carried.get(), &std::shared_ptr<store::CarriedChanges>::get);
  if (found == carried_.end()) return;
  ++begun_;
  went_.push_back(found->get());
  store_.goWithNext(*found);
}

void FolderBook::settleCarried() {
  using State = store::CarriedChanges::State;
  bool lost = false;
  std::erase_if(carried_, [this, &lost](const auto& one) {
    const auto state = one->state.load();
    if (state == State::kept) apply(one->changes);
    if (state != State::kept && state != State::lost) return false;
    ++turn_;
    // One that has gone with a change is lost because others have changed something, or nobody knows whether it is.
    if (std::erase(went_, one.get()) != 0 && state == State::lost) lost = true;
    return true;
  });
  if (lost) follow_.again(true);
}

void FolderBook::settle() {
  settleCarried();
  // The store works them in order, so the first one is ready first.
  while (!commits_.empty() && commits_.front()->stored.ready()) {
    const auto commit = std::move(commits_.front());
    commits_.pop_front();
    auto outcome = commit->stored.take();
    if (outcome) {
      apply(commit->changes);
    } else if (outcome.error().code == "storage.elsewhere") {
      follow_.again();
    } else if (outcome.error().code == "storage.unavailable") {
      // It may have been made all the same.
      follow_.again(true);
    }
    commit->outcome.emplace(std::move(outcome));
  }
}

bool FolderBook::follow(bool due, const Waker& waker) {
  settle();
  using State = store::CarriedChanges::State;
  const auto taken = [](const auto& one) { return one->state.load() == State::taken; };
  const auto quiet = commits_.empty() && std::ranges::none_of(carried_, taken);
  if (auto news = follow_.step(due, quiet, begun_, [&](bool all) { return store_.changed(all, waker); })) {
    records_.clear();
    hooks_.clear();
    ++turn_;
    for (auto& record : news->records) put(std::move(record));
    news->records.clear();
    store_.saw(*news);
  }
  return follow_.busy();
}

void FolderBook::apply(std::vector<store::FolderChange>& changes) {
  for (auto& change : changes) {
    if (!change.body) {
      const Key key(change.folder, change.kind, change.name);
      records_.erase(key);
      hooks_.erase(key);
      ++turn_;
      continue;
    }
    put({change.folder, change.kind, change.name, std::move(*change.body), change.changedAt,
         std::move(change.changedBy)});
  }
}

const store::FolderRecord* FolderBook::find(std::string_view folder, std::string_view kind, std::string_view name) {
  settle();
  const auto found = records_.find(Key(folder, kind, name));
  return found == records_.end() ? nullptr : &found->second;
}

std::vector<const store::FolderRecord*> FolderBook::in(std::string_view folder, std::string_view kind, bool below) {
  settle();
  std::vector<const store::FolderRecord*> found;
  for (const auto& [key, record] : records_) {
    if (!kind.empty() && record.kind != kind) continue;
    if (record.folder == folder || (below && auth::covers(folder, record.folder))) found.push_back(&record);
  }
  return found;
}

std::vector<Mount> FolderBook::mountsFor(std::string_view folder) {
  std::vector<Mount> mounts;
  for (const auto& place : foldersAbove(folder)) {
    for (const auto* record : in(place, kMount, false)) {
      if (!std::ranges::contains(mounts, record->name, &Mount::name)) mounts.push_back(mountOf(*record));
    }
  }
  return mounts;
}

std::optional<Environment> FolderBook::environmentFor(std::string_view folder, std::string_view name) {
  for (const auto& place : foldersAbove(folder)) {
    if (const auto* record = find(place, kEnvironment, name)) return environmentOf(*record);
  }
  return std::nullopt;
}

std::vector<std::string> FolderBook::environmentNamesFor(std::string_view folder) {
  std::set<std::string> names;
  for (const auto& place : foldersAbove(folder)) {
    for (const auto* record : in(place, kEnvironment, false)) names.insert(record->name);
  }
  return {names.begin(), names.end()};
}

Network FolderBook::networkFor(std::string_view folder) {
  for (const auto& place : foldersAbove(folder)) {
    if (const auto* record = find(place, kNetwork, "policy")) return networkOf(*record);
  }
  return {};
}

std::vector<const FlowHooks*> FolderBook::hooks() {
  settle();
  std::vector<const FlowHooks*> all;
  all.reserve(hooks_.size());
  for (const auto& [key, hooks] : hooks_) all.push_back(&hooks);
  return all;
}

std::vector<FlowHooks> FolderBook::hooksCarried(const std::shared_ptr<store::CarriedChanges>& mine) {
  settle();
  std::vector<FlowHooks> carried;
  for (const auto& one : carried_) {
    if (one.get() == mine.get()) continue;
    for (const auto& change : one->changes) {
      if (change.kind == kHooks && change.body)
        carried.push_back(hooksOf({change.folder, change.kind, change.name, *change.body, 0, {}}));
    }
  }
  return carried;
}

std::uint64_t FolderBook::turn() {
  settle();
  return turn_;
}

Mount mountOf(const store::FolderRecord& record) {
  const auto body = bodyOf(record);
  const auto* writes = body.find("writes");
  return {record.folder, record.name, textIn(body, "directory"),
          writes != nullptr && writes->asBool() != nullptr && *writes->asBool()};
}

Environment environmentOf(const store::FolderRecord& record) {
  const auto body = bodyOf(record);
  const auto* parameters = body.find("parameters");
  return {record.folder, record.name, textIn(body, "description"),
          parameters != nullptr && parameters->isObject() ? *parameters : json::Value::object()};
}

Network networkOf(const store::FolderRecord& record) {
  const auto body = bodyOf(record);
  return {textsIn(body, "allow"), textsIn(body, "listen")};
}

FlowHooks hooksOf(const store::FolderRecord& record) {
  const auto body = bodyOf(record);
  FlowHooks hooks{record.folder, record.name, {}};
  const auto* claims = body.find("claims");
  if (claims == nullptr || !claims->isArray()) return hooks;
  for (const auto& one : *claims->asArray()) hooks.claims.push_back({textsIn(one, "methods"), textIn(one, "path")});
  return hooks;
}

std::string toJson(const Mount& mount) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("directory").value(mount.directory).key("writes").value(mount.writes).endObject();
  return text;
}

std::string toJson(const Environment& environment) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("description").value(environment.description);
  out.key("parameters").raw(json::write(environment.parameters)).endObject();
  return text;
}

std::string toJson(const Network& network) {
  std::string text;
  json::Writer out(text);
  out.beginObject();
  writeTexts(out, "allow", network.allow);
  writeTexts(out, "listen", network.listen);
  out.endObject();
  return text;
}

std::string toJson(const std::vector<HookClaim>& claims) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("claims").beginArray();
  for (const auto& claim : claims) {
    out.beginObject();
    writeTexts(out, "methods", claim.methods);
    out.key("path").value(claim.path).endObject();
  }
  out.endArray().endObject();
  return text;
}

}  // namespace weir::folders
