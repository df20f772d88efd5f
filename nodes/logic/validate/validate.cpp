// Parts rows that fit a JSON Schema from those that do not.
#include "engine/data/batch-builder.h"
#include "engine/json/document.h"
#include "nodes/logic/row-split.h"
#include "nodes/logic/validate/row-schema.h"
#include "nodes/logic/validate/validate.gen.h"

namespace weir::nodes::validate {
namespace {

std::string sentenceOf(const std::vector<Value>& reasons) {
  std::string text;
  for (const auto& reason : reasons) {
    if (!text.empty()) text += "; ";
    text += reason.text();
  }
  return text;
}

class Validate final : public Stateless {
 public:
  Validate(RowSchema schema, std::string reasons) : schema_(std::move(schema)), reasonsField_(std::move(reasons)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    std::vector<std::uint32_t> good, bad;
    std::vector<Value> why;
    const bool wired = io.wired(out::invalid);
    for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(batch.rows()); ++row) {
      std::vector<Value> reasons;
      schema_.check(batch.row(row), "", reasons);
      if (reasons.empty()) {
        good.push_back(row);
      } else if (wired) {
        bad.push_back(row);
        why.push_back(Value::list(std::move(reasons)));
      } else {
        io.fail({&row, 1}, Error{"validate.invalid", sentenceOf(reasons)});
      }
    }
    if (std::ssize(good) == batch.rows()) io.emit(out::valid, batch);
    if (std::ssize(good) < batch.rows() && (!good.empty() || io.fresh(out::valid))) {
      WEIR_ASSIGN(auto valid, withRows(batch, good));
      io.emit(out::valid, std::move(valid));
    }
    if (!bad.empty() || io.fresh(out::invalid)) {
      WEIR_ASSIGN(auto invalid, explained(batch, bad, why));
      io.emit(out::invalid, std::move(invalid));
    }
    return Flow::more;
  }

 private:
  [[nodiscard]] Result<Batch> explained(const Batch& batch, std::span<const std::uint32_t> rows,
                                        std::span<const Value> why) const {
    WEIR_ASSIGN(const auto invalid, batch.gather(rows));
    WEIR_ASSIGN(auto reasons, columnOf(Type::list(Type::string()), why, batch.account()));
    std::vector<Field> fields;
    std::vector<Column> columns;
    for (std::int64_t i = 0; i < invalid.schema()->size(); ++i) {
      if (invalid.schema()->field(i).name == reasonsField_) continue;
      fields.push_back(invalid.schema()->field(i));
      columns.push_back(invalid.column(i));
    }
    fields.push_back({reasonsField_, reasons.type});
    columns.push_back(std::move(reasons));
    return invalid.withColumns(Schema::of(std::move(fields)), columns);
  }

  RowSchema schema_;
  std::string reasonsField_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext&) {
  json::Value schema = settings.schema;
  if (const auto* text = schema.asString(); text != nullptr) {
    auto document = json::parse(*text);
    if (!document) return fail("settings.invalid", "/settings/schema: " + document.error().message);
    schema = document->root();
  }
  WEIR_ASSIGN(auto compiled, RowSchema::compile(schema, "/settings/schema"));
  return makeStateless<Validate>(std::move(compiled), settings.reasons);
}

}  // namespace weir::nodes::validate
