// What a store must do, call by call.
#include "service/store/suite/suite.h"

#include <algorithm>
#include <utility>

namespace weir::store {
namespace {

using Complaints = std::vector<std::string>;
using Checked = api::Job<Unit>;

/// The store under test, and what was found.
struct Suite {
  Store& store;
  api::Strand& strand;
  Complaints found{};

  template <class T>
  [[nodiscard]] auto of(Operation<T> operation) {
    return strand.of(std::move(operation));
  }
  [[nodiscard]] const Waker& waker() const { return strand.waker(); }

  void expect(bool good, std::string what) {
    if (!good) found.push_back(std::move(what));
  }
  template <class T>
  void expectGood(const Result<T>& result, const std::string& what) {
    if (!result) found.push_back(what + ": " + std::string(result.error().code) + ": " + result.error().message);
  }
  template <class T>
  void expectCode(const Result<T>& result, std::string_view code, const std::string& what) {
    const auto got = result ? std::string("it succeeded") : std::string(result.error().code);
    if (got != code) found.push_back(what + ": expected " + std::string(code) + ", and " + got);
  }
};

FlowChange documentOf(std::string text) {
  FlowChange change;
  change.document = std::move(text);
  return change;
}

std::string idsOf(const FlowPage& page) {
  std::string ids;
  for (const auto& flow : page.flows) ids += (ids.empty() ? "" : " ") + flow.id;
  return ids;
}

Checked checkCreate(Suite& suite) {
  auto& store = suite.store;
  FlowChange flow = documentOf("{\"n\":1,\"text\":\"\xC3\xA4\xE2\x82\xAC\"}");
  flow.description = "Orders of the day";
  flow.tags = std::vector<std::string>{"red", "blue"};
  const auto made = co_await suite.of(store.create("suite-a", flow, suite.waker()));
  suite.expectGood(made, "create");
  if (!made) co_return Unit{};
  suite.expect(made->id == "suite-a" && made->name == "suite-a", "a new flow has its id, and that as its name");
  suite.expect(made->revision > 0 && made->createdAt > 0 && made->changedAt >= made->createdAt,
               "a new flow has a revision and times");
  suite.expect(made->bytes == std::ssize(*flow.document), "the bytes of a document are counted as UTF-8");
  suite.expect(!made->binnedAt && made->latestVersion == 0 && made->publishedVersion == 0,
               "a new flow has no versions");
  const auto read = co_await suite.of(store.read("suite-a", suite.waker()));
  suite.expectGood(read, "read");
  if (!read) co_return Unit{};
  suite.expect(read->document == *flow.document, "a document is read as it was written");
  suite.expect(read->head.description == "Orders of the day", "the description is kept");
  suite.expect(read->head.tags == *flow.tags, "tags are kept in their order");
  suite.expect(read->head.revision == made->revision, "reading changes no revision");
  suite.expectCode(co_await suite.of(store.create("suite-a", documentOf("{}"), suite.waker())), "storage.exists",
                   "create again");
  suite.expectCode(co_await suite.of(store.read("suite-none", suite.waker())), "storage.not_found",
                   "read of what is not there");
  co_return Unit{};
}

/// Documents of any size are the same to who asks, wherever they lie.
Checked checkLarge(Suite& suite) {
  auto& store = suite.store;
  const auto large = [](char c, std::size_t bytes) { return "\"" + std::string(bytes, c) + "\xC3\xA4\""; };
  const auto first = large('a', 200'000), second = large('b', 3'000'000);
  const auto reads = [&](const std::string& id, const std::string& document, const char* what) -> Checked {
    const auto read = co_await suite.of(store.read(id, suite.waker()));
    suite.expectGood(read, what);
    suite.expect(read && read->document == document,
                 std::string(what) + ": a large document is read as it was written");
    suite.expect(read && read->head.bytes == std::ssize(document), std::string(what) + ": its bytes are counted");
    co_return Unit{};
  };
  auto one = co_await suite.of(store.create("suite-large", documentOf(first), suite.waker()));
  suite.expectGood(one, "create of a large flow");
  if (!one) co_return Unit{};
  suite.expectGood(co_await suite.of(store.create("suite-large-too", documentOf(first), suite.waker())),
                   "create of a flow with the same document");
  suite.expectGood(co_await suite.of(store.appendVersion("suite-large", {}, {"1", "", true}, suite.waker())),
                   "version of a large flow");
  one = co_await suite.of(store.replace("suite-large", one->revision, documentOf(second), suite.waker()));
  suite.expectGood(one, "replace of a large document");
  co_await reads("suite-large", second, "the one that was replaced");
  co_await reads("suite-large-too", first, "the other of the same document");
  const auto version = co_await suite.of(store.readVersion("suite-large", 1, suite.waker()));
  suite.expectGood(version, "the version before");
  suite.expect(version && version->document == first, "a version keeps the large document that it was made of");
  if (one) {
    one = co_await suite.of(store.replace("suite-large", one->revision, documentOf("{}"), suite.waker()));
    suite.expectGood(one, "replace of a large document by a small one");
    co_await reads("suite-large", "{}", "a small document");
  }
  suite.expectGood(co_await suite.of(store.bin("suite-large", {}, suite.waker())), "bin of a large flow");
  suite.expectGood(co_await suite.of(store.purge("suite-large", {}, suite.waker())), "purge of a large flow");
  co_await reads("suite-large-too", first, "the other when the first is gone");
  suite.expectGood(co_await suite.of(store.bin("suite-large-too", {}, suite.waker())), "bin of the other");
  suite.expectGood(co_await suite.of(store.purge("suite-large-too", {}, suite.waker())), "purge of the other");
  co_return Unit{};
}

Checked checkReplace(Suite& suite) {
  auto& store = suite.store;
  const auto before = co_await suite.of(store.read("suite-a", suite.waker()));
  if (!before) co_return Unit{};
  const auto revision = before->head.revision;
  const auto after = co_await suite.of(store.replace("suite-a", revision, documentOf("{\"n\":2}"), suite.waker()));
  suite.expectGood(after, "replace");
  if (!after) co_return Unit{};
  suite.expect(after->revision > revision, "a change has a greater revision");
  suite.expect(after->description == "Orders of the day", "what a change does not give stays");
  const auto stale = co_await suite.of(store.replace("suite-a", revision, documentOf("{\"n\":3}"), suite.waker()));
  suite.expectCode(stale, "storage.changed", "replace of an old revision");
  const auto read = co_await suite.of(store.read("suite-a", suite.waker()));
  suite.expect(read && read->document == "{\"n\":2}" && read->head.revision == after->revision,
               "a refused change changes nothing");
  const auto none = co_await suite.of(store.replace("suite-none", 1, documentOf("{}"), suite.waker()));
  suite.expectCode(none, "storage.not_found", "replace of what is not there");
  // Two writers who read the same state: the second of them is told.
  auto first = store.replace("suite-a", after->revision, documentOf("{\"n\":4}"), suite.waker());
  auto second = store.replace("suite-a", after->revision, documentOf("{\"n\":5}"), suite.waker());
  suite.expectGood(co_await suite.of(std::move(first)), "the first of two writers");
  suite.expectCode(co_await suite.of(std::move(second)), "storage.changed", "the second of two writers");
  co_return Unit{};
}

Checked checkVersions(Suite& suite) {
  auto& store = suite.store;
  const auto flow = co_await suite.of(store.read("suite-a", suite.waker()));
  if (!flow) co_return Unit{};
  for (int i = 1; i <= 3; ++i) {
    const NewVersion wanted{"1." + std::to_string(i) + ".0", "the " + std::to_string(i) + "th", i == 2};
    const auto made = co_await suite.of(store.appendVersion("suite-a", flow->head.revision, wanted, suite.waker()));
    suite.expectGood(made, "appendVersion");
    suite.expect(made && made->number == i && made->published == (i == 2), "versions are numbered from 1");
  }
  const auto listed = co_await suite.of(store.listVersions("suite-a", 0, 10, suite.waker()));
  suite.expect(listed && listed->size() == 3 && listed->front().number == 3 && listed->front().label == "1.3.0",
               "versions are listed newest first");
  const auto older = co_await suite.of(store.listVersions("suite-a", 3, 1, suite.waker()));
  suite.expect(older && older->size() == 1 && older->front().number == 2, "older versions are listed behind a number");
  const auto changed =
      co_await suite.of(store.replace("suite-a", flow->head.revision, documentOf("{\"n\":9}"), suite.waker()));
  suite.expect(changed && changed->latestVersion == 3 && changed->publishedVersion == 2,
               "a version leaves the revision as it is");
  const auto version = co_await suite.of(store.readVersion("suite-a", 1, suite.waker()));
  suite.expect(version && version->document == flow->document && version->head.message == "the 1th",
               "a version is what the flow was");
  suite.expectCode(co_await suite.of(store.readVersion("suite-a", 9, suite.waker())), "storage.not_found",
                   "a version that is not there");
  const NewVersion late{"", "", false};
  const auto stale = co_await suite.of(store.appendVersion("suite-a", flow->head.revision, late, suite.waker()));
  suite.expectCode(stale, "storage.changed", "a version of an old revision");
  co_return Unit{};
}

Checked checkBin(Suite& suite) {
  auto& store = suite.store;
  const auto made = co_await suite.of(store.create("suite-b", documentOf("{}"), suite.waker()));
  suite.expectGood(made, "create for the bin");
  if (!made) co_return Unit{};
  suite.expectCode(co_await suite.of(store.purge("suite-b", std::nullopt, suite.waker())), "storage.not_in_bin",
                   "purge outside the bin");
  suite.expectCode(co_await suite.of(store.restore("suite-b", std::nullopt, suite.waker())), "storage.not_in_bin",
                   "restore outside the bin");
  const auto binned = co_await suite.of(store.bin("suite-b", made->revision, suite.waker()));
  suite.expect(binned && binned->binnedAt && binned->revision > made->revision, "the bin is a change");
  if (!binned) co_return Unit{};
  suite.expectCode(co_await suite.of(store.bin("suite-b", std::nullopt, suite.waker())), "storage.in_bin", "bin again");
  suite.expectCode(co_await suite.of(store.replace("suite-b", binned->revision, documentOf("{}"), suite.waker())),
                   "storage.in_bin", "replace in the bin");
  suite.expectCode(co_await suite.of(store.create("suite-b", documentOf("{}"), suite.waker())), "storage.exists",
                   "create what is in the bin");
  FlowQuery query;
  query.bin = true;
  const auto listed = co_await suite.of(store.list(query, suite.waker()));
  suite.expect(listed && idsOf(*listed) == "suite-b", "the bin is listed by itself");
  suite.expectCode(co_await suite.of(store.restore("suite-b", made->revision, suite.waker())), "storage.changed",
                   "restore of an old revision");
  const auto back = co_await suite.of(store.restore("suite-b", binned->revision, suite.waker()));
  suite.expect(back && !back->binnedAt, "what is restored is not in the bin");
  if (!back) co_return Unit{};
  suite.expectGood(co_await suite.of(store.bin("suite-b", std::nullopt, suite.waker())), "bin of any revision");
  suite.expectCode(co_await suite.of(store.purge("suite-b", back->revision, suite.waker())), "storage.changed",
                   "purge of an old revision");
  suite.expectGood(co_await suite.of(store.purge("suite-b", std::nullopt, suite.waker())), "purge");
  suite.expectCode(co_await suite.of(store.read("suite-b", suite.waker())), "storage.not_found",
                   "read of what was purged");
  co_return Unit{};
}

/// All ids of a list, page after page.
api::Job<std::string> listed(Suite& suite, FlowQuery query) {
  std::string ids;
  for (int pages = 0; pages < 20; ++pages) {
    const auto page = co_await suite.of(suite.store.list(query, suite.waker()));
    suite.expectGood(page, "list");
    if (!page) break;
    suite.expect(std::ssize(page->flows) <= query.limit, "a page has no more than its limit");
    ids += (ids.empty() ? "" : " ") + idsOf(*page);
    if (page->cursor.empty()) break;
    query.cursor = page->cursor;
  }
  co_return ids;
}

Checked checkList(Suite& suite) {
  auto& store = suite.store;
  for (const char* id : {"suite-l1", "suite-l2", "suite-l3", "suite-l4", "suite-l5"}) {
    FlowChange flow = documentOf("{}");
    flow.description = id == std::string_view("suite-l3")   ? "Revenue by Region"
                       : id == std::string_view("suite-l2") ? "Ärger in Łódź"
                                                            : "";
    flow.tags = std::vector<std::string>{"list", id == std::string_view("suite-l4") ? "odd one" : "even"};
    flow.name = std::string("Name ") + static_cast<char>('z' - (id[7] - '0'));
    suite.expectGood(co_await suite.of(store.create(id, flow, suite.waker())), "create for the list");
  }
  FlowQuery query;
  query.tags = {"list"};
  query.limit = 2;
  suite.expect(co_await listed(suite, query) == "suite-l5 suite-l4 suite-l3 suite-l2 suite-l1",
               "the newest change comes first");
  query.byName = true;
  suite.expect(co_await listed(suite, query) == "suite-l5 suite-l4 suite-l3 suite-l2 suite-l1",
               "names are listed in their order");
  query.byName = false;
  const auto first = co_await suite.of(store.read("suite-l1", suite.waker()));
  if (first)
    suite.expectGood(
        co_await suite.of(store.replace("suite-l1", first->head.revision, documentOf("[]"), suite.waker())), "replace");
  suite.expect(co_await listed(suite, query) == "suite-l1 suite-l5 suite-l4 suite-l3 suite-l2",
               "a change brings a flow to the front");
  query.tags = {"list", "odd one"};
  suite.expect(co_await listed(suite, query) == "suite-l4", "a flow has all tags that are asked for");
  query.tags = {"list"};
  query.search = "region REVENUE";
  suite.expect(co_await listed(suite, query) == "suite-l3", "every word is looked for, whatever the case");
  query.search = "äRGER łÓDŹ";
  suite.expect(co_await listed(suite, query) == "suite-l2", "letters beyond ASCII are looked for whatever their case");
  query.search = "nowhere";
  suite.expect(co_await listed(suite, query) == "", "what is nowhere is not found");
  query.search.clear();
  query.cursor = "no cursor";
  suite.expectCode(co_await suite.of(store.list(query, suite.waker())), "storage.invalid",
                   "a cursor that no list gave");
  co_return Unit{};
}

Checked checkFolders(Suite& suite) {
  auto& store = suite.store;
  for (const auto& [id, folder] : {std::pair("suite-f1", "team"), std::pair("suite-f2", "team/reports"),
                                   std::pair("suite-f3", "teams"), std::pair("suite-f4", "")}) {
    FlowChange flow = documentOf("{}");
    if (*folder != '\0') flow.folder = folder;
    flow.tags = std::vector<std::string>{"folders"};
    const auto made = co_await suite.of(store.create(id, flow, suite.waker()));
    suite.expectGood(made, "create in a folder");
    suite.expect(made && made->folder == folder, "a flow is in the folder in which it was made");
  }
  FlowQuery query;
  query.tags = {"folders"};
  query.byName = true;
  suite.expect(co_await listed(suite, query) == "suite-f1 suite-f2 suite-f3 suite-f4", "no folder means all of them");
  query.folder = "team";
  suite.expect(co_await listed(suite, query) == "suite-f1 suite-f2", "a folder is listed with what is below it");
  query.folder = "team/reports";
  suite.expect(co_await listed(suite, query) == "suite-f2", "a folder is listed without what is above it");
  query.folder = "tea";
  suite.expect(co_await listed(suite, query) == "", "a folder is no beginning of a name");
  const auto before = co_await suite.of(store.read("suite-f1", suite.waker()));
  suite.expect(before && before->head.folder == "team", "the folder is read with the flow");
  if (!before) co_return Unit{};
  FlowChange move;
  move.folder = "teams";
  const auto moved = co_await suite.of(store.replace("suite-f1", before->head.revision, move, suite.waker()));
  suite.expect(moved && moved->folder == "teams" && moved->revision > before->head.revision, "a move is a change");
  const auto after = co_await suite.of(store.read("suite-f1", suite.waker()));
  suite.expect(after && after->document == before->document, "a move leaves the document as it is");
  if (!moved) co_return Unit{};
  const auto kept =
      co_await suite.of(store.replace("suite-f1", moved->revision, documentOf("{\"n\":1}"), suite.waker()));
  suite.expect(kept && kept->folder == "teams", "a change of the document leaves the folder as it is");
  query.folder = "teams";
  suite.expect(co_await listed(suite, query) == "suite-f1 suite-f3", "a flow is listed where it was moved to");
  co_return Unit{};
}

Checked checkReach(Suite& suite) {
  auto& store = suite.store;
  for (const auto& [id, folder] : {std::pair("seen-a", "shop"), std::pair("seen-b", "shop/east"),
                                   std::pair("seen-c", "shops"), std::pair("seen-d", "")}) {
    FlowChange flow = documentOf("{}");
    flow.folder = folder;
    flow.tags = std::vector<std::string>{"seen"};
    suite.expectGood(co_await suite.of(store.create(id, flow, suite.waker())), "create for lists of callers");
  }
  FlowQuery query;
  query.tags = {"seen"};
  query.byName = true;
  query.limit = 2;
  const auto expect = [&](auth::Reach reach, std::string_view ids, const char* what) -> Checked {
    query.visible = std::move(reach);
    const auto found = co_await listed(suite, query);
    suite.expect(found == ids, std::string(what) + ": it lists '" + found + "'");
    co_return Unit{};
  };
  co_await expect({{""}, {}, {}}, "seen-a seen-b seen-c seen-d", "who may see all is shown all");
  co_await expect({{}, {}, {}}, "", "who may see nothing is shown nothing");
  co_await expect({{"shop"}, {}, {}}, "seen-a seen-b", "a folder reaches what is below it");
  co_await expect({{"shop/east"}, {"seen-d"}, {}}, "seen-b seen-d", "single flows are added to folders");
  co_await expect({{}, {"seen-c", "seen-none"}, {}}, "seen-c", "single flows alone");
  co_await expect({{""}, {"seen-d"}, {"shop", "shops"}}, "seen-a seen-b seen-c", "a scope cuts all that is reached");
  co_await expect({{"shop"}, {}, {"shop/east"}}, "seen-b", "a scope below what is reached");
  query.folder = "shop/east";
  co_await expect({{"shop"}, {}, {}}, "seen-b", "a folder that is asked for cuts further");
  co_return Unit{};
}

}  // namespace

api::Job<std::vector<std::string>> checkVisible(Store& store, api::Strand& strand) {
  Suite suite{store, strand};
  co_await checkReach(suite);
  co_return std::move(suite.found);
}

api::Job<std::vector<std::string>> checkStore(Store& store, api::Strand& strand) {
  Suite suite{store, strand};
  co_await checkCreate(suite);
  co_await checkReplace(suite);
  co_await checkVersions(suite);
  co_await checkBin(suite);
  co_await checkList(suite);
  co_await checkFolders(suite);
  co_await checkLarge(suite);
  co_return std::move(suite.found);
}

}  // namespace weir::store
