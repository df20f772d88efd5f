// Adds, replaces, renames, drops and keeps fields; columns that nobody changes are shared with the input.
#include <algorithm>
#include <map>
#include <set>

#include "engine/node/setting-values.h"
#include "nodes/logic/map/map.gen.h"
#include "nodes/logic/row-split.h"

namespace weir::nodes::map {
namespace {

struct SetField {
  std::string name;
  cel::Expression value;
};

struct Change {
  std::vector<SetField> set;
  std::map<std::string, std::string, std::less<>> rename;
  std::set<std::string, std::less<>> drop, keep;
  bool keepAll = true;
};

class Map final : public Stateless {
 public:
  explicit Map(Change change) : change_(std::move(change)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    std::vector<Field> fields;
    std::vector<Column> columns;
    takeOver(batch, fields, columns);
    std::vector<cel::RowError> errors;
    for (const auto& set : change_.set) {
      WEIR_ASSIGN(auto made, set.value.evaluate(batch));
      place(fields, columns, Field{set.name, made.column.type}, std::move(made.column));
      errors.insert(errors.end(), std::make_move_iterator(made.errors.begin()),
                    std::make_move_iterator(made.errors.end()));
    }
    WEIR_ASSIGN(auto result, batch.withColumns(Schema::of(std::move(fields)), columns));
    if (errors.empty()) {
      io.emit(out::rows, std::move(result));
      return Flow::more;
    }
    return emitGood(std::move(result), errors, io);
  }

 private:
  void takeOver(const Batch& batch, std::vector<Field>& fields, std::vector<Column>& columns) const {
    const auto& schema = *batch.schema();
    for (std::int64_t i = 0; i < schema.size(); ++i) {
      auto field = schema.field(i);
      if (change_.drop.contains(field.name) || (!change_.keepAll && !change_.keep.contains(field.name))) continue;
      if (const auto renamed = change_.rename.find(field.name); renamed != change_.rename.end()) {
        field.name = renamed->second;
      }
      auto column = batch.column(i);
      place(fields, columns, std::move(field), std::move(column));
    }
  }

  static void place(std::vector<Field>& fields, std::vector<Column>& columns, Field field, Column column) {
    const auto at = std::ranges::find(fields, field.name, &Field::name);
    if (at == fields.end()) {
      fields.push_back(std::move(field));
      columns.push_back(std::move(column));
    } else {
      columns[static_cast<std::size_t>(at - fields.begin())] = std::move(column);
      *at = std::move(field);
    }
  }

  /// A row counts once, with the error of its first expression that failed.
  static Result<Flow> emitGood(Batch result, std::vector<cel::RowError>& errors, StepIo& io) {
    std::ranges::stable_sort(errors, {}, &cel::RowError::row);
    std::vector<std::uint32_t> good;
    auto error = errors.begin();
    for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(result.rows()); ++row) {
      if (error == errors.end() || error->row != row) {
        good.push_back(row);
        continue;
      }
      io.fail({&error->row, 1}, std::move(error->error));
      while (error != errors.end() && error->row == row) ++error;
    }
    if (good.empty()) return Flow::more;
    WEIR_ASSIGN(auto kept, withRows(result, good));
    io.emit(out::rows, std::move(kept));
    return Flow::more;
  }

  Change change_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  Change change;
  cel::ExpressionOptions options;
  options.params = &context.params();
  if (const auto* members = settings.set.asObject(); members != nullptr) {
    for (const auto& member : *members) {
      WEIR_ASSIGN(const auto source, setting::readText(member.value, setting::below("/settings/set", member.key)));
      WEIR_ASSIGN(auto value, cel::Expression::compile(source, options));
      change.set.push_back({member.key, std::move(value)});
    }
  }
  if (const auto* members = settings.rename.asObject(); members != nullptr) {
    for (const auto& member : *members) {
      WEIR_ASSIGN(auto name, setting::readText(member.value, setting::below("/settings/rename", member.key)));
      change.rename.emplace(member.key, std::move(name));
    }
  }
  change.drop.insert(settings.drop.begin(), settings.drop.end());
  change.keep.insert(settings.keep.begin(), settings.keep.end());
  change.keepAll = settings.keep.empty();
  return makeStateless<Map>(std::move(change));
}

}  // namespace weir::nodes::map
