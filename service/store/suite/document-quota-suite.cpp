// What quotas of documents and versions must do: refuse what is too many before it is stored, and nothing else.
#include <utility>

#include "service/store/suite/suite.h"

namespace weir::store {
namespace {

struct Suite {
  Quotas& quotas;
  Store& store;
  api::Strand& strand;
  std::vector<std::string> found{};

  template <class T>
  [[nodiscard]] auto of(Operation<T> operation) {
    return strand.of(std::move(operation));
  }
  [[nodiscard]] const Waker& waker() const { return strand.waker(); }
  /// `code` is what it is to be refused with; empty: it is to be done.
  template <class T>
  void expect(const Result<T>& done, std::string_view code, std::string_view what) {
    const auto got = done ? std::string() : std::string(done.error().code);
    if (got != code) found.push_back(std::string(what) + ": '" + got + "' instead of '" + std::string(code) + "'");
  }
};

using Checked = api::Job<Unit>;

FlowChange sized(std::size_t bytes, std::optional<std::string> folder = std::nullopt) {
  FlowChange change;
  change.folder = std::move(folder);
  change.document = std::string(bytes, 'x');
  return change;
}

Checked create(Suite& suite, std::string id, FlowChange flow, std::string_view code, std::string_view what) {
  suite.expect(co_await suite.of(suite.store.create(std::move(id), std::move(flow), suite.waker())), code, what);
  co_return Unit{};
}

/// As it is now, to this.
Checked change(Suite& suite, std::string id, FlowChange flow, std::string_view code, std::string_view what) {
  const auto now = co_await suite.of(suite.store.read(id, suite.waker()));
  const auto revision = now ? now->head.revision : 0;
  suite.expect(co_await suite.of(suite.store.replace(id, revision, std::move(flow), suite.waker())), code, what);
  co_return Unit{};
}

Checked keep(Suite& suite, std::string id, std::string_view code, std::string_view what) {
  suite.expect(co_await suite.of(suite.store.appendVersion(std::move(id), {}, {}, suite.waker())), code, what);
  co_return Unit{};
}

Checked bound(Suite& suite, std::string folder, Quota quota) {
  QuotaRecord record;
  record.folder = std::move(folder);
  record.quota = quota;
  suite.expect(co_await suite.of(suite.quotas.put(std::move(record), suite.waker())), "", "a quota is set");
  co_return Unit{};
}

Checked checkDocuments(Suite& suite) {
  co_await bound(suite, "counted", {.documents = 2, .documentBytes = 100});
  co_await create(suite, "counted-1", sized(20, "counted"), "", "the first");
  co_await create(suite, "counted-2", sized(20, "counted/east"), "", "one below");
  co_await create(suite, "counted-3", sized(1, "counted/east/far"), "quota.documents", "one too many, below");
  co_await create(suite, "counted-3", sized(1, "counteds"), "", "a folder is no beginning of a name");
  co_await change(suite, "counted-3", sized(1, "counted"), "quota.documents", "one that moves in");
  co_await change(suite, "counted-1", sized(20, "counted/east"), "", "one that moves below its quota");
  co_await change(suite, "counted-1", sized(81), "quota.bytes", "one that grows too much");
  co_await change(suite, "counted-1", sized(80), "", "one that grows as far as may be");
  co_await change(suite, "counted-1", sized(80), "", "one that does not grow where all is full");
  co_await change(suite, "counted-1", sized(10), "", "one that shrinks");
  suite.expect(co_await suite.of(suite.store.bin("counted-2", {}, suite.waker())), "", "one goes into the bin");
  co_await change(suite, "counted-3", sized(1, "counted"), "quota.documents", "what is in the bin counts");
  suite.expect(co_await suite.of(suite.store.purge("counted-2", {}, suite.waker())), "", "and goes for good");
  co_await change(suite, "counted-3", sized(1, "counted"), "", "which makes room");
  co_return Unit{};
}

/// counted-1 has 10 bytes and counted-3 one.
Checked checkVersions(Suite& suite) {
  co_await bound(suite, "counted", {.versions = 2, .documentBytes = 30});
  co_await keep(suite, "counted-1", "", "the first version");
  co_await keep(suite, "counted-1", "quota.bytes", "one that is too much");
  co_await keep(suite, "counted-3", "", "a small one");
  co_await keep(suite, "counted-3", "quota.versions", "one too many");
  co_await bound(suite, "", {.versions = 2});
  co_await bound(suite, "counted", {.documents = 2, .versions = 100});
  co_await keep(suite, "counted-3", "quota.versions", "the quota of the root holds all");
  QuotaQuery query{.folder = "counted"};
  const auto page = co_await suite.of(suite.quotas.page(query, suite.waker()));
  const bool told = page && page->quotas.size() == 1 && page->quotas[0].documents == 2 &&
                    page->quotas[0].versions == 2 && page->quotas[0].documentBytes == 22 &&
                    page->quotas[0].quota.documents == 2 && page->quotas[0].quota.versions == 100;
  if (!told) suite.found.emplace_back("a page does not tell what is taken");
  // With its versions it is too much where it goes.
  co_await bound(suite, "elsewhere", {.versions = 3, .documentBytes = 15});
  co_await change(suite, "counted-1", sized(10, "elsewhere"), "quota.bytes", "one that moves with its versions");
  co_await change(suite, "counted-3", sized(1, "elsewhere"), "", "a small one that moves");
  for (const auto* folder : {"", "counted", "elsewhere"}) {
    suite.expect(co_await suite.of(suite.quotas.remove(folder, suite.waker())), "", "a quota goes");
  }
  co_await keep(suite, "counted-1", "", "without quotas all is taken");
  co_return Unit{};
}

}  // namespace

api::Job<std::vector<std::string>> checkDocumentQuotas(Quotas& quotas, Store& store, api::Strand& strand) {
  Suite suite{quotas, store, strand};
  co_await checkDocuments(suite);
  co_await checkVersions(suite);
  co_return std::move(suite.found);
}

}  // namespace weir::store
