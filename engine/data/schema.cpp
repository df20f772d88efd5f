// Interning of schemas.
#include "engine/data/schema.h"

#include <algorithm>
#include <map>

#include "engine/data/check.h"
#include "engine/data/lock.h"

namespace weir {

struct Schema::Private {};

namespace {

/// FNV-1a over what distinguishes schemas; it never leaves memory.
class Fingerprint {
 public:
  void add(std::string_view text) noexcept {
    for (const char c : text) addByte(static_cast<std::uint8_t>(c));
    addByte(0xff);
  }
  void addByte(std::uint8_t byte) noexcept { value_ = (value_ ^ byte) * 0x100000001b3ull; }
  void add(const Field& field) noexcept {
    add(field.name);
    addByte(static_cast<std::uint8_t>((field.nullable ? 1 : 0) | (field.sensitive ? 2 : 0)));
    add(*field.type);
  }
  void add(const Type& type) noexcept {
    addByte(static_cast<std::uint8_t>(type.kind));
    addByte(static_cast<std::uint8_t>(type.unit));
    if (type.element) add(*type.element);
    for (const auto& field : type.fields) add(field);
    for (const auto n : type.shape) addByte(static_cast<std::uint8_t>(n & 0xff));
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ull;
};

struct Table {
  Lock lock;
  std::multimap<std::uint64_t, std::weak_ptr<const Schema>> entries;
  std::size_t purgeAt = 64;
};

/// The one table of the process: interning means exactly that there is one.
Table& table() {
  static Table instance;
  return instance;
}

void purge(Table& all) {
  std::erase_if(all.entries, [](const auto& entry) { return entry.second.expired(); });
  all.purgeAt = std::max<std::size_t>(64, all.entries.size() * 2);
}

}  // namespace

Schema::Schema(const Private&, std::vector<Field> fields, std::string version)
    : fields_(std::move(fields)), version_(std::move(version)) {
  byName_.resize(fields_.size());
  for (std::size_t i = 0; i < byName_.size(); ++i) {
    WEIR_CHECK(fields_[i].type);
    byName_[i] = static_cast<std::int32_t>(i);
  }
  const auto nameOf = [this](std::int32_t i) -> const std::string& {
    return fields_[static_cast<std::size_t>(i)].name;
  };
  std::ranges::sort(byName_, {}, nameOf);
  WEIR_CHECK(std::ranges::adjacent_find(byName_, {}, nameOf) == byName_.end());
}

SchemaRef Schema::of(std::vector<Field> fields, std::string version) {
  Fingerprint fingerprint;
  fingerprint.add(version);
  for (const auto& field : fields) fingerprint.add(field);
  const auto key = fingerprint.value();
  auto& all = table();
  // Outside the lock: the last reference to a schema that turned up meanwhile may go here.
  std::vector<SchemaRef> looked;
  const Locked locked(all.lock);
  for (auto [at, end] = all.entries.equal_range(key); at != end; ++at) {
    auto known = at->second.lock();
    if (known != nullptr && known->version_ == version && known->fields_ == fields) return known;
    looked.push_back(std::move(known));
  }
  auto made = std::make_shared<const Schema>(Private{}, std::move(fields), std::move(version));
  if (all.entries.size() >= all.purgeAt) purge(all);
  all.entries.emplace(key, made);
  return made;
}

const SchemaRef& Schema::empty() {
  static const SchemaRef instance = of({});
  return instance;
}

std::int64_t Schema::indexOf(std::string_view name) const noexcept {
  if (fields_.size() <= 6) {
    for (std::size_t i = 0; i < fields_.size(); ++i)
      if (fields_[i].name == name) return static_cast<std::int64_t>(i);
    return -1;
  }
  const auto nameOf = [this](std::int32_t i) -> std::string_view { return fields_[static_cast<std::size_t>(i)].name; };
  const auto at = std::ranges::lower_bound(byName_, name, {}, nameOf);
  return at != byName_.end() && nameOf(*at) == name ? *at : -1;
}

std::string Schema::describe() const { return typeName(*Type::map(fields_)).substr(3); }

}  // namespace weir
