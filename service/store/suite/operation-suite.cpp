// What the log of operations must do, call by call.
#include <algorithm>
#include <utility>

#include "service/store/suite/suite.h"

namespace weir::store {
namespace {

struct Suite {
  OperationLog& log;
  api::Strand& strand;
  std::vector<std::string> found{};

  void expect(bool good, std::string what) {
    if (!good) found.push_back(std::move(what));
  }

  api::Job<Result<Appended>> append(std::string flow, std::int64_t after, std::vector<std::string> texts,
                                    std::string author = "ann") {
    std::vector<NewOperation> operations;
    for (auto& text : texts) operations.push_back({"base of " + text, std::move(text)});
    co_return co_await strand.of(
        log.append(std::move(flow), after, std::move(author), std::move(operations), strand.waker()));
  }

  /// The operations of a page, and the numbers of the log: "a b; 1-2".
  api::Job<std::string> read(std::string flow, OperationQuery query = {}) {
    const auto page = co_await strand.of(log.operations(std::move(flow), query, strand.waker()));
    if (!page) co_return std::string(page.error().code);
    std::string text;
    for (const auto& one : page->operations) text += one.operation + " ";
    co_return text + "; " + std::to_string(page->oldest) + "-" + std::to_string(page->last);
  }

  void same(const std::string& got, std::string_view wanted, std::string_view what) {
    expect(got == wanted, std::string(what) + ": '" + got + "', not '" + std::string(wanted) + "'");
  }
};

using Checked = api::Job<Unit>;

Checked checkAppend(Suite& suite) {
  suite.same(co_await suite.read("suite-log"), "; 0-0", "a new flow has an empty log");
  const auto first = co_await suite.append("suite-log", 0, {"a", "b"});
  suite.expect(first && first->fits && first->added == 2 && first->oldest == 1 && first->last == 2,
               "operations are numbered from 1");
  suite.same(co_await suite.read("suite-log"), "a b ; 1-2", "what was appended is read");
  const auto page = co_await suite.strand.of(suite.log.operations("suite-log", {}, suite.strand.waker()));
  suite.expect(page && page->operations.size() == 2 && page->operations[1].number == 2 &&
                   page->operations[1].author == "ann" && page->operations[1].base == "base of b" &&
                   page->operations[1].at > 0,
               "an operation has its number, author, time and base");
  const auto again = co_await suite.append("suite-log", 0, {"a", "b"});
  suite.expect(again && again->fits && again->added == 0 && again->last == 2, "the same again changes nothing");
  const auto more = co_await suite.append("suite-log", 1, {"b", "c"});
  suite.expect(more && more->fits && more->added == 1 && more->last == 3, "of some only the new ones are added");
  const auto early = co_await suite.append("suite-log", 0, {"a"});
  suite.expect(early && early->fits && early->added == 0 && early->last == 3, "what lies behind it does not matter");
  for (const auto& [after, text, author, what] :
       {std::tuple(0, "x", "ann", "another operation"), std::tuple(2, "c", "ben", "the same of another author"),
        std::tuple(4, "e", "ann", "a number that is not there yet")}) {
    const auto other = co_await suite.append("suite-log", after, {text}, author);
    suite.expect(other && !other->fits && other->added == 0 && other->last == 3, std::string(what) + " does not fit");
  }
  suite.same(co_await suite.read("suite-log"), "a b c ; 1-3", "what does not fit leaves the log as it was");
  co_return Unit{};
}

Checked checkPages(Suite& suite) {
  suite.same(co_await suite.read("suite-log", {.after = {}, .limit = 2}), "b c ; 1-3", "the newest, oldest first");
  suite.same(co_await suite.read("suite-log", {.after = 0, .limit = 2}), "a b ; 1-3", "from the beginning");
  suite.same(co_await suite.read("suite-log", {.after = 2, .limit = 2}), "c ; 1-3", "behind a number");
  suite.same(co_await suite.read("suite-log", {.after = 3, .limit = 2}), "; 1-3", "behind the last");
  suite.same(co_await suite.read("suite-none"), "storage.not_found", "of a flow that is not there");
  const auto none = co_await suite.append("suite-none", 0, {"a"});
  suite.expect(!none && none.error().code == "storage.not_found", "nothing is appended where no flow is");
  co_return Unit{};
}

Checked checkBounds(Suite& suite, const OperationBounds& bounds) {
  std::int64_t last = 0;
  for (std::int64_t i = 0; i < bounds.mostOperations + 3; ++i) {
    const auto done = co_await suite.append("suite-many", last, {"n" + std::to_string(i)});
    suite.expect(done && done->fits, "append of many");
    if (!done) co_return Unit{};
    last = done->last;
  }
  const auto page = co_await suite.strand.of(suite.log.operations("suite-many", {.after = 0}, suite.strand.waker()));
  suite.expect(page && page->oldest == 4 && page->last == bounds.mostOperations + 3 && !page->operations.empty() &&
                   page->operations.front().operation == "n3",
               "beyond the number of operations the oldest go, and numbers stay");
  const auto forgotten = co_await suite.append("suite-many", 0, {"n0"});
  suite.expect(forgotten && !forgotten->fits, "what was forgotten cannot be sent again");
  const std::string large(static_cast<std::size_t>(bounds.mostBytes / 6), 'x');
  last = 0;
  for (const auto* end : {"1", "2", "3", "4"}) {
    const auto done = co_await suite.append("suite-large", last, {large + end});
    suite.expect(done && done->fits, "append of a large one");
    if (done) last = done->last;
  }
  const auto kept = co_await suite.strand.of(suite.log.operations("suite-large", {.after = 0}, suite.strand.waker()));
  suite.expect(kept && kept->oldest == 3 && kept->last == 4 && kept->operations.size() == 2 &&
                   kept->operations.front().operation == large + "3",
               "beyond the bytes the oldest go, each as a whole");
  const auto bytes = co_await suite.strand.of(suite.log.bytesOfLogs(suite.strand.waker()));
  const auto ofLarge = bytes ? std::ranges::find(*bytes, "large", &std::pair<std::string, std::int64_t>::first)
                             : std::vector<std::pair<std::string, std::int64_t>>::const_iterator();
  suite.expect(bytes && ofLarge != bytes->end() && ofLarge->second > 2 * std::ssize(large) &&
                   ofLarge->second <= bounds.mostBytes,
               "the bytes of the logs of a folder are those that are kept");
  co_return Unit{};
}

Checked checkEnd(Suite& suite, Store& store) {
  auto& strand = suite.strand;
  static_cast<void>(co_await strand.of(store.bin("suite-log", {}, strand.waker())));
  const auto binned = co_await suite.append("suite-log", 3, {"d"});
  suite.expect(!binned && binned.error().code == "storage.in_bin", "nothing is appended in the bin");
  suite.same(co_await suite.read("suite-log"), "a b c ; 1-3", "in the bin it is read");
  static_cast<void>(co_await strand.of(store.restore("suite-log", {}, strand.waker())));
  const auto back = co_await suite.append("suite-log", 3, {"d"});
  suite.expect(back && back->fits && back->last == 4, "out of the bin it goes on");
  for (const auto* flow : {"suite-log", "suite-many", "suite-large"}) {
    static_cast<void>(co_await strand.of(store.bin(flow, {}, strand.waker())));
    static_cast<void>(co_await strand.of(store.purge(flow, {}, strand.waker())));
  }
  suite.same(co_await suite.read("suite-log"), "storage.not_found", "the log ends with the flow");
  static_cast<void>(co_await strand.of(store.create("suite-log", {}, strand.waker())));
  suite.same(co_await suite.read("suite-log"), "; 0-0", "another flow of the id begins anew");
  const auto bytes = co_await strand.of(suite.log.bytesOfLogs(strand.waker()));
  suite.expect(bytes && bytes->empty(), "logs that are gone take nothing");
  co_return Unit{};
}

}  // namespace

api::Job<std::vector<std::string>> checkOperations(OperationLog& log, const OperationBounds& bounds, Store& store,
                                                   api::Strand& strand) {
  Suite suite{log, strand};
  for (const auto& [id, folder] :
       {std::pair("suite-log", ""), std::pair("suite-many", ""), std::pair("suite-large", "large")}) {
    FlowChange flow;
    flow.document = "{}";
    flow.folder = folder;
    const auto made = co_await strand.of(store.create(id, flow, strand.waker()));
    suite.expect(made.has_value(), "create");
  }
  co_await checkAppend(suite);
  co_await checkPages(suite);
  co_await checkBounds(suite, bounds);
  co_await checkEnd(suite, store);
  co_return std::move(suite.found);
}

}  // namespace weir::store
