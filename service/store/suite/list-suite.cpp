// What lists of schedules and of quotas must do: pages, filters, and the rights of who asks.
#include <utility>

#include "service/store/suite/suite.h"

namespace weir::store {
namespace {

struct Suite {
  Schedules& schedules;
  Quotas& quotas;
  Store& store;
  api::Strand& strand;
  std::vector<std::string> found{};

  template <class T>
  [[nodiscard]] auto of(Operation<T> operation) {
    return strand.of(std::move(operation));
  }
  [[nodiscard]] const Waker& waker() const { return strand.waker(); }
  void expect(bool good, std::string what) {
    if (!good) found.push_back(std::move(what));
  }
};

using Checked = api::Job<Unit>;

struct Planned {
  const char *id, *flow, *folder, *name;
  bool paused;
};
/// Two have one name, and one has a name of two lines.
constexpr Planned kPlanned[] = {{"paged-1", "paged-a", "paged", "alike", false},
                                {"paged-2", "paged-a", "paged", "alike", true},
                                {"paged-3", "paged-b", "paged/east", "two\nlines", false},
                                {"paged-4", "paged-c", "pageds", "zeta", false}};

/// The ids on all pages of so many, with | between them.
api::Job<std::string> paged(Suite& suite, ScheduleQuery query, std::int64_t limit) {
  std::string ids;
  query.limit = limit;
  for (int pages = 0; pages < 20; ++pages) {
    const auto page = co_await suite.of(suite.schedules.page(query, suite.waker()));
    if (!page) co_return std::string(page.error().code);
    for (const auto& one : page->schedules) {
      if (one.id.starts_with("paged-")) ids += one.id.substr(6);
    }
    if (page->place.empty()) break;
    query.after = page->place;
    ids += '|';
  }
  co_return ids;
}

Checked expectPages(Suite& suite, ScheduleQuery query, std::int64_t limit, std::string wanted, std::string what) {
  const auto got = co_await paged(suite, std::move(query), limit);
  suite.expect(got == wanted, what + ": '" + got + "' instead of '" + wanted + "'");
  co_return Unit{};
}

Checked checkSchedulePages(Suite& suite) {
  ScheduleQuery query{.flow = {}};
  const auto seen = [](std::vector<std::string> folders, std::vector<std::string> flows,
                       std::vector<std::string> within = {}) {
    return ScheduleQuery{.flow = {}, .visible = auth::Reach{std::move(folders), std::move(flows), std::move(within)}};
  };
  co_await expectPages(suite, seen({"paged", "pageds"}, {}), 10, "1234", "schedules are listed by name");
  co_await expectPages(suite, seen({"paged", "pageds"}, {}), 1, "1|2|3|4", "page after page, each once");
  co_await expectPages(suite, seen({"paged", "pageds"}, {}), 2, "12|34", "and no page behind the last");
  co_await expectPages(suite, seen({"paged"}, {}), 10, "123", "a folder is no beginning of a name");
  co_await expectPages(suite, seen({}, {"paged-c"}), 10, "4", "those of a flow that is seen alone");
  co_await expectPages(suite, seen({}, {}), 10, "", "who sees nothing is shown nothing");
  co_await expectPages(suite, seen({""}, {}, {"paged/east"}), 10, "3", "a scope cuts what is seen");
  query.flow = "paged-a";
  co_await expectPages(suite, query, 10, "12", "those of a flow");
  query.paused = true;
  co_await expectPages(suite, query, 10, "2", "those that are paused");
  query.paused = false;
  co_await expectPages(suite, query, 10, "1", "those that are not");
  co_await expectPages(suite, {.flow = {}, .folder = "paged"}, 1, "1|2|3", "those of a folder and below, in pages");
  co_await expectPages(suite, {.flow = {}, .after = "no place"}, 10, "storage.invalid", "a place that no page gave");
  co_return Unit{};
}

Checked checkQuotaPages(Suite& suite) {
  const auto listed = [&suite](QuotaQuery query) -> api::Job<std::string> {
    std::string folders;
    for (int pages = 0; pages < 20; ++pages) {
      const auto page = co_await suite.of(suite.quotas.page(query, suite.waker()));
      if (!page) co_return std::string(page.error().code);
      for (const auto& one : page->quotas) folders += "<" + one.folder + ">";
      if (!page->more) break;
      query.after = page->quotas.back().folder;
      folders += '|';
    }
    co_return folders;
  };
  const auto expect = [&](QuotaQuery query, std::string_view wanted, const char* what) -> Checked {
    const auto got = co_await listed(std::move(query));
    suite.expect(got == wanted, std::string(what) + ": '" + got + "'");
    co_return Unit{};
  };
  const auto seen = [](std::vector<std::string> folders) { return auth::Reach{std::move(folders), {"paged-a"}, {}}; };
  co_await expect({.folder = "paged", .limit = 1}, "<paged>|<paged/east>", "quotas of a folder and below, in pages");
  co_await expect({.limit = 1}, "<>|<paged>|<paged/east>|<pageds>", "behind that of the root come the others");
  co_await expect({.visible = seen({"paged/east", "pageds"})}, "<paged/east><pageds>", "only those that are seen");
  co_await expect({.visible = seen({})}, "", "the right to one flow shows no quota");
  co_return Unit{};
}

}  // namespace

api::Job<std::vector<std::string>> checkLists(Schedules& schedules, Quotas& quotas, Store& store, api::Strand& strand) {
  Suite suite{schedules, quotas, store, strand};
  for (const auto& one : kPlanned) {
    FlowChange flow;
    flow.document = "{}";
    flow.folder = one.folder;
    // The second schedule of a flow finds it there.
    static_cast<void>(co_await suite.of(store.create(one.flow, std::move(flow), suite.waker())));
    ScheduleRecord record;
    record.id = one.id;
    record.flow = one.flow;
    record.plan.name = one.name;
    record.plan.everyMs = 60'000;
    record.plan.paused = one.paused;
    suite.expect((co_await suite.of(schedules.create(std::move(record), suite.waker()))).has_value(), "it is made");
  }
  for (const auto* folder : {"pageds", "paged/east", "", "paged"}) {
    QuotaRecord record;
    record.folder = folder;
    record.quota.threads = 8;
    suite.expect((co_await suite.of(quotas.put(std::move(record), suite.waker()))).has_value(), "a quota is set");
  }
  co_await checkSchedulePages(suite);
  co_await checkQuotaPages(suite);
  for (const auto& one : kPlanned) static_cast<void>(co_await suite.of(schedules.remove(one.id, {}, suite.waker())));
  for (const auto* folder : {"pageds", "paged/east", "", "paged"}) {
    static_cast<void>(co_await suite.of(quotas.remove(folder, suite.waker())));
  }
  co_return std::move(suite.found);
}

}  // namespace weir::store
