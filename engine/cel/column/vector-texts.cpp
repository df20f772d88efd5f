// VectorRun: the steps on texts, and membership in lists.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "engine/cel/column/vector-run.h"
#include "engine/cel/utf8.h"

namespace weir::cel {
namespace {

constexpr std::int64_t kMostJoinedBytes = std::int64_t{64} << 20;

bool holds(TextTest test, std::string_view a, std::string_view b) {
  switch (test) {
    case TextTest::equal:
      return a == b;
    case TextTest::notEqual:
      return a != b;
    case TextTest::less:
      return a < b;
    case TextTest::lessEqual:
      return a <= b;
    case TextTest::greater:
      return a > b;
    case TextTest::greaterEqual:
      return a >= b;
    case TextTest::contains:
      return a.find(b) != std::string_view::npos;
    case TextTest::startsWith:
      return a.starts_with(b);
    case TextTest::endsWith:
      return a.ends_with(b);
    default:
      return false;
  }
}

bool isAmong(const VectorList& list, std::string_view text) {
  return std::binary_search(list.texts.begin(), list.texts.end(), text);
}

// Bit i of `words` is test(i).
template <class Test>
void fill(std::uint64_t* words, std::int64_t rows, Test test) {
  for (std::int64_t base = 0; base < rows; base += 64) {
    const auto now = std::min<std::int64_t>(64, rows - base);
    std::uint64_t word = 0;
    for (std::int64_t i = 0; i < now; ++i) word |= static_cast<std::uint64_t>(test(base + i)) << i;
    words[base >> 6] = word;
  }
}

template <class T>
T loaded(const char* at) {
  T word{};
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Texts of equal length `size`, which is the same for all rows and so costs no mispredicted branch.
bool sameBytes(const char* a, const char* b, std::size_t size) {
  if (size > 16) return std::memcmp(a, b, size) == 0;
  if (size >= 8)
    return loaded<std::uint64_t>(a) == loaded<std::uint64_t>(b) &&
           loaded<std::uint64_t>(a + size - 8) == loaded<std::uint64_t>(b + size - 8);
  if (size >= 4)
    return ((loaded<std::uint32_t>(a) ^ loaded<std::uint32_t>(b)) |
            (loaded<std::uint32_t>(a + size - 4) ^ loaded<std::uint32_t>(b + size - 4))) == 0;
  for (std::size_t i = 0; i < size; ++i)
    if (a[i] != b[i]) return false;
  return true;
}

// == and != of a plain column and one text; nulls are the caller's business.
void equalToOne(const Column& column, std::int64_t first, std::string_view wanted, bool negated, std::uint64_t* bits,
                std::int64_t rows) {
  const auto* offsets = column.offsets + column.offset + first;
  const auto* texts = static_cast<const char*>(column.values);
  const auto size = static_cast<std::int64_t>(wanted.size());
  fill(bits, rows, [&](std::int64_t i) {
    const std::int64_t begin = offsets[i];
    return (offsets[i + 1] - begin == size && sameBytes(texts + begin, wanted.data(), wanted.size())) != negated;
  });
}

bool isNullAt(const std::uint64_t* nulls, std::int64_t row) {
  return nulls != nullptr && ((nulls[row >> 6] >> (row & 63)) & 1) != 0;
}

}  // namespace

void VectorRun::loadTexts(const Column& column, const VectorStep& step) {
  auto* texts = reinterpret_cast<std::string_view*>(roomOf(step.out));
  const auto* nulls = slots_[step.out].nulls;
  std::size_t longest = 0;
  for (std::int64_t i = 0; i < rows_; ++i) {
    auto* at = std::construct_at(texts + i);
    if (isNullAt(nulls, i)) continue;
    *at = column.text(physical(i));
    longest = std::max(longest, at->size());
  }
  slots_[step.out].data = texts;
  if (static_cast<std::int64_t>(longest) <= program_.longestText) [[likely]]
    return;
  for (std::int64_t i = 0; i < rows_; ++i)
    if (static_cast<std::int64_t>(texts[i].size()) > program_.longestText) doubt(i);
}

void VectorRun::testTexts(const VectorStep& step) {
  std::int64_t leftStep = 0;
  std::int64_t rightStep = 0;
  const auto* left = textsOf(step.a, leftStep);
  const auto* right = textsOf(step.b, rightStep);
  auto* bits = roomOf(step.out);
  fill(bits, rows_, [&](std::int64_t i) { return holds(step.test, left[i * leftStep], right[i * rightStep]); });
  slots_[step.out].data = bits;
  propagate(step, false);
}

void VectorRun::fillTable(const VectorStep& step, const Column& column, std::vector<std::uint8_t>& table) {
  const auto& entries = column.children[0];
  table.resize(static_cast<std::size_t>(entries.length));
  std::unique_ptr<BlockRegex::Scratch> scratch;
  if (step.test == TextTest::matches) scratch = program_.regexes[step.operand]->borrow();
  for (std::int64_t i = 0; i < entries.length; ++i) {
    const auto text = entries.isNull(i) ? std::string_view() : entries.text(i);
    bool found = false;
    if (step.test == TextTest::matches) {
      found = program_.regexes[step.operand]->regex().search(text, *scratch);
    } else if (step.test == TextTest::among) {
      found = isAmong(program_.lists[step.operand], text);
    } else {
      found = holds(step.test, text, *static_cast<const std::string_view*>(slots_[step.b].data));
    }
    table[static_cast<std::size_t>(i)] = found ? 1 : 0;
  }
  if (scratch != nullptr) program_.regexes[step.operand]->giveBack(std::move(scratch));
}

void VectorRun::entryBits(const VectorStep& step, const Column& column, std::size_t index) {
  auto* bits = roomOf(step.out);
  const bool small = column.dictionary && column.children[0].length <= batch_.rows() &&
                     column.children[0].offset == 0 && column.children[0].length > 0 &&
                     column.children[0].offsets[column.children[0].length] <= program_.longestText;
  if (small) {
    auto& tables = extra().tables;
    if (tables.size() <= index) tables.resize(program_.steps.size());
    auto& table = tables[index];
    if (table.empty()) fillTable(step, column, table);
    const auto entries = static_cast<std::uint32_t>(table.size());
    const auto* codes = column.codes().data();
    if (selection_ == nullptr) return kernels().lookUp(codes + first_, table.data(), entries, bits, rows_);
    return fill(bits, rows_, [&](std::int64_t i) {
      const auto code = static_cast<std::uint32_t>(codes[selection_[first_ + i]]);
      return code < entries && table[code] != 0;
    });
  }
  if (!column.dictionary && selection_ == nullptr && (step.test == TextTest::equal || step.test == TextTest::notEqual))
    return equalToOne(column, first_, *static_cast<const std::string_view*>(slots_[step.b].data),
                      step.test == TextTest::notEqual, bits, rows_);
  std::unique_ptr<BlockRegex::Scratch> scratch;
  if (step.test == TextTest::matches) scratch = program_.regexes[step.operand]->borrow();
  const auto wanted =
      step.b != kNoRegister ? *static_cast<const std::string_view*>(slots_[step.b].data) : std::string_view();
  fill(bits, rows_, [&](std::int64_t i) {
    if (column.isNull(physical(i))) return false;
    const auto text = column.text(physical(i));
    if (static_cast<std::int64_t>(text.size()) > program_.longestText) {
      doubt(i);
      return false;
    }
    if (step.test == TextTest::matches) return program_.regexes[step.operand]->regex().search(text, *scratch);
    if (step.test == TextTest::among) return isAmong(program_.lists[step.operand], text);
    return holds(step.test, text, wanted);
  });
  if (scratch != nullptr) program_.regexes[step.operand]->giveBack(std::move(scratch));
}

void VectorRun::testEntries(const VectorStep& step, std::size_t index) {
  const auto& column = batch_.column(step.table);
  entryBits(step, column, index);
  entryNulls(step, column);
}

void VectorRun::entryNulls(const VectorStep& step, const Column& column) {
  auto& out = slots_[step.out];
  auto* bits = roomOf(step.out);
  auto* nulls = nullRoom(step.out);
  out = {bits, nullptr, nullptr};
  if (!nullsOf(column, nulls)) return;
  const bool whole = step.test == TextTest::equal || step.test == TextTest::notEqual || step.test == TextTest::among;
  if (!whole) {
    (program_.flow ? out.nulls : out.errors) = nulls;
    return;
  }
  const bool answer =
      step.test == TextTest::notEqual || (step.test == TextTest::among && program_.lists[step.operand].hasNull);
  for (std::int64_t w = 0; w < words_; ++w) bits[w] = answer ? bits[w] | nulls[w] : bits[w] & ~nulls[w];
}

void VectorRun::sizeTexts(const VectorStep& step) {
  std::int64_t stride = 0;
  const auto* texts = textsOf(step.a, stride);
  auto* sizes = reinterpret_cast<std::int64_t*>(roomOf(step.out));
  for (std::int64_t i = 0; i < rows_; ++i) sizes[i] = countCodePoints(texts[i * stride]);
  slots_[step.out].data = sizes;
  propagate(step, false);
}

void VectorRun::matchTexts(const VectorStep& step) {
  std::int64_t stride = 0;
  const auto* texts = textsOf(step.a, stride);
  auto* bits = roomOf(step.out);
  const auto& regex = *program_.regexes[step.table];
  auto scratch = regex.borrow();
  for (std::int64_t w = 0; w < words_; ++w) {
    const auto wanted = needed(step, w);
    const auto now = std::min<std::int64_t>(64, rows_ - w * 64);
    std::uint64_t word = 0;
    for (std::int64_t i = 0; i < now; ++i)
      if (((wanted >> i) & 1) != 0)
        word |= static_cast<std::uint64_t>(regex.regex().search(texts[(w * 64 + i) * stride], *scratch)) << i;
    bits[w] = word;
  }
  regex.giveBack(std::move(scratch));
  slots_[step.out].data = bits;
  propagate(step, false);
}

void VectorRun::among(const VectorStep& step) {
  const auto& list = program_.lists[step.table];
  const auto lane = program_.registers[step.a].lane;
  auto* bits = roomOf(step.out);
  constexpr std::size_t kFew = 8;
  const auto oneByOne = [&](NumberLane number, const auto& items) {
    std::fill_n(bits, words_, 0);
    auto* one = errorRoom(step.out);
    const auto equal = kernels().compare[static_cast<int>(number)][0][static_cast<int>(Shape::rightConstant)];
    for (const auto& item : items) {
      (void)equal(slots_[step.a].data, &item, one, nullptr, rows_);
      for (std::int64_t w = 0; w < words_; ++w) bits[w] |= one[w];
    }
  };
  if (lane == Lane::text) {
    std::int64_t stride = 0;
    const auto* texts = textsOf(step.a, stride);
    fill(bits, rows_, [&](std::int64_t i) { return isAmong(list, texts[i * stride]); });
  } else if (lane == Lane::float64) {
    oneByOne(NumberLane::float64, list.doubles);
  } else if (list.bits.size() <= kFew) {
    oneByOne(NumberLane::uint64, list.bits);
  } else {
    const auto* numbers = static_cast<const std::uint64_t*>(slots_[step.a].data);
    fill(bits, rows_,
         [&](std::int64_t i) { return std::binary_search(list.bits.begin(), list.bits.end(), numbers[i]); });
  }
  slots_[step.out].data = bits;
  joinErrors(step);
  const auto* nulls = slots_[step.a].nulls;
  if (nulls == nullptr) return;
  for (std::int64_t w = 0; w < words_; ++w) bits[w] = list.hasNull ? bits[w] | nulls[w] : bits[w] & ~nulls[w];
}

void VectorRun::chooseTexts(const VectorStep& step) {
  std::int64_t leftStep = 0;
  std::int64_t rightStep = 0;
  const auto* left = textsOf(step.a, leftStep);
  const auto* right = textsOf(step.b, rightStep);
  const auto* truth = static_cast<const std::uint64_t*>(slots_[step.c].data);
  auto* out = reinterpret_cast<std::string_view*>(roomOf(step.out));
  for (std::int64_t i = 0; i < rows_; ++i)
    std::construct_at(out + i, ((truth[i >> 6] >> (i & 63)) & 1) != 0 ? left[i * leftStep] : right[i * rightStep]);
}

void VectorRun::concatenate(const VectorStep& step) {
  std::int64_t leftStep = 0;
  std::int64_t rightStep = 0;
  const auto* left = textsOf(step.a, leftStep);
  const auto* right = textsOf(step.b, rightStep);
  auto* out = reinterpret_cast<std::string_view*>(roomOf(step.out));
  auto& text = extra().joined.emplace_back();
  std::int64_t total = 0;
  for (std::int64_t i = 0; i < rows_; ++i) {
    std::construct_at(out + i);
    const auto size = static_cast<std::int64_t>(left[i * leftStep].size() + right[i * rightStep].size());
    if (size > program_.longestText || total + size > kMostJoinedBytes) {
      doubt(i);
    } else {
      total += size;
    }
  }
  text.resize_and_overwrite(static_cast<std::size_t>(total), [&](char* to, std::size_t) {
    auto* at = to;
    for (std::int64_t i = 0; i < rows_; ++i) {
      if (doubtful_ && isNullAt(doubt_.data(), i)) continue;
      const auto a = left[i * leftStep];
      const auto b = right[i * rightStep];
      const auto begin = at;
      at = std::copy_n(a.data(), a.size(), at);
      at = std::copy_n(b.data(), b.size(), at);
      out[i] = std::string_view(begin, a.size() + b.size());
    }
    return static_cast<std::size_t>(at - to);
  });
  slots_[step.out].data = out;
  propagate(step, false);
}

}  // namespace weir::cel
