// Questions about one formula: its type, its problems, its results.
#include "engine/flow/formula.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/cel/column/specialised.h"
#include "engine/cel/library.h"
#include "engine/cel/program.h"
#include "engine/data/batch-builder.h"
#include "engine/data/fitted-value.h"
#include "engine/data/row-json.h"
#include "engine/data/value-json.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

std::unexpected<Error> wrong(std::string what) { return fail("settings.invalid", std::move(what)); }

const std::string* textIn(const json::Value& object, std::string_view key) {
  const auto* found = object.find(key);
  return found != nullptr ? found->asString() : nullptr;
}

Result<TypeRef> typeNamed(const std::string& name, std::string_view of) {
  auto type = name.empty() || name == "dyn" ? Type::any() : parseTypeName(name);
  if (!type) return wrong("'" + name + "' as the type of " + std::string(of) + " is none, such as int or list<string>");
  return type;
}

/// Null: they are not known.
Result<SchemaRef> schemaIn(const json::Value& asked) {
  const auto* list = asked.find("fields");
  if (list == nullptr || list->isNull()) return SchemaRef();
  if (list->asArray() == nullptr) return wrong("'fields' is a list of {name, type}");
  std::vector<Field> fields;
  std::set<std::string_view> names;
  for (const auto& each : *list->asArray()) {
    const auto* name = each.isObject() ? textIn(each, "name") : nullptr;
    const auto* type = each.isObject() ? textIn(each, "type") : nullptr;
    if (name == nullptr || type == nullptr) return wrong("'fields' is a list of {name, type}");
    if (!names.insert(*name).second) return wrong("the field '" + *name + "' is there twice");
    WEIR_ASSIGN(auto named, typeNamed(*type, "'" + *name + "'"));
    fields.push_back({.name = *name, .type = std::move(named)});
  }
  return Schema::of(std::move(fields));
}

void writeProblem(json::Writer& out, std::string_view code, std::string_view message, std::string_view suggestion,
                  std::size_t offset, std::size_t length) {
  out.beginObject().key("code").value(code).key("message").value(message);
  if (!suggestion.empty()) out.key("suggestion").value(suggestion);
  out.key("offset").value(static_cast<std::int64_t>(offset)).key("length").value(static_cast<std::int64_t>(length));
  out.endObject();
}

/// Rows as their schema wants them; the error of each that is not.
struct Rows {
  std::vector<Value> values;
  std::vector<std::string> errors;  // by row; empty: it is good
};

Result<Rows> rowsIn(const json::Value& list, std::size_t most) {
  const auto* given = list.asArray();
  if (given == nullptr || given->size() > most)
    return wrong("'rows' is a list of " + std::to_string(most) + " objects at most");
  Rows rows;
  for (const auto& each : *given) {
    if (!each.isObject()) return wrong("'rows' is a list of objects");
    rows.values.push_back(fromJson(each));
  }
  rows.errors.resize(rows.values.size());
  return rows;
}

Result<Batch> batchOf(Rows& rows, const SchemaRef& schema, MemoryAccount& account) {
  if (!schema) return batchOfRows(rows.values, account);
  BatchBuilder builder(schema, account);
  std::vector<Value> values(static_cast<std::size_t>(schema->size()));
  for (std::size_t row = 0; row < rows.values.size(); ++row) {
    for (std::int64_t i = 0; i < schema->size(); ++i) {
      const auto& field = schema->field(i);
      const auto* found = rows.values[row].find(field.name);
      values[static_cast<std::size_t>(i)] = found != nullptr ? fittedValue(*found, *field.type) : Value();
    }
    const auto added = builder.append(values);
    if (added) continue;
    rows.errors[row] = added.error().message;
    for (auto& value : values) value = Value();
    WEIR_TRY(builder.append(values));
  }
  return builder.finish();
}

/// Without the lines that show the place.
std::string_view firstLine(std::string_view message) { return message.substr(0, message.find('\n')); }

/// So many rows at once: what a row may give is bounded, but large.
constexpr std::int64_t kAtOnce = 16;

/// The results of rows, one piece of them after the other.
class Results {
 public:
  Results(json::Writer& out, const std::string& text, const FormulaPlace& place)
      : out_(out), text_(text), place_(place) {}

  Result<void> write(const cel::Expression& formula, Rows rows, const SchemaRef& schema) {
    out_.key("results").beginArray();
    if (!rows.values.empty()) {
      const cel::Budget::Less less(place_.rowCost);
      MemoryAccount account(place_.memoryBytes);
      auto batch = batchOf(rows, schema, account);
      if (!batch && batch.error().code != "memory.limit") return std::unexpected(std::move(batch.error()));
      const auto count = static_cast<std::int64_t>(rows.errors.size());
      for (std::int64_t from = 0; from < count; from += kAtOnce) {
        if (place_.asker.gone()) return askerIsGone();
        const auto errors = std::span(rows.errors).subspan(static_cast<std::size_t>(from));
        const auto here = errors.first(std::min(errors.size(), static_cast<std::size_t>(kAtOnce)));
        if (!batch || text_.size() > place_.answerBytes) {
          told(here, batch ? kFull : kTooMuch);
        } else {
          piece(formula, batch->slice(from, static_cast<std::int64_t>(here.size())), here);
        }
      }
    }
    out_.endArray();
    return {};
  }

 private:
  static constexpr std::string_view kFull = "not computed: the answer has come to its bound; ask about fewer rows";
  static constexpr std::string_view kTooMuch = "not computed: these rows take too much memory; ask about fewer rows";

  void told(std::span<std::string> errors, std::string_view why) {
    for (const auto& error : errors) {
      out_.beginObject().key("error").value(error.empty() ? why : std::string_view(error)).endObject();
    }
  }

  void piece(const cel::Expression& formula, const Batch& rows, std::span<std::string> errors) {
    Envelope envelope;
    envelope.timestampMicros = place_.nowMicros;
    const auto found = formula.evaluate(rows.withEnvelope(std::move(envelope)));
    // Fields that none of these rows have, or too much memory.
    if (!found) return told(errors, firstLine(found.error().message));
    for (const auto& error : found->errors) {
      auto& text = errors[error.row];
      if (text.empty()) text = firstLine(error.error.message);
    }
    std::string value;
    for (std::size_t row = 0; row < errors.size(); ++row) {
      if (errors[row].empty() && text_.size() > place_.answerBytes) errors[row] = kFull;
      out_.beginObject();
      if (!errors[row].empty()) {
        out_.key("error").value(errors[row]);
      } else {
        value.clear();
        appendJson(value, found->column, static_cast<std::int64_t>(row));
        out_.key("value").raw(value);
      }
      out_.endObject();
    }
  }

  json::Writer& out_;
  const std::string& text_;  // that `out` writes
  const FormulaPlace& place_;
};

}  // namespace

Result<std::string> formulaAnswer(const json::Value& asked, const FormulaPlace& place) {
  if (!asked.isObject() || textIn(asked, "text") == nullptr) return wrong("a question about a formula has its 'text'");
  const auto& source = *textIn(asked, "text");
  WEIR_ASSIGN(const auto schema, schemaIn(asked));
  cel::ExpressionOptions options;
  options.rowSchema = schema;
  options.zones = place.zones;
  if (const auto* expects = textIn(asked, "expects"); expects != nullptr && !expects->empty()) {
    WEIR_ASSIGN(options.expected, typeNamed(*expects, "the result"));
  }
  const auto* given = asked.find("params");
  const auto params = given != nullptr && given->isObject() ? fromJson(*given) : Value();
  if (!params.isNull()) options.params = &params;
  std::string text;
  json::Writer out(text);
  out.beginObject();
  const auto program = cel::compileWithProblems(source, cel::flowEnvironment(options, schema));
  const auto formula = program ? cel::Expression::compile(source, options) : Result<cel::Expression>();
  out.key("type").value(program && formula ? cel::describe(program->type()) : std::string());
  out.key("problems").beginArray();
  if (!program) {
    for (const auto& each : program.error())
      writeProblem(out, each.code, each.message, each.suggestion, each.offset, each.length);
  } else if (!formula) {
    writeProblem(out, formula.error().code, firstLine(formula.error().message), "", 0, source.size());
  }
  out.endArray();
  const auto* rows = asked.find("rows");
  if (program && formula && rows != nullptr && !rows->isNull()) {
    WEIR_ASSIGN(auto read, rowsIn(*rows, place.mostRows));
    WEIR_TRY(Results(out, text, place).write(*formula, std::move(read), schema));
  }
  out.endObject();
  return text;
}

std::string formulaFunctions() {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("functions").beginArray();
  for (const auto table : cel::libraryTables()) {
    for (const auto& entry : table) {
      out.beginObject().key("name").value(entry.name).key("signature").value(entry.signature).endObject();
    }
  }
  out.endArray().endObject();
  return text;
}

}  // namespace weir::flow
