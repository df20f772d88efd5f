// Makes one row of each element of a list field.
#include "engine/data/batch-builder.h"
#include "engine/node/row-expression.h"
#include "nodes/flow/split/split.gen.h"

namespace weir::nodes::split {
namespace {

/// The rows of one step: for each the input row, the element and its place.
struct Part {
  std::vector<std::uint32_t> rows;
  std::vector<Value> elements, places;
};

class Split final : public Transform {
 public:
  explicit Split(const Settings& settings) : settings_(settings) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    if (io.room(out::rows).rows <= 0) return Flow::again;
    const auto field = batch.schema()->indexOf(settings_.field);
    if (field < 0) return unknownField(settings_.field, *batch.schema());
    WEIR_TRY(checkNames(*batch.schema()));
    Part part;
    const bool whole = collect(batch, field, io, part);
    if (!part.rows.empty() || io.fresh(out::rows)) {
      WEIR_ASSIGN(auto made, build(batch, field, part));
      io.emit(out::rows, std::move(made));
    }
    return whole ? Flow::more : Flow::again;
  }

 private:
  /// No field is lost to a new one of its name.
  [[nodiscard]] Result<void> checkNames(const Schema& schema) const {
    for (const auto* name : {&settings_.as, &settings_.index}) {
      if (!*name || (*name)->empty() || **name == settings_.field || schema.indexOf(**name) < 0) continue;
      return fail("settings.duplicate", std::string(name == &settings_.as ? "as" : "index") +
                                            ": the rows have a field '" + **name + "' already. Choose another name.");
    }
    return {};
  }

  /// Takes rows from where the step before ended (io.cursor: row, and element within it) until a batch is full; false:
  /// not through with `batch`.
  bool collect(const Batch& batch, std::int64_t field, StepIo& io, Part& part) const {
    auto row = io.cursor >> 32;
    auto element = io.cursor & 0xFFFFFFFF;
    for (; row < batch.rows(); ++row, element = 0) {
      const auto value = batch.column(field).value(row);
      if (!value.isNull() && value.kind() != ValueKind::list) {
        const auto failed = static_cast<std::uint32_t>(row);
        io.fail({&failed, 1}, Error{"split.not_a_list", "expected a list in field '" + settings_.field + "', found " +
                                                            std::string(value.typeText())});
        continue;
      }
      const auto items = value.isNull() ? std::span<const Value>() : value.items();
      if (items.empty() && settings_.keepEmpty) add(part, row, Value::null(), Value::null());
      for (; element < static_cast<std::int64_t>(items.size()); ++element) {
        if (static_cast<std::int64_t>(part.rows.size()) >= kMaxBatchRows) return pause(io, row, element);
        add(part, row, items[static_cast<std::size_t>(element)], Value::int64(element));
      }
      if (static_cast<std::int64_t>(part.rows.size()) >= kMaxBatchRows) return pause(io, row + 1, 0);
    }
    return true;
  }

  static bool pause(StepIo& io, std::int64_t row, std::int64_t element) {
    io.cursor = row << 32 | element;
    return false;
  }

  static void add(Part& part, std::int64_t row, Value element, Value place) {
    part.rows.push_back(static_cast<std::uint32_t>(row));
    part.elements.push_back(std::move(element));
    part.places.push_back(std::move(place));
  }

  static TypeRef elementType(const Batch& batch, std::int64_t field, const Part& part) {
    if (batch.column(field).type->kind == Kind::list) return batch.column(field).type->element;
    TypeRef type = Type::null();
    for (const auto& element : part.elements) type = commonType(type, typeOf(element));
    return type;
  }

  Result<Batch> build(const Batch& batch, std::int64_t field, const Part& part) const {
    WEIR_ASSIGN(const auto repeated, batch.gather(part.rows));
    const auto& name = settings_.as && !settings_.as->empty() ? *settings_.as : settings_.field;
    WEIR_ASSIGN(auto elements, columnOf(elementType(batch, field, part), part.elements, batch.account()));
    std::vector<Field> fields;
    std::vector<Column> columns;
    for (std::int64_t i = 0; i < repeated.schema()->size(); ++i) {
      const auto& old = repeated.schema()->field(i);
      if (i == field) {
        fields.push_back({name, elements.type});
        columns.push_back(elements);
      } else {
        fields.push_back(old);
        columns.push_back(repeated.column(i));
      }
    }
    if (settings_.index && !settings_.index->empty()) {
      WEIR_ASSIGN(auto places, columnOf(Type::int64(), part.places, batch.account()));
      fields.push_back({*settings_.index, places.type});
      columns.push_back(std::move(places));
    }
    return repeated.withColumns(Schema::of(std::move(fields)), columns);
  }

  Settings settings_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext&) {
  const auto& name = settings.as && !settings.as->empty() ? *settings.as : settings.field;
  if (settings.index && *settings.index == name) {
    return fail("settings.invalid", "/settings/index: '" + name + "' is the element's own name; choose another");
  }
  return makeNode<Split>(settings);
}

}  // namespace weir::nodes::split
