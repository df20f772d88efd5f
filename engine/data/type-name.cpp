// Type names as people write them, both ways.
#include <charconv>
#include <optional>

#include "engine/data/type.h"

namespace weir {
namespace {

bool isNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool isNamePart(char c) { return isNameStart(c) || (c >= '0' && c <= '9'); }

void appendName(std::string& out, std::string_view name) {
  bool plain = !name.empty() && isNameStart(name.front());
  for (const char c : name) plain = plain && isNamePart(c);
  if (plain) {
    out += name;
    return;
  }
  out += '"';
  for (const char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void appendType(std::string& out, const Type& type) {
  out += kindName(type.kind);
  switch (type.kind) {
    case Kind::timestamp:
    case Kind::duration:
      if (type.unit == TimeUnit::nanos) out += "[ns]";
      return;
    case Kind::list:
      out += '<';
      appendType(out, *type.element);
      out += '>';
      return;
    case Kind::map: {
      out += '{';
      bool first = true;
      for (const auto& field : type.fields) {
        if (!first) out += ", ";
        first = false;
        appendName(out, field.name);
        out += ": ";
        appendType(out, *field.type);
        if (field.nullable) out += '?';
      }
      out += '}';
      return;
    }
    case Kind::tensor: {
      out += '[';
      bool first = true;
      for (const auto n : type.shape) {
        if (!first) out += ", ";
        first = false;
        out += std::to_string(n);
      }
      out += ']';
      return;
    }
    case Kind::null:
    case Kind::boolean:
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any:
      return;
  }
}

constexpr int kMaxDepth = 32;
constexpr std::int64_t kMaxTensor = std::int64_t{1} << 24;

class NameReader {
 public:
  explicit NameReader(std::string_view text) : rest_(text) {}

  TypeRef whole() {
    auto type = read(0);
    skipSpace();
    return rest_.empty() ? type : TypeRef();
  }

 private:
  void skipSpace() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n' || rest_.front() == '\t'))
      rest_.remove_prefix(1);
  }
  bool accept(char c) {
    skipSpace();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view word() {
    skipSpace();
    std::size_t n = 0;
    if (!rest_.empty() && isNameStart(rest_.front()))
      while (n < rest_.size() && isNamePart(rest_[n])) ++n;
    const auto taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }
  std::optional<std::string> fieldName() {
    if (!accept('"')) {
      const auto plain = word();
      return plain.empty() ? std::nullopt : std::optional(std::string(plain));
    }
    std::string name;
    while (!rest_.empty()) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return name;
      if (c == '\\') {
        if (rest_.empty()) return std::nullopt;
        c = rest_.front();
        rest_.remove_prefix(1);
      }
      name += c;
    }
    return std::nullopt;
  }

  TypeRef read(int depth) {
    if (depth > kMaxDepth) return {};
    const auto name = word();
    if (name == "list") {
      if (!accept('<')) return {};
      auto element = read(depth + 1);
      return element && accept('>') ? Type::list(std::move(element)) : TypeRef();
    }
    if (name == "map") return readMap(depth);
    if (name == "tensor") return readTensor();
    if (name == "timestamp" || name == "duration") {
      auto unit = TimeUnit::micros;
      if (accept('[')) {
        const auto text = word();
        if (text == "ns") {
          unit = TimeUnit::nanos;
        } else if (text != "us") {
          return {};
        }
        if (!accept(']')) return {};
      }
      return name == "timestamp" ? Type::timestamp(unit) : Type::duration(unit);
    }
    return scalar(name);
  }

  static TypeRef scalar(std::string_view name) {
    if (name == "null") return Type::null();
    if (name == "bool") return Type::boolean();
    if (name == "int") return Type::int64();
    if (name == "uint") return Type::uint64();
    if (name == "double") return Type::float64();
    if (name == "string") return Type::string();
    if (name == "bytes") return Type::bytes();
    if (name == "blob") return Type::blob();
    if (name == "any") return Type::any();
    return {};
  }

  TypeRef readMap(int depth) {
    if (!accept('{')) return {};
    std::vector<Field> fields;
    if (accept('}')) return Type::map({});
    do {
      auto name = fieldName();
      if (!name || !accept(':')) return {};
      for (const auto& other : fields)
        if (other.name == *name) return {};
      auto type = read(depth + 1);
      if (!type) return {};
      const bool nullable = accept('?');
      fields.push_back({.name = std::move(*name), .type = std::move(type), .nullable = nullable});
    } while (accept(','));
    return accept('}') ? Type::map(std::move(fields)) : TypeRef();
  }

  TypeRef readTensor() {
    if (!accept('[')) return {};
    std::vector<std::int64_t> shape;
    std::int64_t total = 1;
    if (accept(']')) return Type::tensor({});
    do {
      skipSpace();
      std::int64_t n = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), n);
      if (error != std::errc{} || n < 1 || n > kMaxTensor) return {};
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      total *= n;
      if (total > kMaxTensor) return {};
      shape.push_back(n);
    } while (accept(','));
    return accept(']') ? Type::tensor(std::move(shape)) : TypeRef();
  }

  std::string_view rest_;
};

}  // namespace

std::string typeName(const Type& type) {
  std::string out;
  appendType(out, type);
  return out;
}

std::string_view kindName(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "bool";
    case Kind::int64:
      return "int";
    case Kind::uint64:
      return "uint";
    case Kind::float64:
      return "double";
    case Kind::string:
      return "string";
    case Kind::bytes:
      return "bytes";
    case Kind::timestamp:
      return "timestamp";
    case Kind::duration:
      return "duration";
    case Kind::list:
      return "list";
    case Kind::map:
      return "map";
    case Kind::tensor:
      return "tensor";
    case Kind::blob:
      return "blob";
    case Kind::any:
      return "any";
  }
  return "unknown";
}

TypeRef parseTypeName(std::string_view text) { return NameReader(text).whole(); }

}  // namespace weir
