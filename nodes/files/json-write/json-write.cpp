// files/json-write: rows to one JSON file, published whole.
#include <memory>
#include <utility>

#include "engine/data/value-json.h"
#include "engine/json/document.h"
#include "engine/json/text.h"
#include "engine/json/writer.h"
#include "engine/node/file-sink.h"
#include "nodes/files/json-write/json-write.gen.h"

namespace weir::nodes::json_write {
namespace {

class JsonWriter final : public Transform {
 public:
  JsonWriter(const Settings& settings, bool list, Files* files, MemoryAccount* account)
      : settings_(settings), list_(list), sink_(*files, *account, fileSinkOptions(settings)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    if (batch.rows() == 0) return Flow::more;  // whether there are none at all, finish knows
    WEIR_ASSIGN(const auto opened, begin(io));
    if (opened == Poll::pending) return Flow::pending;
    settle(batch.schema());
    for (;;) {
      WEIR_ASSIGN(const auto room, sink_.keepRoom(io.waker()));
      if (room == Poll::pending) return Flow::pending;
      if (row_ == batch.rows()) break;
      auto& out = sink_.pendingText();
      for (; row_ < batch.rows() && !sink_.full(); ++row_) appendRow(out, batch);
    }
    row_ = 0;
    return Flow::more;
  }

  Result<Flow> finish(StepIo& io) override {
    if (!begun_ && settings_.ifEmpty == Settings::IfEmpty::none) return Flow::done;
    WEIR_ASSIGN(const auto opened, begin(io));
    if (opened == Poll::pending) return Flow::pending;
    if (list_ && !closed_) {
      sink_.pendingText() += first_ ? "[]\n" : "\n]\n";
      closed_ = true;
    }
    WEIR_ASSIGN(const auto finished, sink_.finish(io.waker()));
    return finished == Poll::pending ? Flow::pending : Flow::done;
  }
  void attach(const TaskSite& site) override { sink_.attach(site); }
  Result<Poll> committed(CheckpointId id) override { return sink_.committed(id); }
  Result<Poll> snapshot(CheckpointId id, StateWriter& state) override {
    for (const bool flag : {begun_, first_, closed_}) WEIR_TRY(state.write(flag ? 1 : 0));
    return sink_.snapshot(id, state);
  }
  Result<Poll> restore(StateReader& state) override {
    for (bool* flag : {&begun_, &first_, &closed_}) {
      std::int64_t set = 0;
      WEIR_TRY(state.read(set));
      *flag = set != 0;
    }
    return sink_.restore(state);
  }

 private:
  Result<Poll> begin(StepIo& io) {
    WEIR_ASSIGN(const auto opened, sink_.open(io.waker()));
    if (opened == Poll::pending) return Poll::pending;
    if (begun_) return Poll::ready;
    begun_ = true;
    if (sink_.existingBytes() > 0 && sink_.existingEnd() != '\n') sink_.pendingText() += '\n';
    return Poll::ready;
  }

  /// Keys as they are written, once a schema.
  void settle(const SchemaRef& schema) {
    if (schema == schema_) return;
    schema_ = schema;
    keys_.clear();
    for (const auto& field : schema->fields()) {
      keys_.emplace_back();
      json::appendQuoted(keys_.back(), field.name);
      keys_.back() += ':';
    }
  }

  void appendRow(std::string& out, const Batch& batch) {
    if (list_) out += first_ ? "[\n" : ",\n";
    first_ = false;
    if (list_ && settings_.pretty) {
      object_.clear();
      appendObject(object_, batch);
      appendIndented(out);
    } else {
      appendObject(out, batch);
    }
    if (!list_) out += '\n';
  }

  void appendObject(std::string& out, const Batch& batch) const {
    out += '{';
    bool filled = false;
    const auto physical = batch.hasSelection() ? std::int64_t{batch.selection()[static_cast<std::size_t>(row_)]} : row_;
    for (std::int64_t i = 0; i < schema_->size(); ++i) {
      const auto& column = batch.column(i);
      const bool null = column.isNull(physical);
      if (null && settings_.omitNulls) continue;
      if (filled) out += ',';
      filled = true;
      out += keys_[static_cast<std::size_t>(i)];
      if (null) {
        out += "null";
        continue;
      }
      switch (column.type->kind) {
        case Kind::int64:
          json::appendInt(out, column.ints()[static_cast<std::size_t>(physical)]);
          break;
        case Kind::uint64:
          json::appendUint(out, column.uints()[static_cast<std::size_t>(physical)]);
          break;
        case Kind::float64:
          json::appendDouble(out, column.doubles()[static_cast<std::size_t>(physical)]);
          break;
        case Kind::boolean:
          out += column.boolean(physical) ? "true" : "false";
          break;
        case Kind::string:
          json::appendQuoted(out, column.text(physical));
          break;
        default:
          appendJson(out, batch.value(row_, i));
          break;
      }
    }
    out += '}';
  }

  /// The object over several lines, two spaces further in than the list.
  void appendIndented(std::string& out) {
    const auto document = json::parse(object_, {.duplicateKeys = json::DuplicateKeys::keepLast});
    const auto text = document ? json::write(document->root(), json::Layout::pretty) : object_;
    out += "  ";
    for (const char c : text) {
      out += c;
      if (c == '\n') out += "  ";
    }
  }

  Settings settings_;
  bool list_;
  FileSink sink_;
  SchemaRef schema_;
  std::vector<std::string> keys_;
  std::string object_;
  bool begun_ = false, first_ = true, closed_ = false;
  std::int64_t row_ = 0;  // of the batch under way
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_TRY(checkTarget(settings.path));
  const bool list = settings.format == Settings::Format::array ||
                    (settings.format == Settings::Format::auto_ && settings.path.ends_with(".json"));
  if (list && settings.ifExists == Settings::IfExists::append) {
    return fail("settings.invalid", "ifExists: rows can only be appended to NDJSON; set format to ndjson");
  }
  if (!list && settings.pretty) {
    return fail("settings.invalid", "pretty: a line of NDJSON cannot be indented; set format to array");
  }
  WEIR_ASSIGN(auto* files, context.host<Files>());
  return makeNode<JsonWriter>(settings, list, files, &context.account());
}

}  // namespace weir::nodes::json_write
