// One row a secret; its value is a blob that only the key of secrets opens, and only at its place.
#include "service/store/sql/secret-table.h"

#include <optional>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/store/sql/kinds.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {"CREATE TABLE secrets (folder TEXT NOT NULL, name TEXT NOT NULL, value BLOB, sealed BIGINT NOT NULL, "
     "reference TEXT NOT NULL, hosts TEXT NOT NULL, node_types TEXT NOT NULL, created_at BIGINT NOT NULL, "
     "changed_at BIGINT NOT NULL, changed_by TEXT NOT NULL, PRIMARY KEY (folder, name)) WITHOUT ROWID"},
    {"CREATE TABLE secret_key (one BIGINT PRIMARY KEY, name TEXT NOT NULL, master TEXT NOT NULL, wrapped BLOB NOT "
     "NULL)"}};
constexpr Kind kKind{"secrets", kSteps};

constexpr std::string_view kHead =
    "SELECT folder, name, hosts, node_types, reference, created_at, changed_at, changed_by FROM secrets";

std::string jsonOf(const std::vector<std::string>& texts) {
  std::string text;
  json::Writer out(text);
  out.beginArray();
  for (const auto& item : texts) out.value(item);
  out.endArray();
  return text;
}

Result<std::vector<std::string>> textsOf(const std::string& text) {
  std::vector<std::string> texts;
  WEIR_ASSIGN(const auto document, json::parse(text));
  const auto* list = document.root().asArray();
  if (list == nullptr) return fail("storage.corrupt", "a list of a secret is none");
  for (const auto& item : *list) {
    if (const auto* one = item.asString()) texts.push_back(*one);
  }
  return texts;
}

Result<SecretHead> headOf(const Row& row) {
  SecretHead head;
  head.folder = row.text(0);
  head.name = row.text(1);
  WEIR_ASSIGN(head.hosts, textsOf(row.text(2)));
  WEIR_ASSIGN(head.nodeTypes, textsOf(row.text(3)));
  head.reference = row.text(4);
  head.createdAt = row.integer(5);
  head.changedAt = row.integer(6);
  head.changedBy = row.text(7);
  return head;
}

std::string placeOf(std::string_view folder, std::string_view name) {
  return "weir secret\n" + std::string(folder) + "\n" + std::string(name);
}

std::unexpected<Error> noSecret(const std::string& folder, const std::string& name) {
  return fail("storage.not_found",
              "folder '" + folder + "' has no secret '" + name + "'; GET /api/v1/secrets lists those there are");
}

std::unexpected<Error> noKey() {
  return fail("key.missing",
              "values of secrets are sealed with a master key, and the server has none that fits; start it with "
              "--master-key-file, or keep the secret in a vault and give a reference");
}

class SqlSecrets final : public Secrets {
 public:
  SqlSecrets(Database& database, Clock& clock, const sodium::Key* key) : database_(database), clock_(clock) {
    if (key != nullptr) key_ = *key;
  }

  Operation<bool> put(std::string folder, std::string name, SecretChange change, Waker waker) override {
    return database_.write<bool>(std::move(waker),
                                 [this, folder = std::move(folder), name = std::move(name), change = std::move(change)](
                                     Session& session) { return putNow(session, folder, name, change); });
  }

  Operation<SecretHead> head(std::string folder, std::string name, Waker waker) override {
    return database_.read<SecretHead>(
        std::move(waker), [folder = std::move(folder), name = std::move(name)](Session& session) -> Result<SecretHead> {
          WEIR_ASSIGN(const auto row,
                      session.queryOne(std::string(kHead) + " WHERE folder = ? AND name = ?", {folder, name}));
          if (!row) return noSecret(folder, name);
          return headOf(*row);
        });
  }

  Operation<std::vector<SecretHead>> list(SecretQuery query, Waker waker) override {
    return database_.read<std::vector<SecretHead>>(
        std::move(waker), [query = std::move(query)](Session& session) { return listNow(session, query); });
  }

  Operation<Unit> remove(std::string folder, std::string name, Waker waker) override {
    return database_.write<Unit>(
        std::move(waker),
        [folder = std::move(folder), name = std::move(name)](Session& session) -> Result<Unit> {
          WEIR_ASSIGN(const auto gone,
                      session.exec("DELETE FROM secrets WHERE folder = ? AND name = ?", {folder, name}));
          if (gone == 0) return noSecret(folder, name);
          return Unit{};
        },
        Database::Room::frees);
  }

  Operation<Secret> find(std::string folder, std::string name, Waker waker) override {
    return database_.read<Secret>(std::move(waker), [this, folder = std::move(folder), name = std::move(name)](
                                                        Session& session) { return findNow(session, folder, name); });
  }

 private:
  Result<bool> putNow(Session& session, const std::string& folder, const std::string& name,
                      const SecretChange& change) const {
    if (change.value && !key_) return noKey();
    WEIR_ASSIGN(const auto row,
                session.queryOne(std::string(kHead) + " WHERE folder = ? AND name = ?", {folder, name}));
    SecretHead head;
    if (row) {
      WEIR_ASSIGN(head, headOf(*row));
    } else if (!change.value && !change.reference) {
      return fail("storage.invalid", "secret '" + name + "' is new, so it needs a value, or a reference");
    }
    head.changedAt = clock_.nowMicros() / 1000;
    if (!row) head.createdAt = head.changedAt;
    if (change.hosts) head.hosts = *change.hosts;
    if (change.nodeTypes) head.nodeTypes = *change.nodeTypes;
    if (change.reference) head.reference = *change.reference;
    if (change.value) head.reference.clear();
    if (!row) {
      WEIR_TRY(
          session.exec("INSERT INTO secrets (folder, name, value, sealed, reference, hosts, node_types, created_at, "
                       "changed_at, changed_by) VALUES (?, ?, NULL, 0, '', '', '', ?, 0, '')",
                       {folder, name, head.createdAt}));
    }
    WEIR_TRY(session.exec(
        "UPDATE secrets SET reference = ?, hosts = ?, node_types = ?, changed_at = ?, changed_by = ? "
        "WHERE folder = ? AND name = ?",
        {head.reference, jsonOf(head.hosts), jsonOf(head.nodeTypes), head.changedAt, change.by, folder, name}));
    if (change.value || change.reference) {
      std::string bytes;
      if (change.value) sodium::seal(*key_, placeOf(folder, name), *change.value, bytes);
      WEIR_TRY(session.exec("UPDATE secrets SET value = ?, sealed = ? WHERE folder = ? AND name = ?",
                            {Value::Bytes{bytes}, change.value ? 1 : 0, folder, name}));
    }
    return !row.has_value();
  }

  static Result<std::vector<SecretHead>> listNow(Session& session, const SecretQuery& query) {
    std::string sql = std::string(kHead) + " WHERE (1 = 0";
    std::vector<std::string> patterns;
    patterns.reserve(query.folders.size());
    std::vector<Value> values;
    for (const auto& folder : query.folders) {
      patterns.push_back(folder.empty() ? std::string("%") : beginningWith(folder + "/"));
      sql += " OR folder = ? OR folder LIKE ? ESCAPE '!'";
      values.emplace_back(folder);
      values.emplace_back(patterns.back());
    }
    sql += ")";
    if (!query.afterName.empty()) {
      sql += " AND (folder > ? OR (folder = ? AND name > ?))";
      values.insert(values.end(), {Value(query.afterFolder), Value(query.afterFolder), Value(query.afterName)});
    }
    sql += " ORDER BY folder, name LIMIT ?";
    values.emplace_back(query.limit);
    WEIR_ASSIGN(const auto rows, session.query(sql, std::span<const Value>(values)));
    std::vector<SecretHead> heads;
    for (const auto& row : rows) {
      WEIR_ASSIGN(auto head, headOf(row));
      heads.push_back(std::move(head));
    }
    return heads;
  }

  Result<Secret> findNow(Session& session, const std::string& folder, const std::string& name) const {
    for (const auto& place : foldersOfUse(folder)) {
      WEIR_ASSIGN(const auto row,
                  session.queryOne("SELECT folder, name, hosts, node_types, reference, created_at, changed_at, "
                                   "changed_by, value, sealed FROM secrets WHERE folder = ? AND name = ?",
                                   {place, name}));
      if (!row) continue;
      Secret secret;
      WEIR_ASSIGN(secret.head, headOf(*row));
      if (!secret.head.reference.empty()) return secret;
      if (!key_) return noKey();
      if (!row->flag(9) || !sodium::open(*key_, placeOf(place, name), row->text(8), secret.value)) {
        return fail("storage.corrupt", "secret '" + name + "' of folder '" + place +
                                           "' does not open: it was changed in the database, or sealed with another "
                                           "key; set it again");
      }
      return secret;
    }
    return noSecret(folder, name);
  }

  Database& database_;
  Clock& clock_;
  std::optional<sodium::Key> key_;
};

/// What was there before must not stay behind on pages that are free now.
Result<std::int64_t> sealNow(Session& session, const sodium::Key& key, const std::optional<sodium::Key>& before) {
  WEIR_ASSIGN(const auto rows, session.query("SELECT folder, name, value, sealed FROM secrets WHERE reference = ''"));
  std::int64_t sealed = 0;
  for (const auto& row : rows) {
    const auto place = placeOf(row.text(0), row.text(1));
    std::string value;
    if (!row.flag(3)) {
      value = row.text(2);
    } else if (sodium::open(key, place, row.text(2), value) || !before ||
               !sodium::open(*before, place, row.text(2), value)) {
      continue;
    }
    if (sealed++ == 0 && session.dialect() == Dialect::sqlite) WEIR_TRY(session.query("PRAGMA secure_delete = ON"));
    std::string bytes;
    sodium::seal(key, place, value, bytes);
    sodium::wipe(value);
    WEIR_TRY(session.exec("UPDATE secrets SET value = ?, sealed = 1 WHERE folder = ? AND name = ?",
                          {Value::Bytes{bytes}, row.text(0), row.text(1)}));
  }
  return sealed;
}

constexpr std::string_view kKeyPlace = "weir key of secrets";

/// Some of the secrets that the key does not open.
Result<std::vector<std::string>> closedTo(Session& session, const sodium::Key& key) {
  constexpr std::size_t kMost = 10;
  WEIR_ASSIGN(const auto rows, session.query("SELECT folder, name, value, sealed FROM secrets WHERE reference = '' "
                                             "ORDER BY folder, name"));
  std::vector<std::string> closed;
  for (const auto& row : rows) {
    std::string value;
    const bool opens = row.flag(3) && sodium::open(key, placeOf(row.text(0), row.text(1)), row.text(2), value);
    sodium::wipe(value);
    if (opens || closed.size() == kMost) continue;
    closed.push_back(row.text(0).empty() ? row.text(1) : row.text(0) + "/" + row.text(1));
  }
  return closed;
}

Result<SharedSecretKey> shareNow(Session& session, const sodium::Key& own, const sodium::Key& master) {
  std::string wrapped;
  sodium::seal(master, kKeyPlace, own.bytes(), wrapped);
  WEIR_TRY(
      session.exec("INSERT INTO secret_key (one, name, master, wrapped) VALUES (1, ?, ?, ?) "
                   "ON CONFLICT (one) DO NOTHING",
                   {own.name(), master.name(), Value::Bytes{wrapped}}));
  WEIR_ASSIGN(const auto row, session.queryOne("SELECT name, master, wrapped FROM secret_key WHERE one = 1"));
  if (!row) return fail("storage.corrupt", "the key of secrets is missing");
  SharedSecretKey shared;
  shared.master = row->text(1);
  std::string bytes;
  if (row->text(0) == own.name()) {
    shared.key = own;
    // This server was given another master key.
    if (row->text(1) != master.name()) {
      WEIR_TRY(session.exec("UPDATE secret_key SET master = ?, wrapped = ? WHERE one = 1",
                            {master.name(), Value::Bytes{wrapped}}));
      shared.master = master.name();
    }
  } else if (sodium::open(master, kKeyPlace, row->text(2), bytes) && bytes.size() == sodium::Key::kBytes) {
    shared.key = sodium::Key::of(bytes);
    sodium::wipe(bytes);
    WEIR_TRY(sealNow(session, *shared.key, own));
  } else {
    return shared;
  }
  WEIR_ASSIGN(shared.foreign, closedTo(session, *shared.key));
  return shared;
}

}  // namespace

Operation<SharedSecretKey> shareSecretKey(Database& database, sodium::Key own, sodium::Key master, Waker waker) {
  return database.write<SharedSecretKey>(std::move(waker),
                                         [own, master](Session& session) { return shareNow(session, own, master); });
}

Operation<std::int64_t> sealSecrets(Database& database, sodium::Key key, std::optional<sodium::Key> before,
                                    Waker waker) {
  return database.write<std::int64_t>(std::move(waker), [key, before](Session& session) -> Result<std::int64_t> {
    return sealNow(session, key, before);
  });
}

const Kind& secretKind() { return kKind; }

std::unique_ptr<Secrets> secretsIn(Database& database, Clock& clock, const sodium::Key* key) {
  return std::make_unique<SqlSecrets>(database, clock, key);
}

}  // namespace weir::store::sql
