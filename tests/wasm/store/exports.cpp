// What JavaScript calls in weir-store.wasm: the suite of stores, over a store that JavaScript answers for.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "apps/wasm/page-store.h"
#include "service/store/suite/suite.h"

namespace {

using Complaints = std::vector<std::string>;

/// The calls, and the suite that makes them.
struct Checking {
  weir::browser::Calls calls;
  weir::wasm::PageStore store{calls};
  weir::api::Strand strand;
  weir::api::Job<Complaints> job;
};

std::optional<Checking> checking_;
std::string answer_;

}  // namespace

#define WEIR_EXPORT(name) __attribute__((export_name(#name)))

extern "C" {

WEIR_EXPORT(weir_alloc) void* weirAlloc(std::uint32_t bytes) { return std::malloc(bytes); }
WEIR_EXPORT(weir_release) void weirRelease(void* bytes) { std::free(bytes); }
WEIR_EXPORT(weir_answer_at) const char* weirAnswerAt() { return answer_.data(); }
WEIR_EXPORT(weir_answer_bytes) std::uint32_t weirAnswerBytes() { return static_cast<std::uint32_t>(answer_.size()); }
WEIR_EXPORT(weir_answer) void weirAnswer(std::uint32_t id, std::uint32_t good, const char* bytes, std::uint32_t size) {
  checking_->calls.answer(id, good != 0, {bytes, size});
}

WEIR_EXPORT(weir_suite_begin) void weirSuiteBegin() {
  checking_.emplace();
  checking_->job = weir::store::checkStore(checking_->store, checking_->strand);
  checking_->job.start();
}
/// 1: it is through, and the answer has a line for each complaint.
WEIR_EXPORT(weir_suite_step) std::uint32_t weirSuiteStep() {
  checking_->strand.step();
  if (!checking_->job.done()) return 0;
  answer_.clear();
  for (const auto& complaint : checking_->job.take()) answer_ += complaint + "\n";
  return 1;
}
}
