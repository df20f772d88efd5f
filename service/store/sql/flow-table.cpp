// Flows and versions as rows. Documents have tables of their own, so that lists do not read them.
#include "service/store/sql/flow-table.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/store/memory/folded.h"
#include "service/store/sql/document-quota.h"
#include "service/store/sql/kinds.h"
#include "service/store/sql/object-table.h"
#include "service/store/sql/reach-sql.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {{R"(CREATE TABLE flows (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, tags TEXT NOT NULL,
  revision BIGINT NOT NULL UNIQUE, created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, binned_at BIGINT,
  bytes BIGINT NOT NULL, latest_version BIGINT NOT NULL, published_version BIGINT NOT NULL,
  by_name TEXT NOT NULL, search TEXT NOT NULL, folder TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX flows_by_name ON flows (by_name);
CREATE INDEX flows_by_folder ON flows (folder);
CREATE TABLE flow_tags (tag TEXT NOT NULL, flow TEXT NOT NULL REFERENCES flows ON DELETE CASCADE,
  PRIMARY KEY (tag, flow)) WITHOUT ROWID;
CREATE INDEX flow_tags_by_flow ON flow_tags (flow);
CREATE TABLE flow_documents (flow TEXT PRIMARY KEY REFERENCES flows ON DELETE CASCADE, document TEXT NOT NULL);
CREATE TABLE versions (flow TEXT NOT NULL REFERENCES flows ON DELETE CASCADE, number BIGINT NOT NULL,
  label TEXT NOT NULL, message TEXT NOT NULL, published BIGINT NOT NULL, created_at BIGINT NOT NULL,
  bytes BIGINT NOT NULL, document TEXT NOT NULL, UNIQUE (flow, number)))"},
                           {R"(ALTER TABLE flow_documents ADD COLUMN object TEXT;
ALTER TABLE versions ADD COLUMN object TEXT;
CREATE INDEX flow_documents_by_object ON flow_documents (object) WHERE object IS NOT NULL;
CREATE INDEX versions_by_object ON versions (object) WHERE object IS NOT NULL)"},
                           {R"(ALTER TABLE flows ADD COLUMN version_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE flows ADD COLUMN version_bytes BIGINT NOT NULL DEFAULT 0;
UPDATE flows SET version_count = (SELECT COUNT(*) FROM versions WHERE flow = flows.id),
  version_bytes = (SELECT COALESCE(SUM(versions.bytes), 0) FROM versions WHERE flow = flows.id))"}};

constexpr std::string_view kHead =
    "SELECT id, name, description, tags, revision, created_at, changed_at, binned_at, bytes, latest_version, "
    "published_version, folder FROM flows";
constexpr std::string_view kHeadById =
    "SELECT id, name, description, tags, revision, created_at, changed_at, binned_at, bytes, latest_version, "
    "published_version, folder FROM flows WHERE id = ?";
/// The same for a change, with whether quotas have to be asked.
const auto kHeadToChange =
    "SELECT id, name, description, tags, revision, created_at, changed_at, binned_at, bytes, "
    "latest_version, published_version, folder, " +
    std::string(kBoundsDocuments) + " FROM flows WHERE id = ?";

std::string lower(std::string text) {
  for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::string byName(const FlowHead& head) { return lower(head.name) + '\n' + head.id; }

std::string searched(const FlowHead& head) {
  auto text = head.name + '\n' + head.id + '\n' + head.description;
  for (const auto& tag : head.tags) text += '\n' + tag;
  return folded(text);
}

std::string jsonOf(const std::vector<std::string>& tags) {
  std::string text;
  json::Writer out(text);
  out.beginArray();
  for (const auto& tag : tags) out.value(tag);
  out.endArray();
  return text;
}

Result<std::vector<std::string>> tagsOf(std::string_view text) {
  std::vector<std::string> tags;
  if (text == "[]") return tags;
  WEIR_ASSIGN(const auto document, json::parse(text));
  const auto* list = document.root().asArray();
  if (list == nullptr) return fail("storage.corrupt", "the tags of a flow are no list");
  for (const auto& tag : *list) {
    if (const auto* name = tag.asString()) tags.push_back(*name);
  }
  return tags;
}

/// Of kHead's columns.
Result<FlowHead> headOf(const Row& row) {
  FlowHead head;
  head.id = row.text(0);
  head.name = row.text(1);
  head.description = row.text(2);
  WEIR_ASSIGN(head.tags, tagsOf(row.text(3)));
  head.revision = row.integer(4);
  head.createdAt = row.integer(5);
  head.changedAt = row.integer(6);
  head.binnedAt = row.integerOrNull(7);
  head.bytes = row.integer(8);
  head.latestVersion = row.integer(9);
  head.publishedVersion = row.integer(10);
  head.folder = row.text(11);
  return head;
}

std::unexpected<Error> noVersion(const std::string& id, std::int64_t number) {
  return fail("storage.not_found",
              "flow '" + id + "' has no version " + std::to_string(number) + "; list its versions");
}

void apply(const FlowChange& change, FlowHead& head) {
  if (change.folder) head.folder = *change.folder;
  if (change.name) head.name = *change.name;
  if (change.description) head.description = *change.description;
  if (change.tags) head.tags = *change.tags;
  if (change.document) head.bytes = static_cast<std::int64_t>(change.document->size());
}

/// Where a list goes on: names and revisions have cursors of their own.
struct Cursor {
  std::string name;
  std::int64_t revision = 0;
};

Result<Cursor> cursorOf(const FlowQuery& query) {
  Cursor cursor;
  const std::string_view text = query.cursor;
  if (text.empty()) return cursor;
  bool good = text.front() == (query.byName ? 'n' : 'r');
  if (good && query.byName) {
    cursor.name = text.substr(1);
    good = cursor.name.contains('\n');
  } else if (good) {
    const auto read = std::from_chars(text.data() + 1, text.data() + text.size(), cursor.revision);
    good = read.ec == std::errc{} && read.ptr == text.data() + text.size() && cursor.revision >= 0;
  }
  if (good) return cursor;
  return fail("storage.invalid",
              "the cursor of the list is none that a list of this order gave; begin again without one");
}

std::vector<std::string> wordsOf(const std::string& search) {
  std::vector<std::string> words;
  const auto text = folded(search);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

/// A list's statement, and what is bound to it.
struct Listing {
  std::string sql;
  std::vector<std::string> texts;  // in order, before the numbers
  std::vector<std::int64_t> numbers;
};

Listing listingOf(const FlowQuery& query, const Cursor& cursor) {
  Listing listing{std::string(kHead), {}, {}};
  auto& sql = listing.sql;
  sql += query.bin ? " WHERE binned_at IS NOT NULL" : " WHERE binned_at IS NULL";
  for (const auto& word : wordsOf(query.search)) {
    sql += " AND search LIKE ? ESCAPE '!'";
    listing.texts.push_back(holding(word));
  }
  for (const auto& tag : query.tags) {
    sql += " AND EXISTS (SELECT 1 FROM flow_tags WHERE tag = ? AND flow = flows.id)";
    listing.texts.push_back(tag);
  }
  if (!query.folder.empty()) onlyInFolders({sql, listing.texts}, "folder", {query.folder});
  if (query.visible) onlyInReach({sql, listing.texts}, *query.visible, "folder", "id");
  if (!query.cursor.empty()) sql += query.byName ? " AND by_name > ?" : " AND revision < ?";
  if (!query.cursor.empty() && query.byName) listing.texts.push_back(cursor.name);
  if (!query.cursor.empty() && !query.byName) listing.numbers.push_back(cursor.revision);
  sql += query.byName ? " ORDER BY by_name" : " ORDER BY revision DESC";
  sql += " LIMIT ?";
  listing.numbers.push_back(query.limit + 1);
  return listing;
}

}  // namespace

const Kind& flowKind() {
  static const Kind kKind{"flows", kSteps};
  return kKind;
}

Result<FlowHead> FlowTable::head(const std::string& id, IfRevision revision, Where where) {
  const bool changes = where == Where::outside;
  WEIR_ASSIGN(const auto row, session_.queryOne(changes ? std::string_view(kHeadToChange) : kHeadById, {id}));
  if (!row) return fail("storage.not_found", "there is no flow '" + id + "'");
  WEIR_ASSIGN(auto head, headOf(*row));
  if (changes) bounded_ = row->integer(12) > 0;
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
  return head;
}

Result<void> FlowTable::write(const FlowHead& head) {
  return session_.post(
      "INSERT INTO flows (id, name, description, tags, revision, created_at, changed_at, binned_at, bytes, "
      "latest_version, published_version, by_name, search, folder) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description, tags = excluded.tags, "
      "revision = excluded.revision, changed_at = excluded.changed_at, binned_at = excluded.binned_at, "
      "bytes = excluded.bytes, latest_version = excluded.latest_version, "
      "published_version = excluded.published_version, by_name = excluded.by_name, search = excluded.search, folder = "
      "excluded.folder",
      {head.id, head.name, head.description, jsonOf(head.tags), head.revision, head.createdAt, head.changedAt,
       head.binnedAt, head.bytes, head.latestVersion, head.publishedVersion, byName(head), searched(head),
       head.folder});
}

Result<void> FlowTable::rewrite(const FlowHead& before, const FlowHead& head) {
  if (head.name != before.name || head.folder != before.folder) return write(head);
  // An index whose columns are named is written anew, whether or not they have changed.
  return session_.post(
      "UPDATE flows SET description = ?, tags = ?, revision = ?, changed_at = ?, bytes = ?, search = ? WHERE id = ?",
      {head.description, jsonOf(head.tags), head.revision, head.changedAt, head.bytes, searched(head), head.id});
}

Result<void> FlowTable::writeTags(const FlowHead& head) {
  WEIR_TRY(session_.post("DELETE FROM flow_tags WHERE flow = ?", {head.id}));
  for (const auto& tag : head.tags) {
    WEIR_TRY(session_.post("INSERT INTO flow_tags (tag, flow) VALUES (?, ?) ON CONFLICT DO NOTHING", {tag, head.id}));
  }
  return {};
}

Result<void> FlowTable::writeDocument(const std::string& flow, std::string_view document, bool isNew) {
  WEIR_ASSIGN(const auto kept, rowText(session_, document, nowMs()));
  return session_.post(isNew ? "INSERT INTO flow_documents (document, object, flow) VALUES (?, ?, ?)"
                             : "UPDATE flow_documents SET document = ?, object = ? WHERE flow = ?",
                       {kept.text, kept.object, flow});
}

Result<FlowHead> FlowTable::create(const std::string& id, const FlowChange& flow) {
  if (id.empty()) return fail("storage.invalid", "a flow has an id");
  static const auto kThere =
      "SELECT (SELECT COUNT(*) FROM flows WHERE id = ?), " + std::string(kBoundsDocuments) + " AS bounds";
  WEIR_ASSIGN(const auto there, session_.queryOne(kThere, {id}));
  if (there && there->integer(0) > 0) {
    return fail("storage.exists", "there is a flow '" + id + "' already, perhaps in the bin; choose another id");
  }
  FlowHead made;
  made.id = made.name = id;
  apply(flow, made);
  if (there && there->integer(1) > 0)
    WEIR_TRY(admitDocuments(session_, made.folder, {.documents = 1, .bytes = made.bytes}));
  WEIR_ASSIGN(made.revision, session_.nextNumber());
  made.createdAt = made.changedAt = nowMs();
  WEIR_TRY(write(made));
  WEIR_TRY(writeTags(made));
  WEIR_TRY(writeDocument(made.id, flow.document ? std::string_view(*flow.document) : std::string_view(), true));
  return made;
}

Result<Flow> FlowTable::read(const std::string& id) {
  Flow flow;
  WEIR_ASSIGN(flow.head, head(id, std::nullopt, Where::anywhere));
  WEIR_ASSIGN(const auto row, session_.queryOne("SELECT document, object FROM flow_documents WHERE flow = ?", {id}));
  if (!row) return fail("storage.corrupt", "the document of flow '" + id + "' is gone");
  WEIR_ASSIGN(flow.document, textOf(session_, *row, 0, 1, "the document of flow '" + id + "'"));
  return flow;
}

Result<void> FlowTable::mayBecome(const FlowHead& before, const FlowHead& changed) {
  const DocumentUse more{.bytes = changed.bytes - before.bytes};
  if (changed.folder == before.folder) {
    return more.bytes > 0 ? admitDocuments(session_, changed.folder, more) : Result<void>();
  }
  WEIR_ASSIGN(const auto use, documentsOf(session_, before.id));
  return admitDocuments(session_, changed.folder, more, Arrival{before.folder, use});
}

Result<FlowHead> FlowTable::replace(const std::string& id, std::int64_t ifRevision, const FlowChange& change) {
  WEIR_ASSIGN(const auto before, head(id, ifRevision, Where::outside));
  auto changed = before;
  std::vector<Row> objects;
  // Others have no object: nobody looks for one on the way of small flows.
  if (change.document && before.bytes > static_cast<std::int64_t>(kMostInRow)) {
    WEIR_ASSIGN(objects, session_.query("SELECT object FROM flow_documents WHERE flow = ?", {id}));
  }
  apply(change, changed);
  if (bounded_) WEIR_TRY(mayBecome(before, changed));
  WEIR_ASSIGN(changed.revision, session_.nextNumber());
  changed.changedAt = nowMs();
  WEIR_TRY(rewrite(before, changed));
  if (changed.tags != before.tags) WEIR_TRY(writeTags(changed));
  if (change.document) WEIR_TRY(writeDocument(id, *change.document, false));
  WEIR_TRY(dropped(session_, namesIn(objects), changed.changedAt));
  return changed;
}

Result<FlowHead> FlowTable::put(const std::string& id, IfRevision revision, bool intoBin) {
  WEIR_ASSIGN(auto moved, head(id, revision, intoBin ? Where::outside : Where::inBin));
  moved.binnedAt = intoBin ? std::optional(nowMs()) : std::nullopt;
  WEIR_ASSIGN(moved.revision, session_.nextNumber());
  WEIR_TRY(write(moved));
  return moved;
}

Result<Unit> FlowTable::purge(const std::string& id, IfRevision revision) {
  WEIR_TRY(head(id, revision, Where::inBin));
  WEIR_ASSIGN(const auto objects, session_.query("SELECT object FROM flow_documents WHERE flow = ? UNION "
                                                 "SELECT object FROM versions WHERE flow = ? AND object IS NOT NULL",
                                                 {id, id}));
  WEIR_TRY(session_.post("DELETE FROM flows WHERE id = ?", {id}));
  WEIR_TRY(dropped(session_, namesIn(objects), nowMs()));
  return Unit{};
}

Result<FlowPage> FlowTable::list(const FlowQuery& query) {
  WEIR_ASSIGN(const auto cursor, cursorOf(query));
  const auto listing = listingOf(query, cursor);
  std::vector<Value> values(listing.texts.begin(), listing.texts.end());
  values.insert(values.end(), listing.numbers.begin(), listing.numbers.end());
  WEIR_ASSIGN(const auto rows, session_.query(listing.sql, values));
  FlowPage page;
  for (const auto& row : rows) {
    if (std::ssize(page.flows) == query.limit) {
      const auto& last = page.flows.back();
      page.cursor = query.byName ? "n" + byName(last) : "r" + std::to_string(last.revision);
      break;
    }
    WEIR_ASSIGN(auto head, headOf(row));
    page.flows.push_back(std::move(head));
  }
  return page;
}

Result<VersionHead> FlowTable::appendVersion(const std::string& id, IfRevision revision, const NewVersion& version) {
  WEIR_ASSIGN(auto flow, head(id, revision, Where::outside));
  if (bounded_) WEIR_TRY(admitDocuments(session_, flow.folder, {.versions = 1, .bytes = flow.bytes}));
  VersionHead made;
  made.number = flow.latestVersion + 1;
  made.label = version.label;
  made.message = version.message;
  made.published = version.published;
  made.createdAt = nowMs();
  made.bytes = flow.bytes;
  WEIR_TRY(session_.post(
      "INSERT INTO versions (flow, number, label, message, published, created_at, bytes, document, object) "
      "SELECT flow, ?, ?, ?, ?, ?, ?, document, object FROM flow_documents WHERE flow = ?",
      {made.number, made.label, made.message, made.published, made.createdAt, made.bytes, id}));
  flow.latestVersion = made.number;
  if (made.published) flow.publishedVersion = made.number;
  WEIR_TRY(write(flow));
  WEIR_TRY(session_.post(
      "UPDATE flows SET version_count = version_count + 1, version_bytes = version_bytes + ? WHERE id = ?",
      {made.bytes, id}));
  return made;
}

Result<std::vector<VersionHead>> FlowTable::listVersions(const std::string& id, std::int64_t before,
                                                         std::int64_t limit) {
  WEIR_TRY(head(id, std::nullopt, Where::anywhere));
  const auto bound = before == 0 ? std::numeric_limits<std::int64_t>::max() : before;
  WEIR_ASSIGN(const auto rows,
              session_.query("SELECT number, label, message, published, created_at, bytes FROM versions "
                             "WHERE flow = ? AND number < ? ORDER BY number DESC LIMIT ?",
                             {id, bound, limit}));
  std::vector<VersionHead> found;
  for (const auto& row : rows) {
    found.push_back({row.integer(0), row.text(1), row.text(2), row.flag(3), row.integer(4), row.integer(5)});
  }
  return found;
}

Result<Version> FlowTable::readVersion(const std::string& id, std::int64_t number) {
  WEIR_TRY(head(id, std::nullopt, Where::anywhere));
  WEIR_ASSIGN(const auto row, session_.queryOne("SELECT label, message, published, created_at, bytes, document, object "
                                                "FROM versions WHERE flow = ? AND number = ?",
                                                {id, number}));
  if (!row) return noVersion(id, number);
  Version version;
  version.head = {number, row->text(0), row->text(1), row->flag(2), row->integer(3), row->integer(4)};
  WEIR_ASSIGN(version.document,
              textOf(session_, *row, 5, 6, "version " + std::to_string(number) + " of flow '" + id + "'"));
  return version;
}

}  // namespace weir::store::sql
