// Exporting: each array and schema holds what it points to, and its own children.
#include <cstring>
#include <memory>

#include "engine/data/arrow-c.h"
#include "engine/data/arrow-decode.h"

namespace weir::arrow {
namespace {

constexpr std::int64_t kFlagNullable = 2;

struct SchemaHold {
  std::string format, name, metadata;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
  ArrowSchema dictionary{};
};

struct ArrayHold {
  Column column;
  const void* buffers[3] = {nullptr, nullptr, nullptr};
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
  ArrowArray dictionary{};
};

template <class Exported, class Hold>
void releaseExported(Exported* exported) {
  const std::unique_ptr<Hold> hold(static_cast<Hold*>(exported->private_data));
  for (auto* child : hold->pointers)
    if (child->release != nullptr) child->release(child);
  if (hold->dictionary.release != nullptr) hold->dictionary.release(&hold->dictionary);
  exported->release = nullptr;
}

void appendSized(std::string& to, std::string_view text) {
  const auto size = static_cast<std::int32_t>(text.size());
  char bytes[4];
  std::memcpy(bytes, &size, 4);
  to.append(bytes, 4);
  to += text;
}

std::string metadataOf(const ArrowField& field, const std::string& version) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  if (!field.extension.empty()) {
    pairs.emplace_back(kExtensionName, field.extension);
    pairs.emplace_back(kExtensionMetadata, field.extensionMetadata);
  }
  if (field.sensitive) pairs.emplace_back(kSensitiveKey, "true");
  if (!version.empty()) pairs.emplace_back(kVersionKey, version);
  if (pairs.empty()) return {};
  std::string bytes(4, '\0');
  const auto count = static_cast<std::int32_t>(pairs.size());
  std::memcpy(bytes.data(), &count, 4);
  for (const auto& [key, value] : pairs) {
    appendSized(bytes, key);
    appendSized(bytes, value);
  }
  return bytes;
}

/// Only of the layouts that arrowFieldOf gives.
std::string formatOf(const ArrowField& field) {
  const bool nanos = field.unit == kNanos;
  switch (field.layout) {
    case Layout::integer:
      return field.isSigned ? "l" : "L";
    case Layout::floating:
      return "g";
    case Layout::binary:
      return "z";
    case Layout::utf8:
      return "u";
    case Layout::boolean:
      return "b";
    case Layout::timestamp:
      return nanos ? "tsn:UTC" : "tsu:UTC";
    case Layout::duration:
      return nanos ? "tDn" : "tDu";
    case Layout::list:
      return "+l";
    case Layout::structure:
      return "+s";
    case Layout::fixedList:
      return "+w:" + std::to_string(field.bits);
    case Layout::null:
    case Layout::decimal:
    case Layout::date:
    case Layout::time:
    case Layout::fixedBinary:
    case Layout::map:
    case Layout::largeBinary:
    case Layout::largeUtf8:
    case Layout::largeList:
      return "n";
  }
  return "n";
}

void fillSchema(const ArrowField& field, const std::string& version, ArrowSchema& to) {
  auto hold = std::make_unique<SchemaHold>();
  hold->format = field.hasDictionary ? "i" : formatOf(field);
  hold->name = field.name;
  hold->metadata = metadataOf(field, version);
  to = {};
  if (field.hasDictionary) {
    ArrowField entries;
    entries.layout = field.layout;
    fillSchema(entries, {}, hold->dictionary);
    to.dictionary = &hold->dictionary;
  }
  hold->children.resize(field.children.size());
  for (std::size_t i = 0; i < field.children.size(); ++i) {
    fillSchema(field.children[i], {}, hold->children[i]);
    hold->pointers.push_back(&hold->children[i]);
  }
  to.format = hold->format.c_str();
  to.name = hold->name.c_str();
  to.metadata = hold->metadata.empty() ? nullptr : hold->metadata.data();
  to.flags = field.nullable ? kFlagNullable : 0;
  to.n_children = static_cast<std::int64_t>(hold->children.size());
  to.children = hold->pointers.empty() ? nullptr : hold->pointers.data();
  to.release = releaseExported<ArrowSchema, SchemaHold>;
  to.private_data = hold.release();
}

void markDictionaries(ArrowField& field, const Column& column) {
  field.hasDictionary = column.dictionary;
  for (std::size_t i = 0; !column.dictionary && column.children != nullptr && i < field.children.size(); ++i)
    markDictionaries(field.children[i], column.children[i]);
}

void fillArray(const ArrowField& field, const Column& column, ArrowArray& to) {
  auto hold = std::make_unique<ArrayHold>();
  hold->column = column;
  to = {};
  to.length = column.length;
  to.offset = column.offset;
  to.null_count = column.type->kind == Kind::null ? column.length : (column.validity == nullptr ? 0 : column.nullCount);
  to.n_buffers = bufferCount(field);
  hold->buffers[0] = column.validity;
  const bool offsets = !column.dictionary && column.offsets != nullptr;
  hold->buffers[1] = offsets ? static_cast<const void*>(column.offsets) : column.values;
  hold->buffers[2] = column.values;
  to.buffers = hold->buffers;
  if (column.dictionary) {
    ArrowField entries;
    entries.layout = field.layout;
    fillArray(entries, column.children[0], hold->dictionary);
    to.dictionary = &hold->dictionary;
  } else {
    hold->children.resize(field.children.size());
    for (std::size_t i = 0; i < field.children.size(); ++i) {
      fillArray(field.children[i], column.children[i], hold->children[i]);
      hold->pointers.push_back(&hold->children[i]);
    }
  }
  to.n_children = static_cast<std::int64_t>(hold->children.size());
  to.children = hold->pointers.empty() ? nullptr : hold->pointers.data();
  to.release = releaseExported<ArrowArray, ArrayHold>;
  to.private_data = hold.release();
}

ArrowField rootField(const Schema& schema) {
  ArrowField root;
  root.nullable = false;
  root.layout = Layout::structure;
  for (const auto& field : schema.fields()) root.children.push_back(arrowFieldOf(field));
  return root;
}

}  // namespace

Result<void> exportBatch(const Batch& batch, ArrowArray* array, ArrowSchema* schema) {
  WEIR_ASSIGN(const auto dense, batch.dense());
  auto field = rootField(*dense.schema());
  for (std::size_t i = 0; i < field.children.size(); ++i) markDictionaries(field.children[i], dense.columns()[i]);
  fillSchema(field, dense.schema()->version(), *schema);
  Column root;
  root.type = Type::map({dense.schema()->fields().begin(), dense.schema()->fields().end()});
  root.length = dense.rows();
  // Lent only while the children are copied; they hold their own blocks.
  root.children = dense.columns().data();
  fillArray(field, root, *array);
  return {};
}

void exportSchema(const Schema& schema, ArrowSchema* to) { fillSchema(rootField(schema), schema.version(), *to); }

}  // namespace weir::arrow
