// Importing: the foreign array moves into a Block, and goes with the last column that points into it.
#include <charconv>
#include <cstring>
#include <limits>
#include <new>

#include "engine/data/arrow-c-schema.h"
#include "engine/data/arrow-decode.h"

namespace weir::arrow {
namespace {

constexpr std::int64_t kFlagNullable = 2;
constexpr std::int64_t kUnknownSize = std::numeric_limits<std::int64_t>::max();

std::unexpected<Error> invalidImport(std::string_view why) {
  return fail("arrow.invalid", "The Arrow array from another library is wrong: " + std::string(why) + ".");
}

Unit unitOf(char c) noexcept { return c == 's' ? kSeconds : (c == 'm' ? kMillis : (c == 'n' ? kNanos : kMicros)); }

/// Comma-separated numbers; how many were read.
int readNumbers(std::string_view text, std::int32_t (&numbers)[3]) {
  int count = 0;
  while (count < 3) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[count]);
    if (error != std::errc{}) return count;
    ++count;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty() || text.front() != ',') return count;
    text.remove_prefix(1);
  }
  return count;
}

bool readTimeFormat(std::string_view format, ArrowField& field) {
  if (format == "tdD" || format == "tdm") {
    field.layout = Layout::date;
    field.unit = format == "tdD" ? kDays : kMillis;
    field.bits = format == "tdD" ? 32 : 64;
    return true;
  }
  if (format.size() < 3) return false;
  field.unit = unitOf(format[2]);
  switch (format[1]) {
    case 't':
      field.layout = Layout::time;
      field.bits = format[2] == 's' || format[2] == 'm' ? 32 : 64;
      return true;
    case 's':
      field.layout = Layout::timestamp;
      return true;
    case 'D':
      field.layout = Layout::duration;
      return true;
    default:
      return false;
  }
}

bool readNestedFormat(std::string_view format, ArrowField& field) {
  std::int32_t numbers[3] = {};
  if (format == "+l")
    field.layout = Layout::list;
  else if (format == "+L")
    field.layout = Layout::largeList;
  else if (format == "+s")
    field.layout = Layout::structure;
  else if (format == "+m")
    field.layout = Layout::map;
  else if (format.starts_with("+w:") && readNumbers(format.substr(3), numbers) == 1) {
    field.layout = Layout::fixedList;
    field.bits = numbers[0];
  } else {
    return false;
  }
  return true;
}

bool readSimpleFormat(char c, ArrowField& field) {
  constexpr std::string_view kIntegers = "cCsSiIlL";
  constexpr std::string_view kFloats = "efg";
  if (const auto at = kIntegers.find(c); at != std::string_view::npos) {
    field.layout = Layout::integer;
    field.bits = 8 << (at / 2);
    field.isSigned = at % 2 == 0;
    return true;
  }
  if (const auto at = kFloats.find(c); at != std::string_view::npos) {
    field.layout = Layout::floating;
    field.bits = 16 << at;
    return true;
  }
  switch (c) {
    case 'n':
      field.layout = Layout::null;
      return true;
    case 'b':
      field.layout = Layout::boolean;
      return true;
    case 'z':
      field.layout = Layout::binary;
      return true;
    case 'Z':
      field.layout = Layout::largeBinary;
      return true;
    case 'u':
      field.layout = Layout::utf8;
      return true;
    case 'U':
      field.layout = Layout::largeUtf8;
      return true;
    default:
      return false;
  }
}

bool readFormat(std::string_view format, ArrowField& field) {
  std::int32_t numbers[3] = {0, 0, 128};
  if (format.empty()) return false;
  if (format.size() == 1) return readSimpleFormat(format[0], field);
  if (format[0] == 't') return readTimeFormat(format, field);
  if (format[0] == '+') return readNestedFormat(format, field);
  if (format.starts_with("w:") && readNumbers(format.substr(2), numbers) == 1) {
    field.layout = Layout::fixedBinary;
    field.bits = numbers[0];
    return true;
  }
  if (format.starts_with("d:") && readNumbers(format.substr(2), numbers) >= 2) {
    field.layout = Layout::decimal;
    field.precision = numbers[0];
    field.scale = numbers[1];
    field.bits = numbers[2];
    return true;
  }
  return false;
}

std::string_view takeSized(const char*& at) {
  std::int32_t size = 0;
  std::memcpy(&size, at, 4);
  const std::string_view text(at + 4, static_cast<std::size_t>(size < 0 ? 0 : size));
  at += 4 + text.size();
  return text;
}

void readMetadata(const char* at, ArrowField& field, std::string& version) {
  if (at == nullptr) return;
  std::int32_t count = 0;
  std::memcpy(&count, at, 4);
  at += 4;
  for (std::int32_t i = 0; i < count; ++i) {
    const auto key = takeSized(at);
    const auto value = takeSized(at);
    if (key == kExtensionName) field.extension = value;
    if (key == kExtensionMetadata) field.extensionMetadata = value;
    if (key == kSensitiveKey) field.sensitive = value == "true";
    if (key == kVersionKey) version = value;
  }
}

/// `nextDictionary` numbers the dictionaries in the order of the walk, here and in viewOf.
Result<ArrowField> fieldOf(const ArrowSchema& schema, int depth, std::int64_t& nextDictionary, std::string& version) {
  if (depth > kMaxFieldDepth || schema.format == nullptr)
    return invalidImport("its schema is damaged or nests too deep");
  ArrowField field;
  field.name = schema.name != nullptr ? schema.name : "";
  field.nullable = (schema.flags & kFlagNullable) != 0;
  std::string_view format = schema.format;
  if (schema.dictionary != nullptr) {
    ArrowField index;
    if (!readFormat(format, index) || index.layout != Layout::integer)
      return invalidImport("dictionary codes are no integers");
    WEIR_ASSIGN(auto entries, fieldOf(*schema.dictionary, depth + 1, nextDictionary, version));
    entries.name = std::move(field.name);
    entries.nullable = field.nullable;
    entries.hasDictionary = true;
    entries.dictionary = nextDictionary++;
    entries.indexBits = index.bits;
    entries.indexSigned = index.isSigned;
    readMetadata(schema.metadata, entries, version);
    return entries;
  }
  if (!readFormat(format, field))
    return fail("arrow.unsupported", "The field `" + field.name + "` has the Arrow format `" + std::string(format) +
                                         "`, which has no column here. Convert it before importing.");
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    WEIR_ASSIGN(auto child, fieldOf(*schema.children[i], depth + 1, nextDictionary, version));
    field.children.push_back(std::move(child));
  }
  readMetadata(schema.metadata, field, version);
  return field;
}

/// Views, and the dictionaries met on the way decoded.
Result<ArrayView> viewOf(const ArrowField& field, const ArrowArray& array, Dictionaries& dictionaries,
                         const DecodeContext& context) {
  ArrayView view;
  view.length = array.length;
  view.offset = array.offset;
  if (array.n_buffers != bufferCount(field))
    return invalidImport("`" + field.name + "` has " + std::to_string(array.n_buffers) + " buffers");
  for (int i = 0; i < bufferCount(field); ++i) {
    const auto* data = static_cast<const std::byte*>(array.buffers[i]);
    view.buffers[static_cast<std::size_t>(i)] = {.data = data, .size = data != nullptr ? kUnknownSize : 0};
  }
  // Empty texts may come without a buffer; offsets then decide, and end at 0.
  if (field.hasDictionary) {
    if (array.dictionary == nullptr) return invalidImport("`" + field.name + "` lacks its dictionary");
    const auto entries = entriesField(field);
    WEIR_ASSIGN(const auto inner, viewOf(entries, *array.dictionary, dictionaries, context));
    WEIR_ASSIGN(auto column, decodeArray(entries, inner, context));
    dictionaries.insert_or_assign(field.dictionary, std::move(column));
    return view;
  }
  if (array.n_children != static_cast<std::int64_t>(field.children.size()))
    return invalidImport("`" + field.name + "` has a wrong number of children");
  for (std::size_t i = 0; i < field.children.size(); ++i) {
    WEIR_ASSIGN(auto child, viewOf(field.children[i], *array.children[i], dictionaries, context));
    view.children.push_back(std::move(child));
  }
  return view;
}

void disposeArray(Block& block) noexcept {
  auto* array = reinterpret_cast<ArrowArray*>(block.payload());
  if (array->release != nullptr) array->release(array);
}

}  // namespace

Result<ForeignSchema> readForeignSchema(const ArrowSchema& schema) {
  std::int64_t dictionaryCount = 0;
  std::string version;
  ForeignSchema foreign;
  WEIR_ASSIGN(foreign.root, fieldOf(schema, 0, dictionaryCount, version));
  if (foreign.root.layout != Layout::structure)
    return invalidImport("it is no struct array; wrap it in a record batch");
  WEIR_TRY(settle(foreign.root));
  WEIR_ASSIGN(foreign.schema, schemaOf(foreign.root.children, std::move(version)));
  return foreign;
}

Result<Batch> importArray(ArrowArray* array, const ForeignSchema& schema, MemoryAccount& account) {
  const auto block = BlockRef::adopt(Block::make(static_cast<std::int64_t>(sizeof(ArrowArray)), account));
  if (!block) {
    array->release(array);
    return memoryLimit(static_cast<std::int64_t>(sizeof(ArrowArray)), account);
  }
  const auto* held = ::new (block->payload()) ArrowArray(*array);
  block->setDispose(disposeArray);
  array->release = nullptr;
  const auto& field = schema.root;
  Dictionaries dictionaries;
  const DecodeContext context{.dictionaries = dictionaries, .owner = block, .account = account};
  WEIR_ASSIGN(const auto view, viewOf(field, *held, dictionaries, context));
  WEIR_ASSIGN(const auto whole, decodeArray(field, view, context));
  std::vector<Column> columns;
  for (std::size_t i = 0; i < field.children.size(); ++i)
    columns.push_back(whole.children[i].slice(whole.offset, whole.length));
  return Batch::of(schema.schema, std::move(columns), whole.length, {}, account);
}

Result<Batch> importBatch(ArrowArray* array, ArrowSchema* schema, MemoryAccount& account) {
  auto read = readForeignSchema(*schema);
  schema->release(schema);
  if (read) return importArray(array, *read, account);
  array->release(array);
  return std::unexpected(std::move(read.error()));
}

}  // namespace weir::arrow
