// Tests of a flow: rows in place of its sources, and what its sinks would get compared.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/flow/flow-test.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"
#include "service/api/publishing.h"
#include "service/auth/secret-text.h"
#include "service/engines/previews.h"
#include "service/resources/previews/previews.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

using auth::Permission;

constexpr std::size_t kMostTests = 100;
/// What comes later is not run.
constexpr std::int64_t kLongestNanos = 60'000'000'000;

struct Asked {
  std::vector<flow::FlowTest> tests;
  std::vector<std::string> texts;  // the same, as JSON
  std::int64_t version = 0;        // 0: the draft
  std::string document;            // in its place
  bool effects = false;
};

Expected<void> readTests(const json::Value& root, Asked& asked) {
  const auto* tests = root.find("tests");
  if (tests == nullptr || !tests->isArray() || tests->asArray()->empty() || tests->asArray()->size() > kMostTests) {
    return refuse(400, "api.body", "'tests' is a list of 1 to 100 tests, as NAME.test.json has them");
  }
  auto read = flow::parseFlowTests(json::write(*tests));
  if (!read) return std::unexpected(refusalOf(read.error()));
  asked.tests = std::move(*read);
  for (const auto& test : *tests->asArray()) asked.texts.push_back(json::write(test));
  return {};
}

Expected<Asked> askedOf(const std::string& body) {
  const auto parsed = jsonOf(body);
  if (!parsed) return std::unexpected(parsed.error());
  const auto& root = parsed->root();
  if (!root.isObject()) return refuse(400, "api.body", "the body is an object with 'tests'");
  if (auto known = checkMembers(root, "tests version document effects"); !known)
    return std::unexpected(std::move(known.error()));
  Asked asked;
  if (auto read = readTests(root, asked); !read) return std::unexpected(std::move(read.error()));
  if (const auto* version = root.find("version")) {
    const bool draft = version->isString() && *version->asString() == "draft";
    if (!draft && (version->asInt64() == nullptr || *version->asInt64() < 1))
      return refuse(400, "api.body", "'version' is the number of a version, or \"draft\"");
    asked.version = draft ? 0 : *version->asInt64();
  }
  if (const auto* document = root.find("document")) {
    if (!document->isObject()) return refuse(400, "api.body", "'document' is a flow document");
    if (root.find("version") != nullptr)
      return refuse(400, "api.body", "give a 'version' or a 'document', not both: one of them is tested");
    asked.document = json::write(*document);
  }
  if (const auto* effects = root.find("effects")) {
    if (effects->asBool() == nullptr) return refuse(400, "api.body", "'effects' is true or false");
    asked.effects = *effects->asBool();
  }
  return asked;
}

/// Sinks are replaced; what changes something on the way to them is not.
Expected<void> checkEffects(const flow::FlowDocument& document, const Catalogue& catalogue, const Asked& asked) {
  if (asked.effects) return {};
  for (const auto& test : asked.tests) {
    for (const auto& node : document.nodes) {
      const auto* type = catalogue.find(node.typeId, node.version);
      if (type == nullptr || node.bypass || type->touches != Touches::writes) continue;
      const bool isSink =
          !type->inputs.empty() && std::ranges::none_of(document.edges, [&node](const flow::FlowEdge& edge) {
            return edge.source.node == node.id;
          });
      if (isSink || test.in.contains(node.id) || (!type->inputs.empty() && test.out.contains(node.id))) continue;
      return refuse(422, "preview.effects",
                    "in the test '" + test.name + "' the node '" + node.id +
                        "' may change something elsewhere; name it in 'in' or 'out', bypass it, or say \"effects\": "
                        "true to let it");
    }
  }
  return {};
}

void writeVerdict(json::Writer& out, const flow::FlowTest& test, const std::string& why) {
  out.beginObject().key("name").value(test.name).key("passed").value(why.empty());
  if (!why.empty()) out.key("why").value(why);
  out.endObject();
}

/// Empty: it has passed.
std::string whyOf(const engines::EngineEnd& end) {
  const auto result = json::parse(end.json);
  const auto* verdict = result ? result->root().find("test") : nullptr;
  const auto* passed = verdict != nullptr ? verdict->find("passed") : nullptr;
  if (passed == nullptr || passed->asBool() == nullptr)
    return end.message.empty() ? "it ended as " + end.outcome : end.message;
  if (*passed->asBool()) return {};
  const auto* why = verdict->find("why");
  return why != nullptr && why->asString() != nullptr ? *why->asString() : "it did not pass";
}

Job<Response> testFlow(Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->previews == nullptr)
    co_return toResponse({404, "api.not_found", "this server tests no flows"});
  const auto asked = askedOf(call.body);
  if (!asked) co_return toResponse(asked.error());
  const auto& id = call.parameters.front();
  auto flow = co_await call.of(call.services.store.read(id, call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  const auto folder = flow->head.folder;
  const auto what = "the flow '" + id + "'";
  const bool posted = !asked->document.empty();
  // A test says which rows came to a sink.
  for (const auto permission : {Permission::dataRead, posted ? Permission::flowEdit : Permission::dataRead}) {
    if (auto may = call.mustHave(permission, {folder, id}, what); !may) co_return toResponse(may.error());
  }
  auto text = posted ? asked->document : std::move(flow->document);
  if (asked->version > 0) {
    auto kept = co_await call.of(call.services.store.readVersion(id, asked->version, call.waker()));
    if (!kept) co_return toResponse(refusalOf(kept.error()));
    text = std::move(kept->document);
  }
  const auto document = flowOf(text);
  if (!document) co_return toResponse(document.error());
  // It has what its folder has and its caller may use there, whoever has published it.
  if (auto* publishing = call.services.publishing) {
    if (auto may = co_await publishing->mayUse(call, folder, *document); !may) co_return toResponse(may.error());
  }
  if (auto harmless = checkEffects(*document, call.services.catalogue, *asked); !harmless)
    co_return toResponse(harmless.error());
  std::string body;
  json::Writer out(body);
  std::int64_t passed = 0;
  const auto began = call.services.clock.steadyNanos();
  out.beginObject().key("tests").beginArray();
  for (std::size_t i = 0; i < asked->tests.size(); ++i) {
    if (call.services.clock.steadyNanos() - began > kLongestNanos) {
      writeVerdict(out, asked->tests[i], "it was not run: those before it took a minute");
      continue;
    }
    engines::EngineOrder order;
    order.run = "test-" + auth::newId();
    order.flow = text;
    auto started = server->previews->test(folder, std::move(order), asked->texts[i], call.waker());
    if (!started) co_return toResponse(refusalOf(started.error()));
    const auto& running = **started;
    co_await call.strand.until(running);
    const auto found = (*started)->take();
    if (!found.end || found.end->crashed)
      co_return toResponse({503, "engine.crashed", found.end ? found.end->message : "the test was given up"});
    const auto why = whyOf(*found.end);
    if (why.empty()) ++passed;
    writeVerdict(out, asked->tests[i], why);
  }
  out.endArray().key("passed").value(passed).key("failed").value(std::ssize(asked->tests) - passed).endObject();
  co_return jsonAnswer(std::move(body));
}

constexpr std::array kRoutes = {
    Route{.method = "POST",
          .pattern = "/flows/{flow}/test",
          .operation = "testFlow",
          .permission = "run.start",
          .summary = "Runs tests of a flow: their rows take the place of sources, what sinks would get is compared, "
                     "nothing is written or kept, and the clock stands still.",
          .takes = "TestRequest",
          .gives = "TestResults",
          .handler = testFlow,
          .object = Object::flow},
};

constexpr std::array kShapes = {
    Shape{"TestRequest", R"({
      "type": "object", "additionalProperties": false, "required": ["tests"],
      "properties": {
        "tests": {"type": "array", "minItems": 1, "maxItems": 100, "description": "As NAME.test.json has them.",
          "items": {"type": "object", "required": ["name", "out"], "properties": {
            "name": {"type": "string"}, "parameters": {"type": "object"},
            "clock": {"type": "string", "description": "Where the clock stands still: 2026-01-01T00:00:00Z unless said."},
            "seed": {"type": "integer"},
            "in": {"type": "object", "description": "By node: the rows that it gives.", "additionalProperties": {"type": "array", "items": {"type": "object"}}},
            "out": {"type": "object", "description": "By node: the rows that come to it.", "additionalProperties": {"type": "array", "items": {"type": "object"}}},
            "anyOrder": {"type": "boolean"}, "deadLetters": {"type": "integer"}, "exitCode": {"type": "integer"}}}},
        "version": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "enum": ["draft"]}], "description": "The draft unless said."},
        "document": {"type": "object", "description": "In place of the draft, for who may change it."},
        "effects": {"type": "boolean", "description": "true: nodes between sources and sinks that may change something elsewhere run too."}}})"},
    Shape{"TestResults", R"({
      "type": "object", "required": ["tests", "passed", "failed"],
      "properties": {
        "tests": {"type": "array", "items": {"type": "object", "required": ["name", "passed"], "properties": {
          "name": {"type": "string"}, "passed": {"type": "boolean"},
          "why": {"type": "string", "description": "The first difference, or why it could not be run."}}}},
        "passed": {"type": "integer"}, "failed": {"type": "integer"}}})"},
};

}  // namespace

std::span<const Route> testRoutes() { return kRoutes; }
std::span<const Shape> testShapes() { return kShapes; }

}  // namespace weir::api
