// What JavaScript calls. Texts come as address and length; answers lie where `weir_answer_at` and `weir_answer_bytes`
// say, until the next call. One thread, one caller.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "apps/wasm/documents.h"
#include "apps/wasm/module.h"
#include "apps/wasm/page-run.h"

namespace {

using weir::wasm::answer;
using weir::wasm::page;
using weir::wasm::PageRun;
using weir::wasm::textOf;

std::map<std::uint32_t, std::unique_ptr<PageRun>>& runs() {
  static std::map<std::uint32_t, std::unique_ptr<PageRun>> all;
  return all;
}

PageRun* runOf(std::uint32_t number) {
  const auto found = runs().find(number);
  return found == runs().end() ? nullptr : found->second.get();
}

/// 1, or 0 with the error as answer.
std::uint32_t said(const weir::Result<void>& result) {
  answer().clear();
  if (result) return 1;
  answer() = weir::wasm::errorJson(result.error());
  return 0;
}

}  // namespace

extern "C" {

WEIR_EXPORT(weir_alloc) void* weirAlloc(std::uint32_t bytes) {
  return std::aligned_alloc(64, (bytes + 63U) / 64U * 64U);
}
WEIR_EXPORT(weir_release) void weirRelease(void* bytes) { std::free(bytes); }
WEIR_EXPORT(weir_answer_at) const char* weirAnswerAt() { return answer().data(); }
WEIR_EXPORT(weir_answer_bytes) std::uint32_t weirAnswerBytes() { return static_cast<std::uint32_t>(answer().size()); }

/// Host call `id` is answered: good, or the wire of an error.
WEIR_EXPORT(weir_answer) void weirAnswer(std::uint32_t id, std::uint32_t good, const char* bytes, std::uint32_t size) {
  page().calls().answer(id, good != 0, textOf(bytes, size));
}
WEIR_EXPORT(weir_load) void weirLoad(double cpu, double memory, double loopLagMs, std::uint32_t hidden) {
  page().load().tell({cpu, memory, loopLagMs, hidden != 0});
}

/// A question about documents and nodes: JSON in, JSON out (documents.h).
WEIR_EXPORT(weir_ask) void weirAsk(const char* question, std::uint32_t bytes) {
  answer() = weir::wasm::answerTo(page(), textOf(question, bytes));
}

/// The number of the run, with {run, outlets} as answer; 0 with {problems}.
WEIR_EXPORT(weir_run_open)
std::uint32_t weirRunOpen(const char* flow, std::uint32_t flowBytes, const char* request, std::uint32_t requestBytes) {
  static std::uint32_t last = 0;
  auto made = PageRun::make(page(), textOf(flow, flowBytes), textOf(request, requestBytes));
  if (!made) {
    answer() = weir::wasm::problemsJson(made.error());
    return 0;
  }
  answer() = weir::wasm::openedJson(**made);
  runs().emplace(++last, std::move(*made));
  return last;
}
WEIR_EXPORT(weir_run_close) void weirRunClose(std::uint32_t run) { runs().erase(run); }
/// PageRun::work.
WEIR_EXPORT(weir_run_work) double weirRunWork(std::uint32_t run, double budgetMs) {
  auto* found = runOf(run);
  return found == nullptr ? PageRun::kFinished : found->work(budgetMs);
}
WEIR_EXPORT(weir_run_drain) void weirRunDrain(std::uint32_t run) {
  if (auto* found = runOf(run)) found->drain();
}
WEIR_EXPORT(weir_run_cancel) void weirRunCancel(std::uint32_t run) {
  if (auto* found = runOf(run)) found->cancel();
}
WEIR_EXPORT(weir_run_result) void weirRunResult(std::uint32_t run) {
  auto* found = runOf(run);
  answer() = found == nullptr ? std::string() : found->resultJson();
}
WEIR_EXPORT(weir_run_dead_letters) void weirRunDeadLetters(std::uint32_t run) {
  auto* found = runOf(run);
  answer() = found == nullptr ? std::string() : found->deadLetters();
}

/// The address of ArrowArray (64 bytes with padding), ArrowSchema, and the batch's bytes; 0: nothing waits.
WEIR_EXPORT(weir_outlet_read)
const void* weirOutletRead(std::uint32_t run, const char* outlet, std::uint32_t bytes) {
  auto* found = runOf(run);
  return found == nullptr ? nullptr : found->read(textOf(outlet, bytes));
}
/// The next batch as NDJSON in the answer; gives what it counts against the credit, -1 if none waits.
WEIR_EXPORT(weir_outlet_json)
double weirOutletJson(std::uint32_t run, const char* outlet, std::uint32_t bytes) {
  answer().clear();
  auto* found = runOf(run);
  return found == nullptr ? -1 : static_cast<double>(found->readJson(textOf(outlet, bytes), answer()));
}
WEIR_EXPORT(weir_outlet_credit)
void weirOutletCredit(std::uint32_t run, const char* outlet, std::uint32_t bytes, double credit) {
  if (auto* found = runOf(run)) found->credit(textOf(outlet, bytes), static_cast<std::int64_t>(credit));
}
WEIR_EXPORT(weir_outlet_ended)
std::uint32_t weirOutletEnded(std::uint32_t run, const char* outlet, std::uint32_t bytes) {
  auto* found = runOf(run);
  return found == nullptr || found->ended(textOf(outlet, bytes)) ? 1 : 0;
}

WEIR_EXPORT(weir_inlet_json)
std::uint32_t weirInletJson(std::uint32_t run, const char* inlet, std::uint32_t bytes, const char* lines,
                            std::uint32_t lineBytes) {
  auto* found = runOf(run);
  if (found == nullptr) return 0;
  return said(found->writeJson(textOf(inlet, bytes), textOf(lines, lineBytes)));
}
WEIR_EXPORT(weir_inlet_arrow)
std::uint32_t weirInletArrow(std::uint32_t run, const char* inlet, std::uint32_t bytes, ArrowArray* array,
                             ArrowSchema* schema) {
  auto* found = runOf(run);
  if (found == nullptr) return 0;
  return said(found->writeArrow(textOf(inlet, bytes), array, schema));
}
WEIR_EXPORT(weir_inlet_end) void weirInletEnd(std::uint32_t run, const char* inlet, std::uint32_t bytes) {
  if (auto* found = runOf(run)) found->endInlet(textOf(inlet, bytes));
}
WEIR_EXPORT(weir_inlet_waiting)
double weirInletWaiting(std::uint32_t run, const char* inlet, std::uint32_t bytes) {
  auto* found = runOf(run);
  return found == nullptr ? 0 : static_cast<double>(found->waiting(textOf(inlet, bytes)));
}

WEIR_EXPORT(weir_watch) std::uint32_t weirWatch(std::uint32_t run) {
  auto* found = runOf(run);
  return found == nullptr ? 0 : found->watch();
}
WEIR_EXPORT(weir_watch_send)
std::uint32_t weirWatchSend(std::uint32_t run, std::uint32_t watcher, const char* control, std::uint32_t bytes) {
  auto* found = runOf(run);
  if (found == nullptr) return 0;
  return said(found->receive(watcher, textOf(control, bytes)));
}
WEIR_EXPORT(weir_watch_take) void weirWatchTake(std::uint32_t run, std::uint32_t watcher) {
  auto* found = runOf(run);
  answer() = found == nullptr ? std::string() : found->due(watcher);
}
WEIR_EXPORT(weir_unwatch) void weirUnwatch(std::uint32_t run, std::uint32_t watcher) {
  if (auto* found = runOf(run)) found->unwatch(watcher);
}
}
