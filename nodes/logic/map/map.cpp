// Adds, replaces, renames, drops and keeps fields; columns that nobody changes are shared with the input.
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <set>

#include "engine/data/batch-in-place.h"
#include "engine/data/lock.h"
#include "engine/node/row-expression.h"
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

/// What the change makes of one schema, given the types that its expressions have there.
struct Shape {
  SchemaRef from;
  std::vector<TypeRef> made;
  SchemaRef to;
  std::vector<std::int32_t> sources;  // as Batch::rearranged takes them
};

class Map final : public Stateless {
 public:
  explicit Map(Change change) : change_(std::move(change)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    auto shared = batch;
    return processOwned(shared, io);
  }

  Result<Flow> processOwned(Batch& batch, StepIo& io) const override {
    if (batch.hasSelection()) return processSelected(batch, io);
    return processDense(batch, io);
  }

 private:
  Result<Flow> processDense(Batch& batch, StepIo& io) const {
    if (change_.set.size() == 1) {
      auto made = change_.set[0].value.evaluate(batch);  // stays where it is: moving it costs as much as computing it
      if (!made) return std::unexpected(std::move(made.error()));
      return emit(batch, &made->column, made->errors, io);
    }
    std::vector<Column> columns;
    std::vector<cel::RowError> errors;
    WEIR_TRY(evaluate(batch, columns, errors));
    return emit(batch, columns.data(), errors, io);
  }

  /// If most rows are selected, computing all and keeping the selection costs less than copying the selected ones. Not
  /// where the rows decide about the type of the result, nor where one of them fails.
  Result<Flow> processSelected(Batch& batch, StepIo& io) const {
    if (batch.rows() * 4 >= batch.physicalRows() * 3 && !change_.set.empty()) {
      bool fixed = true;
      for (const auto& set : change_.set) {
        WEIR_ASSIGN(const auto type, set.value.typeFor(batch.schema()));
        fixed = fixed && type->kind != Kind::any;
      }
      std::vector<Column> columns;
      std::vector<cel::RowError> errors;
      if (fixed) WEIR_TRY(evaluate(batch.physical(), columns, errors));
      if (fixed && errors.empty()) return emit(batch, columns.data(), errors, io);
    }
    WEIR_ASSIGN(auto dense, batch.dense());
    return processDense(dense, io);
  }

  Result<void> evaluate(const Batch& batch, std::vector<Column>& columns, std::vector<cel::RowError>& errors) const {
    columns.reserve(change_.set.size());
    for (const auto& set : change_.set) {
      WEIR_ASSIGN(auto made, set.value.evaluate(batch));
      columns.push_back(std::move(made.column));
      errors.insert(errors.end(), std::make_move_iterator(made.errors.begin()),
                    std::make_move_iterator(made.errors.end()));
    }
    return {};
  }

  /// `columns`: one for each field that is set.
  Result<Flow> emit(Batch& batch, Column* columns, std::vector<cel::RowError>& errors, StepIo& io) const {
    const auto count = change_.set.size();
    std::unique_ptr<const Shape> own;
    WEIR_ASSIGN(const auto* shape, shapeFor(batch.schema(), {columns, count}, own));
    if (errors.empty()) {
      if (rearrangeInPlace(batch, shape->to, shape->sources, {columns, count})) {
        io.emit(out::rows, std::move(batch));
      } else {
        WEIR_ASSIGN(auto result, std::as_const(batch).rearranged(shape->to, shape->sources, {columns, count}));
        io.emit(out::rows, std::move(result));
      }
      return Flow::more;
    }
    WEIR_ASSIGN(const auto result, std::as_const(batch).rearranged(shape->to, shape->sources, {columns, count}));
    return emitGood(result, errors, io);
  }

  static bool fits(const Shape& shape, const SchemaRef& schema, std::span<const Column> made) {
    if (shape.from != schema) return false;
    for (std::size_t i = 0; i < made.size(); ++i)
      if (shape.made[i].get() != made[i].type.get()) return false;
    return true;
  }

  /// One that stays; if there are too many already, one that only `own` holds.
  Result<const Shape*> shapeFor(const SchemaRef& schema, std::span<const Column> made,
                                std::unique_ptr<const Shape>& own) const {
    const auto* last = recent_.load(std::memory_order_acquire);
    if (last != nullptr && fits(*last, schema, made)) [[likely]]
      return last;
    const Locked locked(lock_);
    auto found = std::ranges::find_if(
        shapes_, [&](const std::unique_ptr<const Shape>& each) { return fits(*each, schema, made); });
    if (found == shapes_.end()) {
      WEIR_TRY(checkNames(*schema));
      WEIR_ASSIGN(own, makeShape(schema, made));
      if (shapes_.size() >= kMostShapes) return own.get();
      shapes_.push_back(std::move(own));
      found = shapes_.end() - 1;
    }
    recent_.store(found->get(), std::memory_order_release);
    return found->get();
  }

  /// Every field that a setting names is there.
  [[nodiscard]] Result<void> checkNames(const Schema& schema) const {
    for (const auto* names : {&change_.drop, &change_.keep}) {
      for (const auto& name : *names)
        if (schema.indexOf(name) < 0) return unknownField(name, schema);
    }
    for (const auto& [name, renamed] : change_.rename)
      if (schema.indexOf(name) < 0) return unknownField(name, schema);
    return {};
  }

  Result<std::unique_ptr<const Shape>> makeShape(const SchemaRef& schema, std::span<const Column> made) const {
    auto shape = std::make_unique<Shape>();
    shape->from = schema;
    std::vector<Field> fields;
    for (std::int64_t i = 0; i < schema->size(); ++i) {
      auto field = schema->field(i);
      if (change_.drop.contains(field.name) || (!change_.keepAll && !change_.keep.contains(field.name))) continue;
      if (const auto renamed = change_.rename.find(field.name); renamed != change_.rename.end()) {
        field.name = renamed->second;
      }
      if (std::ranges::contains(fields, field.name, &Field::name)) return duplicate(field.name);
      place(fields, shape->sources, std::move(field), static_cast<std::int32_t>(i));
    }
    for (std::size_t i = 0; i < made.size(); ++i) {
      shape->made.push_back(made[i].type);
      place(fields, shape->sources, Field{change_.set[i].name, made[i].type}, -1 - static_cast<std::int32_t>(i));
    }
    shape->to = Schema::of(std::move(fields));
    return shape;
  }

  static std::unexpected<Error> duplicate(const std::string& name) {
    return fail("settings.duplicate", "rename gives two fields the name '" + name +
                                          "'. Choose another name, or drop or rename the field that has it.");
  }

  static void place(std::vector<Field>& fields, std::vector<std::int32_t>& sources, Field field, std::int32_t source) {
    const auto at = std::ranges::find(fields, field.name, &Field::name);
    if (at == fields.end()) {
      fields.push_back(std::move(field));
      sources.push_back(source);
    } else {
      sources[static_cast<std::size_t>(at - fields.begin())] = source;
      *at = std::move(field);
    }
  }

  /// A row counts once, with the error of its first expression that failed.
  static Result<Flow> emitGood(const Batch& result, std::vector<cel::RowError>& errors, StepIo& io) {
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
    if (good.empty()) {
      if (io.fresh(out::rows)) io.emit(out::rows, result.slice(0, 0));
      return Flow::more;
    }
    WEIR_ASSIGN(auto kept, withRows(result, good));
    io.emit(out::rows, std::move(kept));
    return Flow::more;
  }

  static constexpr std::size_t kMostShapes = 16;

  Change change_;
  mutable std::atomic<const Shape*> recent_{nullptr};  // one of `shapes_`
  mutable Lock lock_;
  mutable std::vector<std::unique_ptr<const Shape>> shapes_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  Change change;
  const auto options = expressionOptions(context);
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
      if (std::ranges::contains(change.rename, name, [](const auto& other) { return other.second; })) {
        return fail("settings.duplicate", setting::below("/settings/rename", member.key) +
                                              ": another field gets the name '" + name + "' too; choose another name");
      }
      change.rename.emplace(member.key, std::move(name));
    }
  }
  change.drop.insert(settings.drop.begin(), settings.drop.end());
  change.keep.insert(settings.keep.begin(), settings.keep.end());
  change.keepAll = settings.keep.empty();
  return makeStateless<Map>(std::move(change));
}

}  // namespace weir::nodes::map
