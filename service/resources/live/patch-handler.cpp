// Changes parts of a document, for those who draw together and send only what they changed.
#include <utility>

#include "engine/json/document.h"
#include "engine/json/patch.h"
#include "engine/json/writer.h"
#include "service/api/flow-answers.h"
#include "service/api/handlers.h"
#include "service/resources/live/live-routes.h"

namespace weir::api {
namespace {

/// What a patch may add to a document: as much as a body may have.
constexpr json::PatchLimits kLimits{.bytes = std::size_t{10} << 20, .operations = 20'000};

/// The document with the changes, or why they cannot be made.
Expected<std::string> changedText(const std::string& document, const std::string& patch, std::size_t mostBytes) {
  const auto changes = json::parse(patch);
  if (!changes) return refuse(400, "api.body", "the body is no JSON: " + changes.error().message);
  auto flow = json::parse(document);
  if (!flow) return refuse(500, flow.error().code, "the kept document cannot be read: " + flow.error().message);
  if (auto done = json::applyPatch(flow->root(), changes->root(), kLimits); !done) {
    return refuse(done.error().code == "json.too_large" ? 413 : 422, done.error().code,
                  std::move(done.error().message));
  }
  auto text = json::write(flow->root());
  if (text.size() <= mostBytes) return text;
  return refuse(413, "json.too_large",
                "the document would have " + std::to_string(text.size()) + " bytes; " + std::to_string(mostBytes) +
                    " are taken, as in a request with the whole of it");
}

}  // namespace

Job<Response> patchFlow(Call& call) {
  const auto wanted = co_await revisionOf(call);
  if (!wanted) co_return toResponse(wanted.error());
  const auto flow = co_await call.of(call.services.store.read(call.parameters.front(), call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  const auto tag = tagOf(flow->head.revision);
  if (*wanted && **wanted != flow->head.revision) {
    co_return toResponse(
        {412, "storage.changed",
         "the flow is at revision " + tag + " now, not at the one that the changes were made to: read it again"});
  }
  const auto bytes = flow->document.size() + call.body.size();
  auto text = co_await call.aside(bytes, [document = flow->document, patch = call.body,
                                          most = static_cast<std::size_t>(call.services.place.mostBodyBytes)] {
    return changedText(document, patch, most);
  });
  if (!text) co_return toResponse(text.error());
  // It is replaced as it was read, so that no change between the two is lost.
  auto request = call.request;
  std::erase_if(request.headers, [](const Header& header) { return header.name == "if-match"; });
  request.headers.push_back({"if-match", tag});
  Call replacing{call.services, call.route,       request,     call.parameters,
                 call.query,    std::move(*text), call.strand, call.principal};
  co_return co_await replaceFlow(replacing);
}

}  // namespace weir::api
