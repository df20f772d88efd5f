// Builds the values of a document from the cursor's walk.
#include "engine/json/document.h"

#include <algorithm>
#include <vector>

#include "engine/json/cursor.h"
#include "engine/json/structure.h"
#include "engine/json/text.h"

namespace weir::json {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kSomeRoom = 4;
constexpr std::size_t kFewMembers = 12;

// One parse. Containers are kept on a stack of our own: nesting is the text's choice, the machine stack is not.
class Builder {
 public:
  Builder(const std::string& text, const ParseOptions& options) : text_(text), options_(options) {}

  Result<Value> build(std::uint32_t from, std::uint32_t to) {
    structure_.build(text_, from, to, TextKind::document);
    cursor_.start(structure_, 0);
    Value root;
    const bool good = walk(root) && cursor_.finish(structure_) && structure_.problem().ok();
    if (good) return root;
    if (duplicate_) return std::unexpected(duplicateError());
    auto problem = cursor_.problem();
    // The index ends at the first wrong string: what the cursor misses there is not the mistake.
    const bool cut = !structure_.problem().ok() && (problem.ok() || problem.position >= structure_.end());
    return std::unexpected(describe(cut ? structure_.problem() : problem, std::string_view(text_).substr(0, to)));
  }

 private:
  bool walk(Value& root) {
    if (!enter(root)) return false;
    while (!open_.empty()) {
      Value* const container = open_.back();
      Value* child = nullptr;
      if (auto* members = container->asObject()) {
        std::string_view raw;
        if (!cursor_.nextField(raw)) {
          if (!cursor_.problem().ok() || !keysDiffer(*members)) return false;
          open_.pop_back();
          continue;
        }
        // Most objects and lists are small: making room for some at once saves moving those that are there.
        if (members->empty()) members->reserve(kSomeRoom);
        auto& member = members->emplace_back();
        appendUnescaped(member.key, raw);
        member.keyOffset = raw.data() - text_.data() - 1;
        child = &member.value;
      } else {
        if (!cursor_.nextElement()) {
          if (!cursor_.problem().ok()) return false;
          open_.pop_back();
          continue;
        }
        auto& elements = *container->asArray();
        if (elements.empty()) elements.reserve(kSomeRoom);
        child = &elements.emplace_back();
      }
      if (!enter(*child)) return false;
    }
    return true;
  }

  // Reads a scalar, or begins a container. While a container is open the ones around it do not grow, so that the
  // pointers on the stack hold.
  bool enter(Value& value) {
    const auto offset = cursor_.position();
    switch (cursor_.kind()) {
      case Kind::object:
      case Kind::array:
        if (static_cast<std::int32_t>(open_.size()) >= options_.maxDepth) return cursor_.fail(Fault::tooDeep, offset);
        value = cursor_.kind() == Kind::object ? Value::object() : Value::array();
        value.setOffset(offset);
        open_.push_back(&value);
        return value.isObject() ? cursor_.enterObject() : cursor_.enterArray();
      case Kind::string: {
        std::string_view raw;
        if (!cursor_.getRawString(raw)) return false;
        std::string text;
        appendUnescaped(text, raw);
        value = Value(std::move(text));
        break;
      }
      case Kind::number:
        if (!readNumber(value)) return false;
        break;
      case Kind::boolean: {
        bool flag = false;
        if (!cursor_.getBool(flag)) return false;
        value = Value(flag);
        break;
      }
      case Kind::null:
        if (!cursor_.getNull()) return false;
        break;
      case Kind::none:
        return cursor_.skip();  // tells what is wrong
    }
    value.setOffset(offset);
    return true;
  }

  bool readNumber(Value& value) {
    Number number;
    if (!cursor_.getNumber(number)) return false;
    if (number.kind == NumberKind::int64) {
      value = Value(number.int64);
    } else if (number.kind == NumberKind::uint64) {
      value = Value(number.uint64);
    } else {
      const auto text = cursor_.scalarText();
      const bool integer = text.find_first_of(".eE") == std::string_view::npos;
      const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
      value = integer || digits > 17 ? Value::exactNumber(number.float64, std::string(text)) : Value(number.float64);
    }
    return true;
  }

  bool keysDiffer(const Value::Object& members) {
    if (options_.duplicateKeys == DuplicateKeys::keepLast || members.size() < 2) return true;
    if (members.size() <= kFewMembers && fewDiffer(members)) return true;
    sorted_.clear();
    for (const auto& member : members) sorted_.push_back(&member);
    std::sort(sorted_.begin(), sorted_.end(), [](const Member* a, const Member* b) {
      return a->key != b->key ? a->key < b->key : a->keyOffset < b->keyOffset;
    });
    for (std::size_t i = 1; i < sorted_.size(); ++i) {
      if (sorted_[i - 1]->key != sorted_[i]->key) continue;
      if (duplicate_ && sorted_[i]->keyOffset >= second_) continue;
      duplicate_ = true;
      first_ = sorted_[i - 1]->keyOffset;
      second_ = sorted_[i]->keyOffset;
      key_ = sorted_[i]->key;
    }
    return !duplicate_;
  }

  static bool fewDiffer(const Value::Object& members) {
    for (std::size_t i = 1; i < members.size(); ++i) {
      for (std::size_t before = 0; before < i; ++before) {
        if (members[before].key == members[i].key) return false;
      }
    }
    return true;
  }

  Error duplicateError() const {
    std::string quoted;
    appendQuoted(quoted, key_);
    return Error{"json.duplicate_key", toText(placeOf(text_, second_)) + ": the object has the key " + quoted +
                                           " already, at " + toText(placeOf(text_, first_))};
  }

  const std::string& text_;
  const ParseOptions& options_;
  Structure structure_;
  Cursor cursor_;
  std::vector<Value*> open_;
  std::vector<const Member*> sorted_;
  bool duplicate_ = false;
  std::int64_t first_ = 0, second_ = 0;
  std::string key_;
};

// The child of `value` in which `offset` lies: the last that begins (with its key) at or before it.
const Value* childAt(const Value& value, std::int64_t offset, std::string& pointer) {
  if (const auto* members = value.asObject()) {
    const auto behind = std::partition_point(members->begin(), members->end(),
                                             [&](const Member& member) { return member.keyOffset <= offset; });
    if (behind == members->begin()) return nullptr;
    appendPointer(pointer, (behind - 1)->key);
    return &(behind - 1)->value;
  }
  if (const auto* elements = value.asArray()) {
    const auto behind = std::partition_point(elements->begin(), elements->end(),
                                             [&](const Value& element) { return element.offset() <= offset; });
    if (behind == elements->begin()) return nullptr;
    appendPointer(pointer, std::to_string(behind - elements->begin() - 1));
    return &*(behind - 1);
  }
  return nullptr;
}

}  // namespace

Location Document::locate(std::int64_t offset) const {
  Location location{placeOf(text_, offset), {}};
  for (const Value* value = &root_; value != nullptr && value->offset() != offset;)
    value = childAt(*value, offset, location.pointer);
  return location;
}

Place Document::placeOfPointer(std::string_view pointer) const {
  for (;;) {
    if (const auto* value = root_.findPointer(pointer)) return placeOf(text_, value->offset());
    const auto slash = pointer.rfind('/');
    if (slash == std::string_view::npos) return placeOf(text_, root_.offset());
    pointer = pointer.substr(0, slash);
  }
}

Result<Document> parse(std::string_view text, const ParseOptions& options) {
  const auto limit = std::min(options.maxBytes, kMaxTextBytes - kPaddingBytes);
  if (static_cast<std::int64_t>(text.size()) > limit)
    return fail("json.too_large", "the text has " + std::to_string(text.size()) + " bytes; at most " +
                                      std::to_string(limit) + " are read as one document");
  std::string padded;
  padded.reserve(text.size() + static_cast<std::size_t>(kPaddingBytes));
  padded.append(text).append(static_cast<std::size_t>(kPaddingBytes), '\0');
  const auto from = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  auto inner = options;
  inner.maxDepth = std::clamp(inner.maxDepth, 0, kMaxDepth);
  Builder builder(padded, inner);
  WEIR_ASSIGN(auto root, builder.build(static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(text.size())));
  padded.resize(text.size());
  return Document(std::move(padded), std::move(root));
}

}  // namespace weir::json
