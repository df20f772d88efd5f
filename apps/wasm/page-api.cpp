// Requests, answers and runs of the API in a module.
#include "apps/wasm/page-api.h"

#include <algorithm>
#include <utility>

#include "apps/wasm/page-run.h"
#include "apps/wasm/page-store.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "hosts/browser/run-files.h"
#include "service/store/memory/memory-store.h"

namespace weir::wasm {
namespace {

using browser::RunFiles;

/// A run of the page, as the API sees it.
class ApiRun final : public api::FlowRun {
 public:
  ApiRun(std::unique_ptr<RunFiles> files, std::unique_ptr<PageRun> run)
      : files_(std::move(files)), run_(std::move(run)) {}

  const std::string& id() const override { return run_->id(); }
  double work(double budgetMs) override {
    const auto next = run_->work(budgetMs);
    if (next == PageRun::kFinished && !end_) {
      end_ = api::RunEnd{std::string(run_->outcome()), run_->error(), run_->resultJson()};
    }
    return next;
  }
  std::optional<Rows> read(std::size_t outlet, std::string& lines) override {
    const auto before = lines.size();
    const auto credit = run_->readJson(run_->outlets()[outlet], lines);
    if (credit < 0) return std::nullopt;
    return Rows{std::count(lines.begin() + static_cast<std::ptrdiff_t>(before), lines.end(), '\n'), credit};
  }
  void credit(std::size_t outlet, std::int64_t bytes) override { run_->credit(run_->outlets()[outlet], bytes); }
  void cancel() override { run_->cancel(); }
  const api::RunEnd* end() const override { return end_ ? &*end_ : nullptr; }

 private:
  std::unique_ptr<RunFiles> files_;  // outlives the run
  std::unique_ptr<PageRun> run_;
  std::optional<api::RunEnd> end_;
};

/// What the order says, and its outlets.
std::string requestOf(const api::RunOrder& order) {
  std::string text;
  json::Writer out(text);
  out.beginObject();
  const auto options = json::parse(order.options);
  if (options && options->root().isObject()) {
    for (const auto& member : *options->root().asObject()) out.key(member.key).value(member.value);
  }
  out.key("outlets").beginArray();
  for (const auto& outlet : order.outlets) {
    out.beginObject().key("node").value(outlet.node).key("port").value(outlet.port).endObject();
  }
  out.endArray().endObject();
  return text;
}

std::string textIn(const json::Value& root, std::string_view key, std::string otherwise) {
  const auto* found = root.find(key);
  return found != nullptr && found->isString() ? *found->asString() : std::move(otherwise);
}

void readNumber(const json::Value& root, std::string_view key, std::int64_t& into) {
  const auto* found = root.find(key);
  if (found != nullptr && found->asInt64() != nullptr) into = std::max<std::int64_t>(0, *found->asInt64());
}

}  // namespace

std::expected<std::unique_ptr<api::FlowRun>, flow::Problems> PageRunner::start(api::RunOrder order) {
  auto files = std::make_unique<RunFiles>();
  for (auto& file : order.files) {
    auto put = files->put(file.path, std::move(file.content));
    if (put) continue;
    flow::Problems problems;
    problems.error(put.error().code, "", put.error().message);
    return std::unexpected(std::move(problems));
  }
  auto run = PageRun::make(page_, page_.hostsWith(*files), order.flow, requestOf(order));
  if (!run) return std::unexpected(std::move(run.error()));
  return std::make_unique<ApiRun>(std::move(files), std::move(*run));
}

Result<std::unique_ptr<PageApi>> PageApi::make(Page& page, std::string_view options) {
  WEIR_ASSIGN(const auto parsed, json::parse(options));
  const auto& root = parsed.root();
  api::Place place;
  place.where = textIn(root, "where", "this process");
  place.application = textIn(root, "application", "");
  place.host = "browser";
  readNumber(root, "maxBodyBytes", place.mostBodyBytes);
  api::ExecutionLimits limits;
  readNumber(root, "executionTimeout", limits.longestMs);
  readNumber(root, "readerTimeout", limits.lingerMs);
  readNumber(root, "maxConcurrentExecutions", limits.running);
  readNumber(root, "keptExecutions", limits.kept);
  const auto flows = textIn(root, "flows", "memory");
  if (flows != "memory" && flows != "host") return fail("settings.invalid", "'flows' is \"memory\" or \"host\"");
  std::unique_ptr<store::Store> store;
  if (flows == "host")
    store = std::make_unique<PageStore>(page.calls());
  else
    store = std::make_unique<store::MemoryStore>(page.clock());
  return std::make_unique<PageApi>(page, std::move(place), limits, std::move(store));
}

PageApi::PageApi(Page& page, api::Place place, api::ExecutionLimits limits, std::unique_ptr<store::Store> store)
    : store_(std::move(store)),
      runner_(page),
      once_(page.clock()),
      api_(std::move(place), limits, page.clock(), page.catalogue(), *store_, runner_, {},
           {.once = &once_, .zones = &page.zones()}) {}

api::Exchange* PageApi::of(std::uint32_t exchange) {
  const auto found = exchanges_.find(exchange);
  return found == exchanges_.end() ? nullptr : found->second.get();
}

std::uint32_t PageApi::begin(std::string_view head) {
  browser::WireReader wire(head);
  api::Request request;
  request.method = wire.text();
  request.path = wire.text();
  request.query = wire.text();
  const auto headers = wire.word();
  for (std::uint32_t i = 0; i < headers && wire.intact(); ++i) {
    auto& header = request.headers.emplace_back();
    header.name = wire.text();
    header.value = wire.text();
  }
  exchanges_.emplace(++last_, api_.begin(std::move(request)));
  return last_;
}

bool PageApi::body(std::uint32_t exchange, std::string_view piece, bool last) {
  auto* found = of(exchange);
  if (found == nullptr) return false;
  found->body(piece);
  if (last) found->endBody();
  return found->takesBody();
}

double PageApi::work(double budgetMs) {
  for (auto& [number, exchange] : exchanges_) exchange->step();
  return api_.work(budgetMs);
}

bool PageApi::answer(std::uint32_t exchange, std::string& head) {
  auto* found = of(exchange);
  if (found == nullptr || found->answer() == nullptr) return false;
  const auto& response = *found->answer();
  browser::WireWriter wire;
  wire.word(static_cast<std::uint32_t>(response.status)).flag(response.stream != nullptr);
  wire.word(static_cast<std::uint32_t>(response.headers.size()));
  for (const auto& header : response.headers) wire.text(header.name).text(header.value);
  if (!response.stream) wire.text(response.body);
  head = wire.bytes();
  return true;
}

api::BodyStream::Next PageApi::next(std::uint32_t exchange, std::string& piece) {
  auto* found = of(exchange);
  return found == nullptr ? api::BodyStream::Next::end : found->next(piece);
}

}  // namespace weir::wasm
