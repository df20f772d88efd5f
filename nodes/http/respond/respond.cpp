// Rows answer the requests they came from.
#include <optional>
#include <utility>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/data/value-json.h"
#include "engine/host/ingress.h"
#include "engine/node/row-expression.h"
#include "nodes/http/respond/respond.gen.h"

namespace weir::nodes::respond {
namespace {

struct Answering {
  std::optional<RowExpression> status, body;
  std::vector<std::pair<std::string, RowExpression>> headers;
  Settings settings;
};

std::string textOf(const Value& value) {
  if (value.isNull()) return {};
  if (value.kind() == ValueKind::string || value.kind() == ValueKind::bytes) return std::string(value.text());
  return toJson(value);
}

class Respond final : public Transform {
 public:
  Respond(Answering answering, NodeContext* context, Ingress* ingress)
      : answering_(std::move(answering)), context_(*context), ingress_(*ingress) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    std::vector<cel::RowError> errors;
    WEIR_ASSIGN(const auto status, answering_.status->evaluate(batch, errors));
    std::optional<Column> body;
    if (answering_.body) {
      WEIR_ASSIGN(body, answering_.body->evaluate(batch, errors));
    }
    std::vector<Column> headers;
    for (const auto& [name, expression] : answering_.headers) {
      WEIR_ASSIGN(auto column, expression.evaluate(batch, errors));
      headers.push_back(std::move(column));
    }
    const bool allGood = errors.empty();
    std::vector<bool> failed(allGood ? 0 : static_cast<std::size_t>(batch.rows()));
    for (const auto& error : errors) failed[error.row] = true;
    if (!allGood) static_cast<void>(failRows(errors, batch.rows(), io));
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      if (!allGood && failed[static_cast<std::size_t>(row)]) continue;
      IngressReply reply;
      const auto code = status.value(row);
      reply.status = code.kind() == ValueKind::int64 && code.int64() >= 200 && code.int64() <= 599
                         ? static_cast<int>(code.int64())
                         : 500;
      addBody(batch, row, body, reply);
      for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto value = headers[i].value(row);
        if (!value.isNull()) reply.headers.emplace_back(answering_.headers[i].first, textOf(value));
      }
      if (!answer(batch.envelope().place(row), std::move(reply))) ++unmatched_;
    }
    tell();
    return Flow::more;
  }

 private:
  void addBody(const Batch& batch, std::int64_t row, const std::optional<Column>& body, IngressReply& reply) const {
    const auto type = answering_.settings.bodyType;
    if (type == Settings::BodyType::none) return;
    const auto value = body ? body->value(row) : batch.row(row);
    const bool json = type == Settings::BodyType::json;
    reply.body = json ? toJson(value) : textOf(value);
    reply.contentType =
        answering_.settings.contentType.value_or(json ? "application/json" : "text/plain; charset=utf-8");
  }

  [[nodiscard]] bool answer(const EnvelopePlace& place, IngressReply reply) {
    const auto* origins = context_.origins();
    if (origins == nullptr || place.origin == 0 || place.origin > origins->nodes.size()) return false;
    return ingress_.answerRow(origins->nodes[place.origin - 1], static_cast<std::int64_t>(place.sequence),
                              std::move(reply));
  }

  void tell() {
    if (unmatched_ == 0 || told_) return;
    told_ = true;
    context_.log(
        LogLevel::warning,
        "answers a row that no request waits for (answered already, too late, or not of a webhook with reply respond)");
  }

  Answering answering_;
  NodeContext& context_;
  Ingress& ingress_;
  std::int64_t unmatched_ = 0;
  bool told_ = false;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* const ingress, context.host<Ingress>());
  Answering answering;
  answering.settings = settings;
  WEIR_ASSIGN(answering.status, RowExpression::compile(settings.status, "/settings/status", context));
  if (settings.bodyFrom) {
    WEIR_ASSIGN(answering.body, RowExpression::compile(*settings.bodyFrom, "/settings/bodyFrom", context));
  }
  if (const auto* members = settings.headers.asObject()) {
    for (const auto& member : *members) {
      const auto* text = member.value.asString();
      if (text == nullptr) return fail("settings.type", "/settings/headers/" + member.key + ": expected an expression");
      WEIR_ASSIGN(auto expression, RowExpression::compile(*text, "/settings/headers/" + member.key, context));
      answering.headers.emplace_back(member.key, std::move(expression));
    }
  }
  return makeNode<Respond>(std::move(answering), &context, ingress);
}

}  // namespace weir::nodes::respond
