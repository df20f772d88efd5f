// Lookup rows by key, and rows put side by side.
#include "nodes/data/join/lookup-table.h"

#include <algorithm>
#include <utility>

#include "engine/node/sorted-run.h"

namespace weir::nodes::join {
namespace {

bool anyNull(const std::vector<Column>& keys, std::int64_t row) {
  return std::ranges::any_of(keys, [row](const Column& key) {
    return key.isNull(row) || (key.type->kind == Kind::any && key.value(row).isNull());
  });
}

}  // namespace

Result<LookupPart> LookupPart::of(const Batch& lookup, const std::vector<Column>& keys, const Added& added,
                                  MemoryAccount& account) {
  LookupPart part;
  for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(lookup.rows()); ++row) {
    if (!anyNull(keys, row)) part.good.push_back(row);
  }
  WEIR_ASSIGN(part.rows, added.of(lookup));
  if (static_cast<std::int64_t>(part.good.size()) != lookup.rows()) {
    WEIR_ASSIGN(part.rows, part.rows.gather(part.good));
  }
  WEIR_ASSIGN(part.rows, part.rows.compact(account));
  return part;
}

std::unexpected<Error> duplicateKey(std::int64_t count, std::int64_t first) {
  return fail("join.duplicate_key",
              "the lookup has " + std::to_string(count) + " rows with the same key; the first is row " +
                  std::to_string(first + 1) +
                  " of those without a null in their key. Remove the others, or set duplicates to first or all.");
}

Result<void> LookupTable::add(const Batch& lookup, const std::vector<Column>& keys, const Added& added) {
  numbers_.resize(static_cast<std::size_t>(lookup.rows()));
  WEIR_ASSIGN(auto part, LookupPart::of(lookup, keys, added, *account_));
  WEIR_TRY(table_.assign(keys, lookup.rows(), numbers_.data()));
  for (const auto row : part.good) keyOf_.push_back(numbers_[row]);
  if (!parts_.empty()) WEIR_TRY(sameSchema(parts_[0], part.rows));
  bytes_ += part.rows.logicalBytes();
  parts_.push_back(std::move(part.rows));
  return {};
}

std::int64_t LookupTable::memoryBytes() const {
  return bytes_ + table_.memoryBytes() + static_cast<std::int64_t>((keyOf_.capacity() + order_.capacity()) * 4);
}

Result<void> LookupTable::seal(Settings::Duplicates duplicates) {
  table_.freeze();
  if (!parts_.empty()) {
    WEIR_ASSIGN(rows_, concat(parts_, *account_));
    parts_.clear();
  }
  first_.assign(static_cast<std::size_t>(table_.groups()) + 1, 0);
  for (const auto key : keyOf_) ++first_[key + 1];
  if (duplicates == Settings::Duplicates::error) {
    for (std::size_t key = 0; key + 1 < first_.size(); ++key) {
      if (first_[key + 1] < 2) continue;
      const auto row =
          static_cast<std::int64_t>(std::ranges::find(keyOf_, static_cast<std::uint32_t>(key)) - keyOf_.begin());
      return duplicateKey(first_[key + 1], row);
    }
  }
  for (std::size_t key = 1; key < first_.size(); ++key) first_[key] += first_[key - 1];
  order_.resize(keyOf_.size());
  auto next = first_;
  for (std::uint32_t row = 0; row < keyOf_.size(); ++row) order_[next[keyOf_[row]]++] = row;
  keyOf_ = {};
  return {};
}

Result<void> LookupTable::probe(const std::vector<Column>& keys, std::int64_t rows, bool keepUnmatched, Pairs& to) {
  numbers_.resize(static_cast<std::size_t>(rows));
  WEIR_TRY(table_.assign(keys, rows, numbers_.data()));
  for (std::uint32_t row = 0; row < numbers_.size(); ++row) {
    const auto key = numbers_[row];
    const bool matches = key != KeyTable::kNone && first_[key] != first_[key + 1] && !anyNull(keys, row);
    if (matches) {
      for (auto at = first_[key]; at < first_[key + 1]; ++at) {
        to.left.push_back(row);
        to.right.push_back(order_[at]);
      }
    } else if (keepUnmatched) {
      to.left.push_back(row);
      to.right.push_back(Pairs::kNoMatch);
    }
  }
  return {};
}

Result<void> LookupTable::save(StateWriter& to) const {
  auto keyOf = keyOf_;
  auto parts = parts_;
  if (rows_) {
    keyOf.resize(order_.size());
    for (std::uint32_t key = 0; key + 1 < first_.size(); ++key) {
      for (auto at = first_[key]; at < first_[key + 1]; ++at) keyOf[order_[at]] = key;
    }
    for (std::int64_t from = 0; from < std::max<std::int64_t>(1, rows_.rows()); from += kMaxBatchRows)
      parts.push_back(rows_.slice(from, std::min(kMaxBatchRows, rows_.rows() - from)));
  }
  WEIR_TRY(to.write(static_cast<std::int64_t>(parts.size())));
  std::size_t row = 0;
  for (const auto& part : parts) {
    KeyList keys;
    for (std::int64_t i = 0; i < part.rows(); ++i) keys.append(table_.key(keyOf[row++]));
    WEIR_TRY(sorting::saveKeyed(part, keys, to, *account_));
  }
  return {};
}

Result<void> LookupTable::restore(StateReader& from) {
  std::int64_t count = 0;
  WEIR_TRY(from.read(count));
  for (std::int64_t i = 0; i < count; ++i) {
    KeyList keys;
    WEIR_ASSIGN(auto part, sorting::restoreKeyed(from, keys, *account_));
    for (std::int64_t row = 0; row < keys.size(); ++row) keyOf_.push_back(table_.find(keys[row], {}));
    bytes_ += part.logicalBytes();
    parts_.push_back(std::move(part));
  }
  return {};
}

}  // namespace weir::nodes::join
