// keys.json: {"format": 1, "instance": "…", "master": "<name>", "keys": [{"for", "chain", "made", "old", "wrapped"}]}
#include "hosts/native/sealing/key-ring.h"

#include <algorithm>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/text/base64.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::native {
namespace {

constexpr std::int64_t kFormat = 1, kMostFileBytes = 16 << 20;
constexpr std::string_view kDatabase = "database", kSecrets = "secrets";

std::string pathOf(const std::string& folder) { return folder + "/" + std::string(KeyRing::kFile); }

std::string placeOf(std::string_view purpose, std::string_view chain) {
  return "weir data key\n" + std::string(purpose) + "\n" + std::string(chain);
}

std::unexpected<Error> damaged(const std::string& what) {
  return fail("key.ring", std::string(KeyRing::kFile) + ": " + what + "; put the file back from a backup");
}

std::string textOf(const json::Value& object, std::string_view key) {
  const auto* value = object.find(key);
  const auto* text = value == nullptr ? nullptr : value->asString();
  return text == nullptr ? std::string() : *text;
}

}  // namespace

std::string_view nameOf(FileClass of) {
  switch (of) {
    case FileClass::journal:
      return "journal";
    case FileClass::state:
      return "state";
    case FileClass::object:
      return "object";
    case FileClass::deadLetters:
      return "dead-letters";
    case FileClass::recording:
      return "recording";
  }
  return "";
}

std::string KeyRing::newInstance() { return encodeHex(sodium::randomBytes(8)); }

Result<KeyRing> KeyRing::make(const std::string& dataFolder, const sodium::Key* master, std::int64_t nowMs) {
  if (fileThere(pathOf(dataFolder)))
    return fail("files.exists", "the data folder '" + dataFolder + "' has its keys already");
  KeyRing ring;
  ring.instance_ = newInstance();
  if (master != nullptr) {
    ring.master_ = *master;
    ring.add(kDatabase, newInstance(), nowMs);
    ring.add(kSecrets, newInstance(), nowMs);
  }
  WEIR_TRY(ring.write(dataFolder));
  return ring;
}

Result<std::optional<KeyRing>> KeyRing::open(const std::string& dataFolder, const sodium::Key* master) {
  const auto path = pathOf(dataFolder);
  if (!fileThere(path)) return std::optional<KeyRing>();
  WEIR_ASSIGN(const auto text, readPrivateFile(path, kMostFileBytes));
  WEIR_ASSIGN(auto ring, parse(text, master));
  ring.folder_ = dataFolder;
  return std::optional<KeyRing>(std::move(ring));
}

Result<KeyRing> KeyRing::parse(std::string_view text, const sodium::Key* master) {
  const auto document = json::parse(text);
  if (!document || !document->root().isObject()) return damaged("it is no JSON object");
  const auto& root = document->root();
  const auto* format = root.find("format");
  if (format == nullptr || format->asInt64() == nullptr) return damaged("it does not say its format");
  if (*format->asInt64() > kFormat)
    return fail("key.ring", std::string(kFile) + " has format " + std::to_string(*format->asInt64()) +
                                " of a newer Weir; use that one, or put the file of this one back from a backup");
  KeyRing ring;
  ring.instance_ = textOf(root, "instance");
  const auto wanted = textOf(root, "master");
  if (ring.instance_.empty()) return damaged("it has no instance");
  if (wanted.empty()) {
    if (master == nullptr) return ring;
    return fail("key.not_encrypted",
                "a master key was given, but the data folder is not encrypted; stop the server and run weir encrypt");
  }
  if (master == nullptr) {
    return fail("key.missing",
                "the data folder is encrypted, and its master key " + wanted +
                    " is not here; give it with --master-key-file, WEIR_MASTER_KEY_FILE or WEIR_MASTER_KEY");
  }
  if (master->name() != wanted) {
    return fail("key.wrong", "the master key is " + master->name() + ", but the data folder needs " + wanted +
                                 "; give that one. Nothing was changed");
  }
  ring.master_ = *master;
  const auto* keys = root.find("keys");
  if (keys == nullptr || !keys->isArray()) return damaged("it has no keys");
  for (const auto& item : *keys->asArray()) {
    Entry entry;
    entry.purpose = textOf(item, "for");
    entry.chain = textOf(item, "chain");
    if (const auto* made = item.find("made"); made != nullptr && made->asInt64() != nullptr)
      entry.madeMs = *made->asInt64();
    entry.old = textOf(item, "is") == "old";
    entry.next = textOf(item, "is") == "next";
    const auto wrapped = decodeBase64(textOf(item, "wrapped"));
    std::string opened;
    if (!wrapped || !sodium::open(*master, placeOf(entry.purpose, entry.chain), *wrapped, opened) ||
        opened.size() != sodium::Key::kBytes)
      return damaged("the key for '" + entry.purpose + "' cannot be unwrapped");
    entry.key = sodium::Key::of(opened);
    sodium::wipe(opened);
    ring.entries_.push_back(std::move(entry));
  }
  if (ring.database() == nullptr || ring.secrets() == nullptr) return damaged("it has no key of the database");
  return ring;
}

std::string KeyRing::text() const {
  std::string out;
  json::Writer writer(out, json::Layout::pretty);
  writer.beginObject().key("format").value(kFormat).key("instance").value(instance_);
  if (master_) {
    writer.key("master").value(master_->name()).key("keys").beginArray();
    for (const auto& entry : entries_) {
      std::string wrapped;
      sodium::seal(*master_, placeOf(entry.purpose, entry.chain), entry.key.bytes(), wrapped);
      writer.beginObject().key("for").value(entry.purpose).key("chain").value(entry.chain);
      writer.key("made").value(entry.madeMs);
      if (entry.old || entry.next) writer.key("is").value(entry.old ? "old" : "next");
      writer.key("wrapped").value(encodeBase64(wrapped)).endObject();
    }
    writer.endArray();
  }
  writer.endObject();
  out += '\n';
  return out;
}

Result<void> KeyRing::write(const std::string& dataFolder) {
  folder_ = dataFolder;
  return writePrivateFile(pathOf(dataFolder), text());
}

const KeyRing::Entry* KeyRing::entryOf(std::string_view purpose, bool next) const {
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& entry) { return entry.purpose == purpose && !entry.old && entry.next == next; });
  return found == entries_.end() ? nullptr : &*found;
}

KeyRing::Entry& KeyRing::add(std::string_view purpose, std::string chain, std::int64_t nowMs) {
  Entry entry;
  entry.purpose = purpose;
  entry.chain = std::move(chain);
  entry.madeMs = nowMs;
  entry.key = sodium::Key::random();
  return *entries_.insert(entries_.begin(), std::move(entry));
}

const sodium::Key* KeyRing::database() const {
  const auto* entry = entryOf(kDatabase);
  return entry == nullptr ? nullptr : &entry->key;
}

const sodium::Key* KeyRing::secrets() const {
  const auto* entry = entryOf(kSecrets);
  return entry == nullptr ? nullptr : &entry->key;
}

Result<void> KeyRing::takeSecrets(const sodium::Key& key, std::int64_t nowMs) {
  const auto before = entries_;
  std::erase_if(entries_, [](const Entry& entry) { return entry.purpose == kSecrets; });
  add(kSecrets, newInstance(), nowMs).key = key;
  auto saved = save();
  if (!saved) entries_ = before;
  return saved;
}

Result<FileKeys> KeyRing::files(std::string_view folder, FileClass of, std::int64_t nowMs) {
  FileKeys keys;
  if (!encrypted()) return keys;
  const auto purpose = "files:" + std::string(nameOf(of)) + ":" + std::string(folder);
  if (entryOf(purpose) == nullptr) {
    add(purpose, newInstance(), nowMs);
    if (auto saved = save(); !saved) {
      entries_.erase(entries_.begin());
      return std::unexpected(std::move(saved.error()));
    }
  }
  for (const auto& entry : entries_) {
    if (entry.purpose != purpose) continue;
    keys.chain = entry.chain;
    keys.keys.push_back(entry.key);
  }
  return keys;
}

Result<FileKeys> KeyRing::filesOfChain(std::string_view chain) const {
  FileKeys keys;
  for (const auto& entry : entries_) {
    if (entry.chain != chain || !entry.purpose.starts_with("files:")) continue;
    keys.chain = entry.chain;
    keys.keys.push_back(entry.key);
  }
  if (keys.empty()) return fail("seal.key", "a file is sealed with keys that are not those of this data folder");
  return keys;
}

std::vector<FileKeys> KeyRing::filesOf(FileClass of) const {
  std::vector<FileKeys> found;
  const auto purpose = "files:" + std::string(nameOf(of)) + ":";
  for (const auto& entry : entries_) {
    const auto known = std::ranges::find(found, entry.chain, &FileKeys::chain);
    if (!entry.purpose.starts_with(purpose)) continue;
    if (known != found.end()) {
      known->keys.push_back(entry.key);
    } else {
      found.push_back({entry.chain, {entry.key}});
    }
  }
  return found;
}

std::pair<std::int64_t, std::int64_t> KeyRing::count() const {
  return {std::ssize(entries_), std::ranges::count_if(entries_, &Entry::old)};
}

const sodium::Key* KeyRing::find(std::string_view name) const {
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.key.name() == name; });
  return found == entries_.end() ? nullptr : &found->key;
}

Result<void> KeyRing::rewrap(const sodium::Key& master) {
  const auto before = std::exchange(master_, master);
  auto saved = save();
  if (!saved) master_ = before;
  return saved;
}

Result<void> KeyRing::renewFiles(std::int64_t nowMs) {
  const auto before = entries_;
  for (const auto& entry : before) {
    if (!entry.purpose.starts_with("files:") || entry.old) continue;
    for (auto& held : entries_) held.old = held.old || held.purpose == entry.purpose;
    add(entry.purpose, entry.chain, nowMs);
  }
  auto saved = save();
  if (!saved) entries_ = before;
  return saved;
}

Result<sodium::Key> KeyRing::beginDatabaseKey(std::int64_t nowMs) {
  if (nextDatabase() == nullptr) {
    add(kDatabase, newInstance(), nowMs).next = true;
    WEIR_TRY(save());
  }
  return *nextDatabase();
}

const sodium::Key* KeyRing::nextDatabase() const {
  const auto* entry = entryOf(kDatabase, true);
  return entry == nullptr ? nullptr : &entry->key;
}

Result<void> KeyRing::endDatabaseKey(bool took) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.purpose == kDatabase && entry.next != took; });
  for (auto& entry : entries_) entry.next = false;
  return save();
}

Result<void> KeyRing::dropOld() {
  const auto before = entries_;
  std::erase_if(entries_, [](const Entry& entry) { return entry.old; });
  auto saved = save();
  if (!saved) entries_ = before;
  return saved;
}

}  // namespace weir::native
