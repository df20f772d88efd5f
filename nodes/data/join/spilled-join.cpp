// Merge join over two sorters; a third one restores the order.
#include "nodes/data/join/spilled-join.h"

#include <algorithm>
#include <utility>

namespace weir::nodes::join {
namespace {

constexpr std::size_t kOrdinalBytes = 8;
constexpr std::int64_t kBigMatch = 4096;  // so many lookup rows are not copied to stand beside those of other keys

std::string_view withoutOrdinal(std::string_view key) { return key.substr(0, key.size() - kOrdinalBytes); }
std::string_view ordinalOf(std::string_view key) { return key.substr(key.size() - kOrdinalBytes); }

std::int64_t ordinalNumber(std::string_view key) {
  auto text = ordinalOf(key);
  std::int64_t low = 0;
  // Ordinals are small and not negative: how appendKeyNumber orders signs is left out by its top bit.
  for (const char byte : text)
    low = static_cast<std::int64_t>((static_cast<std::uint64_t>(low) << 8U) | static_cast<std::uint8_t>(byte));
  return low & INT64_MAX;
}

Result<SortedRows> sorted(std::optional<RowSorter>& sorter, MemoryAccount& account) {
  std::vector<RowSorter> one;
  one.push_back(std::move(*sorter));
  sorter.reset();
  return SortedRows::of(std::move(one), account);
}

}  // namespace

SpilledJoin::SpilledJoin(const JoinPlan& plan)
    : plan_(&plan), options_{std::max<std::int64_t>(1, plan.memoryBytes / 4), INT64_MAX, plan.files} {
  for (auto* each : {&lookupSorter_, &rowSorter_, &joined_, &unmatched_}) each->emplace(options_, *plan.account);
}

Result<void> SpilledJoin::addLookup(const Batch& part, const KeyList& keys) {
  if (!shape_) {
    shape_ = part.slice(0, 0);
    WEIR_ASSIGN(shape_, shape_.compact(*plan_->account));
  }
  WEIR_TRY(sameSchema(shape_, part));
  KeyList numbered;
  for (std::int64_t row = 0; row < keys.size(); ++row) {
    numbered.open().append(keys[row]);
    appendKeyNumber(numbered.open(), lookupCount_++);
    numbered.close();
  }
  return lookupSorter_->add(part, numbered);
}

Result<void> SpilledJoin::addRows(const Batch& rows, const std::vector<Column>& keys) {
  KeyList numbered;
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    for (const auto& key : keys) appendKey(numbered.open(), key, row);
    appendKeyNumber(numbered.open(), rowCount_++);
    numbered.close();
  }
  return rowSorter_->add(rows, numbered);
}

/// The next lookup rows. False: there are none.
Result<bool> SpilledJoin::readLookup() {
  hereKeys_.clear();
  at_ = 0;
  here_ = {};
  WEIR_ASSIGN(auto batch, lookup_->next(kMaxBatchRows, &hereKeys_));
  if (!batch) {
    lookupEnded_ = true;
    return false;
  }
  here_ = std::move(*batch);
  if (plan_->duplicates == Settings::Duplicates::error && !plan_->plain()) noteDuplicates();
  return true;
}

void SpilledJoin::noteDuplicates() {
  for (std::int64_t row = 0; row < hereKeys_.size(); ++row) {
    const auto key = withoutOrdinal(hereKeys_[row]);
    if (lastCount_ == 0 || key != lastKey_) {
      lastKey_ = key;
      lastFirst_ = ordinalNumber(hereKeys_[row]);
      lastCount_ = 0;
    }
    ++lastCount_;
    if (lastCount_ < 2 || lastFirst_ > duplicateFirst_) continue;
    duplicateFirst_ = lastFirst_;
    duplicateCount_ = lastCount_;
  }
}

Result<void> SpilledJoin::checkDuplicates() const {
  if (duplicateCount_ == 0) return {};
  return duplicateKey(duplicateCount_, duplicateFirst_);
}

std::string_view SpilledJoin::lookupKey() const { return withoutOrdinal(hereKeys_[at_]); }

/// `matches_` become the lookup rows with this key; keys come in order.
Result<void> SpilledJoin::seek(std::string_view key) {
  if (anyKey_ && key_ == key) return {};
  anyKey_ = true;
  key_ = key;
  matches_ = shape_;
  pooled_ = false;
  std::vector<Batch> parts;
  const bool one = plan_->plain() || plan_->duplicates == Settings::Duplicates::first;
  for (;;) {
    while (at_ < hereKeys_.size() && lookupKey() < key) ++at_;
    const auto from = at_;
    while (at_ < hereKeys_.size() && lookupKey() == key) ++at_;
    if (at_ > from && (parts.empty() || !one)) parts.push_back(here_.slice(from, one ? 1 : at_ - from));
    if (at_ < hereKeys_.size() || lookupEnded_) break;
    WEIR_ASSIGN(const auto more, readLookup());
    if (!more) break;
  }
  if (parts.size() == 1) matches_ = parts[0];
  if (parts.size() > 1) {
    WEIR_ASSIGN(matches_, concat(parts, *plan_->account));
  }
  return {};
}

/// Joins the pairs that wait.
Result<void> SpilledJoin::flush(const Batch& rows) {
  if (!pairs_.left.empty()) {
    Batch right = shape_;
    if (pool_.size() == 1) right = pool_[0];
    if (pool_.size() > 1) {
      WEIR_ASSIGN(right, concat(pool_, *plan_->account));
    }
    WEIR_ASSIGN(const auto both, beside(rows, right, pairs_, *plan_->account));
    WEIR_TRY(joined_->add(both, pairKeys_));
  }
  pairs_ = {};
  pairKeys_.clear();
  pool_.clear();
  poolRows_ = 0;
  pooled_ = false;
  return {};
}

/// `row` beside each of `matches_`, or beside nothing.
Result<void> SpilledJoin::addPairs(const Batch& rows, const KeyList& keys, std::uint32_t row) {
  const auto ordinal = ordinalOf(keys[row]);
  const auto add = [&](std::uint32_t right, std::int64_t index) {
    pairs_.left.push_back(row);
    pairs_.right.push_back(right);
    pairKeys_.open().append(ordinal);
    appendKeyNumber(pairKeys_.open(), index);
    pairKeys_.close();
  };
  if (matches_.rows() == 0) {
    add(Pairs::kNoMatch, 0);
    if (static_cast<std::int64_t>(pairs_.left.size()) >= kMaxBatchRows) return flush(rows);
    return {};
  }
  if (!pooled_ && (matches_.rows() > kBigMatch || poolRows_ > kBigMatch)) WEIR_TRY(flush(rows));
  for (std::int64_t index = 0; index < matches_.rows(); ++index) {
    if (static_cast<std::int64_t>(pairs_.left.size()) >= kMaxBatchRows) WEIR_TRY(flush(rows));
    if (!pooled_) {
      pool_.push_back(matches_);
      poolRows_ += matches_.rows();
      pooled_ = true;
    }
    add(static_cast<std::uint32_t>(poolRows_ - matches_.rows() + index), index);
  }
  return {};
}

/// Some rows as they are.
Result<void> SpilledJoin::keep(RowSorter& to, const Batch& rows, const KeyList& keys,
                               std::vector<std::uint32_t>& chosen) {
  if (chosen.empty()) return {};
  KeyList ordinals;
  for (const auto row : chosen) ordinals.append(ordinalOf(keys[row]));
  WEIR_ASSIGN(const auto kept, rows.gather(chosen));
  chosen.clear();
  return to.add(kept, ordinals);
}

Result<void> SpilledJoin::joinBatch(const Batch& rows, const KeyList& keys, bool wantUnmatched) {
  for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(rows.rows()); ++row) {
    WEIR_TRY(seek(withoutOrdinal(keys[row])));
    const bool matches = matches_.rows() > 0;
    if (!matches && plan_->dropsUnmatched()) {
      if (wantUnmatched) unmatchedChosen_.push_back(row);
    } else if (plan_->plain()) {
      if (matches == (plan_->kind == Settings::Kind::semi)) plainRows_.push_back(row);
    } else {
      WEIR_TRY(addPairs(rows, keys, row));
    }
  }
  WEIR_TRY(flush(rows));
  WEIR_TRY(keep(*joined_, rows, keys, plainRows_));
  return keep(*unmatched_, rows, keys, unmatchedChosen_);
}

Result<void> SpilledJoin::openBoth() {
  WEIR_ASSIGN(lookup_, sorted(lookupSorter_, *plan_->account));
  WEIR_ASSIGN(rows_, sorted(rowSorter_, *plan_->account));
  return {};
}

Result<bool> SpilledJoin::merge(bool wantUnmatched) {
  if (joinedRows_) return true;
  if (!rows_) WEIR_TRY(openBoth());
  KeyList keys;
  WEIR_ASSIGN(const auto batch, rows_->next(kMaxBatchRows, &keys));
  if (batch) {
    WEIR_TRY(joinBatch(*batch, keys, wantUnmatched));
    return false;
  }
  // Equal keys are refused even where no row has them.
  while (plan_->duplicates == Settings::Duplicates::error && !lookupEnded_) WEIR_TRY(readLookup());
  WEIR_TRY(checkDuplicates());
  here_ = {};
  matches_ = {};
  lookup_.reset();
  WEIR_ASSIGN(joinedRows_, sorted(joined_, *plan_->account));
  WEIR_ASSIGN(unmatchedRows_, sorted(unmatched_, *plan_->account));
  return true;
}

Result<bool> SpilledJoin::emitSorted(SortedRows& from, Port port, StepIo& io) {
  for (;;) {
    if (io.room(port).rows <= 0 || io.budgetSpent()) return false;
    WEIR_ASSIGN(auto batch, from.next(kMaxBatchRows));
    if (!batch) return true;
    io.emit(port, std::move(*batch));
  }
}

Result<bool> SpilledJoin::emit(StepIo& io) {
  WEIR_ASSIGN(const auto rows, emitSorted(*joinedRows_, out::rows, io));
  WEIR_ASSIGN(const auto unmatched, emitSorted(*unmatchedRows_, out::unmatched, io));
  return rows && unmatched;
}

}  // namespace weir::nodes::join
