// Versions of flows that are kept: made, listed, read, compared, and gone back to.
#include <charconv>
#include <memory>
#include <utility>

#include "engine/flow/describe-diff.h"
#include "engine/flow/validate.h"
#include "engine/text/utf8.h"
#include "service/api/declared-fields.h"
#include "service/api/elsewhere.h"
#include "service/api/flow-answers.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"
#include "service/api/once.h"
#include "service/api/publishing.h"

namespace weir::api {
namespace {

void writeVersion(json::Writer& out, const store::VersionHead& head, std::string_view document = {}) {
  out.beginObject().key("number").value(head.number).key("label").value(head.label);
  out.key("message").value(head.message).key("published").value(head.published);
  out.key("createdAt").value(head.createdAt).key("bytes").value(head.bytes);
  if (!document.empty()) out.key("document").raw(document);
  out.endObject();
}

/// Characters of a label: it is a name that people pick from a list.
constexpr std::int64_t kMostLabel = 200;

/// {label?, message?, publish?}; no body is an empty one.
Expected<store::NewVersion> newVersionOf(const std::string& body) {
  store::NewVersion version;
  if (body.empty()) return version;
  const auto parsed = jsonOf(body);
  if (!parsed) return std::unexpected(parsed.error());
  const auto& root = parsed->root();
  if (auto known = checkMembers(root, "label message publish"); !known)
    return std::unexpected(std::move(known.error()));
  for (const auto& [key, into] : {std::pair("label", &version.label), std::pair("message", &version.message)}) {
    const auto* given = root.find(key);
    if (given == nullptr) continue;
    if (!given->isString()) return refuse(400, "api.body", "'" + std::string(key) + "' is a text");
    *into = *given->asString();
  }
  if (const auto count = utf8::countCodePoints(version.label); count > kMostLabel) {
    return refuse(400, "api.body",
                  "'label' has " + std::to_string(count) + " characters, and may have " + std::to_string(kMostLabel) +
                      "; what is longer goes into 'message'");
  }
  if (const auto* publish = root.find("publish")) {
    if (publish->asBool() == nullptr) return refuse(400, "api.body", "'publish' is true or false");
    version.published = *publish->asBool();
  }
  return version;
}

/// The version that the path names.
Expected<std::int64_t> numberOf(const Call& call) {
  const auto& text = call.parameters[1];
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number > 0) return number;
  return refuse(404, "storage.not_found", "'" + text + "' is no version; versions are numbered from 1");
}

/// Of two documents, as JSON; `format`: also in words.
Expected<std::string> difference(const std::string& before, const std::string& after, bool all,
                                 const std::string& format, const Asker& asker) {
  const auto old = flowOf(before);
  if (!old) return std::unexpected(old.error());
  const auto now = flowOf(after);
  if (!now) return std::unexpected(now.error());
  if (asker.gone()) return givenUp();
  const auto diff = flow::diffFlows(*old, *now, {.all = all});
  auto answer = flow::toJson(diff);
  if (!format.empty()) answer.set("text", format == "text" ? flow::textOf(diff, false) : flow::markdownOf(diff));
  return json::write(answer);
}

/// A document that is kept, and what is kept of it if it becomes the flow's again.
struct Kept {
  flow::FlowDocument document;
  store::FlowChange change;
};

Expected<Kept> keptAgain(const std::string& text) {
  auto document = flowOf(text);
  if (!document) return std::unexpected(std::move(document.error()));
  auto change = changeOf(*document);
  if (!change) return std::unexpected(std::move(change.error()));
  return Kept{std::move(*document), std::move(*change)};
}

}  // namespace

Job<Response> appendVersion(Call& call) {
  auto& store = call.services.store;
  const auto& id = call.parameters.front();
  auto revision = co_await ifGiven(call);
  if (!revision) co_return toResponse(revision.error());
  auto version = newVersionOf(call.body);
  if (!version) co_return toResponse(version.error());
  const auto flow = co_await call.of(store.read(id, call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  const auto read = [&call, &text = flow->document, publish = version->published] {
    return call.aside(text.size(), [text, publish, &catalogue = call.services.catalogue] {
      return publish ? runnableOf(text, catalogue) : flowOf(text);
    });
  };
  std::optional<flow::FlowDocument> document;
  if (version->published || version->label.empty()) {
    auto given = co_await read();
    if (given) {
      document = std::move(*given);
    } else if (version->published) {
      co_return toResponse(std::move(given.error()));
    }
  }
  auto* publishing = version->published ? call.services.publishing : nullptr;
  std::unique_ptr<Publishing::Claims> claims;
  if (version->published) {
    const auto& head = flow->head;
    const auto may = co_await mayDeclareFields(call, id, head.folder, head.publishedVersion, flow->document);
    if (!may) co_return toResponse(may.error());
  }
  if (publishing != nullptr) {
    const auto& folder = flow->head.folder;
    if (auto may = co_await publishing->mayUse(call, folder, *document); !may) co_return toResponse(may.error());
    if (auto has = publishing->has(folder, *document); !has) co_return toResponse(has.error());
    claims = publishing->claims();
    if (auto free = claims->claim(call, id, folder, *document); !free) co_return toResponse(free.error());
  }
  if (version->label.empty() && document) version->label = document->flowVersion;
  const auto answer = [path = call.request.path](const store::VersionHead& head) {
    std::string body;
    json::Writer out(body);
    writeVersion(out, head);
    auto response = jsonAnswer(std::move(body), 201);
    response.with("location", path + "/" + std::to_string(head.number));
    return response;
  };
  answering<store::VersionHead>(call, answer);
  // What was looked at is what is kept.
  const auto wanted = revision->value_or(flow->head.revision);
  if (claims) claims->goWithNext();
  const auto made = co_await call.of(call.changing().appendVersion(id, wanted, std::move(*version), call.waker()));
  if (!made) co_return toResponse(refusalOf(made.error()));
  co_return answer(*made);
}

Job<Response> listVersions(Call& call) {
  const auto limit = call.query.number("limit", 50);
  const auto versions = co_await call.of(
      call.services.store.listVersions(call.parameters.front(), call.query.number("before", 0), limit, call.waker()));
  if (!versions) co_return toResponse(refusalOf(versions.error()));
  std::string body;
  json::Writer out(body);
  out.beginObject().key("versions").beginArray();
  for (const auto& version : *versions) writeVersion(out, version);
  out.endArray();
  if (std::ssize(*versions) == limit && versions->back().number > 1) out.key("next").value(versions->back().number);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getVersion(Call& call) {
  const auto number = numberOf(call);
  if (!number) co_return toResponse(number.error());
  const auto version = co_await call.of(call.services.store.readVersion(call.parameters[0], *number, call.waker()));
  if (!version) co_return toResponse(refusalOf(version.error()));
  std::string body;
  json::Writer out(body);
  writeVersion(out, version->head, version->document);
  co_return jsonAnswer(std::move(body));
}

Job<Response> diffVersions(Call& call) {
  const auto number = numberOf(call);
  if (!number) co_return toResponse(number.error());
  auto& store = call.services.store;
  const auto& id = call.parameters[0];
  auto before = co_await call.of(store.readVersion(id, *number, call.waker()));
  if (!before) co_return toResponse(refusalOf(before.error()));
  std::string after;
  if (const auto with = call.query.number("with", 0); with > 0) {
    auto version = co_await call.of(store.readVersion(id, with, call.waker()));
    if (!version) co_return toResponse(refusalOf(version.error()));
    after = std::move(version->document);
  } else {
    auto flow = co_await call.of(store.read(id, call.waker()));
    if (!flow) co_return toResponse(refusalOf(flow.error()));
    after = std::move(flow->document);
  }
  const auto bytes = before->document.size() + after.size();
  auto answer =
      co_await call.aside(bytes, [before = std::move(before->document), after = std::move(after),
                                  all = call.query.flag("all"), format = call.query.text("format")](
                                     const Asker& asker) { return difference(before, after, all, format, asker); });
  co_return answer ? jsonAnswer(std::move(*answer)) : toResponse(std::move(answer.error()));
}

Job<Response> restoreVersion(Call& call) {
  const auto number = numberOf(call);
  if (!number) co_return toResponse(number.error());
  const auto wanted = co_await revisionOf(call);
  if (!wanted) co_return toResponse(wanted.error());
  auto& store = call.services.store;
  const auto& id = call.parameters[0];
  const auto version = co_await call.of(store.readVersion(id, *number, call.waker()));
  if (!version) co_return toResponse(refusalOf(version.error()));
  auto known = co_await call.aside(version->document.size(), [text = version->document] { return keptAgain(text); });
  if (!known) co_return toResponse(known.error());
  const auto* document = &known->document;
  const auto flow = co_await call.of(store.read(id, call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  if (auto* publishing = call.services.publishing) {
    if (auto may = co_await publishing->mayUse(call, flow->head.folder, *document); !may)
      co_return toResponse(may.error());
  }
  // Going back to what is there already changes nothing, so the request may be sent again.
  if (flow->document == version->document && !flow->head.binnedAt) co_return headAnswer(flow->head, 200);
  const auto revision = wanted->value_or(flow->head.revision);
  answering<store::FlowHead>(call, [](const store::FlowHead& changed) { return headAnswer(changed, 200); });
  const auto head = co_await call.of(call.changing().replace(id, revision, std::move(known->change), call.waker()));
  if (!head) co_return toResponse(refusalOf(head.error()));
  co_return headAnswer(*head, 200);
}

}  // namespace weir::api
