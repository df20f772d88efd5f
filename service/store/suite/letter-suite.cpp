// What keeps the index of dead letters must do, call by call.
#include <array>
#include <utility>

#include "service/store/suite/suite.h"

namespace weir::store {
namespace {

struct Suite {
  LetterIndex& index;
  Runs& runs;
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

StoredRun runIn(const std::string& id, const std::string& flow, const std::string& folder) {
  StoredRun run;
  run.record.id = id;
  run.record.flow = flow;
  run.record.folder = folder;
  run.record.starter = "anna";
  run.record.owner = "suite";
  run.record.leaseUntil = 60'000;
  run.document = "{}";
  return run;
}

LetterSegment segmentOf(const std::string& run, const std::string& file, std::vector<LetterCause> causes) {
  return {.run = run, .file = file, .bytes = 100, .modified = 5, .causes = std::move(causes)};
}

std::string namesOf(const Result<std::vector<LetterRun>>& runs) {
  if (!runs) return std::string(runs.error().code);
  std::string names;
  for (const auto& one : *runs) names += (names.empty() ? "" : " ") + one.run;
  return names;
}

std::string numbersOf(const Result<std::vector<LetterCount>>& counts) {
  if (!counts) return std::string(counts.error().code);
  std::string text;
  for (const auto& one : *counts) {
    text += (text.empty() ? "" : ", ") + one.flow + one.run + one.node + one.code + " " + std::to_string(one.letters) +
            "/" + std::to_string(one.edited) + "/" + std::to_string(one.runs);
  }
  return text;
}

api::Job<Unit> checkCounts(Suite& suite) {
  const auto counted = [&suite](LetterQuery query, LetterGroup group) {
    return suite.of(suite.index.counts(std::move(query), group, 10, suite.waker()));
  };
  const auto expect = [&suite](const Result<std::vector<LetterCount>>& counts, const std::string& wanted,
                               const std::string& what) {
    const auto got = numbersOf(counts);
    suite.expect(got == wanted, what + ": expected " + wanted + ", and " + got);
  };
  expect(co_await counted({}, LetterGroup::flow), "f 9/1/2, g 1/0/1", "counts of flows, the largest first");
  expect(co_await counted({.flow = "f"}, LetterGroup::cause), "fax 7/1/2, fby 2/0/1", "counts of causes of a flow");
  expect(co_await counted({.flow = "f"}, LetterGroup::run), "flettered-1 6/1/1, flettered-2 3/0/1", "counts of runs");
  expect(co_await counted({.codes = {"y"}}, LetterGroup::flow), "f 2/0/1", "counts with a code");
  expect(co_await counted({.edited = true}, LetterGroup::flow), "f 1/1/1", "counts of mended ones");
  expect(co_await counted({.edited = false}, LetterGroup::flow), "f 8/1/2, g 1/0/1",
         "counts of those that are not mended");
  expect(co_await counted({.folder = "team"}, LetterGroup::flow), "f 9/1/2", "counts of a folder and below it");
  expect(co_await counted({.visible = auth::Reach{.folders = {"team/a"}}}, LetterGroup::flow), "f 9/1/2",
         "counts of folders that may be seen");
  expect(co_await counted({.visible = auth::Reach{.flows = {"g"}}}, LetterGroup::flow), "",
         "counts of a flow that may be seen and lies nowhere now");
  expect(co_await counted({.visible = auth::Reach{.folders = {""}, .within = {"other"}}}, LetterGroup::flow), "g 1/0/1",
         "counts that are cut to folders");
  expect(co_await counted({.visible = auth::Reach{}}, LetterGroup::flow), "", "nothing may be seen");
  const auto times = co_await counted({.flow = "f"}, LetterGroup::flow);
  suite.expect(times && times->size() == 1 && times->front().firstAt == 10 && times->front().lastAt == 40,
               "the first and last time are told");
  co_return Unit{};
}

api::Job<Unit> checkRuns(Suite& suite) {
  const auto listed = [&suite](LetterQuery query, std::int64_t upTo, std::int64_t limit) {
    return suite.of(suite.index.runs(std::move(query), upTo, limit, suite.waker()));
  };
  const auto all = co_await listed({}, 0, 10);
  suite.expect(namesOf(all) == "lettered-3 lettered-2 lettered-1", "runs that have letters, the newest first");
  const auto first = co_await listed({}, 0, 1);
  suite.expect(namesOf(first) == "lettered-3", "so many runs as were asked for");
  if (!first || first->empty()) co_return Unit{};
  suite.expect(namesOf(co_await listed({}, first->front().number - 1, 10)) == "lettered-2 lettered-1",
               "runs behind those of a page");
  suite.expect(first->front().folder == "other" && first->front().flow == "g", "a run has its flow and folder");
  suite.expect(namesOf(co_await listed({.nodes = {"b"}}, 0, 10)) == "lettered-1", "runs with letters of a node");
  suite.expect(
      namesOf(co_await listed({.visible = auth::Reach{.folders = {"team"}}}, 0, 10)) == "lettered-2 lettered-1",
      "runs that may be seen");
  co_return Unit{};
}

}  // namespace

api::Job<std::vector<std::string>> checkLetterIndex(LetterIndex& index, Runs& runs, api::Strand& strand) {
  Suite suite{index, runs, strand};
  for (const auto& [id, flow, folder] : {std::array<std::string, 3>{"lettered-1", "f", "team/a"},
                                         std::array<std::string, 3>{"lettered-2", "f", "team/a"},
                                         std::array<std::string, 3>{"lettered-3", "g", "other"}}) {
    const auto made = co_await suite.of(runs.create(runIn(id, flow, folder), suite.waker()));
    suite.expect(made.has_value(), "a run is made");
  }
  std::vector<LetterSegment> segments{
      segmentOf("lettered-1", "1.arrows", {{"a", "x", 3, 1, 20, 30}, {"b", "y", 2, 0, 10, 10}}),
      segmentOf("lettered-1", "2.arrows", {{"a", "x", 1, 0, 40, 40}}),
      segmentOf("lettered-2", "1.arrows", {{"a", "x", 9, 9, 5, 50}}),
      segmentOf("lettered-3", "1.arrows", {{"a", "x", 1, 0, 10, 10}}),
      segmentOf("lettered-none", "1.arrows", {{"a", "x", 1, 0, 10, 10}}),
  };
  static_cast<void>(co_await suite.of(index.put(segments, {}, suite.waker())));
  // A file that has changed counts as it is now.
  segments = {segmentOf("lettered-2", "1.arrows", {{"a", "x", 3, 0, 20, 30}})};
  static_cast<void>(co_await suite.of(index.put(segments, {}, suite.waker())));
  const auto known = co_await suite.of(index.segments(suite.waker()));
  suite.expect(known && known->size() == 4, "files of runs that have no record are not known");
  co_await checkCounts(suite);
  co_await checkRuns(suite);
  static_cast<void>(co_await suite.of(index.put({}, {segmentOf("lettered-3", "1.arrows", {})}, suite.waker())));
  const auto left = co_await suite.of(index.runs({}, 0, 10, suite.waker()));
  suite.expect(namesOf(left) == "lettered-2 lettered-1", "a file that is gone counts no more");
  co_return std::move(suite.found);
}

}  // namespace weir::store
