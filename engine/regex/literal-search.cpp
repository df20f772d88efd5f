// Picks what to probe of each literal, runs the vector code and checks what it finds.
#include "engine/regex/literal-search.h"

#include <algorithm>
#include <cstring>

#include "engine/simd/simd.h"

// The order matters: regions open and close around the kernel.
// clang-format off
#include "engine/simd/base-begin.h"
#include "engine/regex/literal-search.kernel.h"
#include "engine/simd/base-end.h"
#if WEIR_SIMD_HAS_AVX2
#include "engine/simd/avx2-begin.h"
#include "engine/regex/literal-search.kernel.h"
#include "engine/simd/avx2-end.h"
#endif
// clang-format on

#if WEIR_SIMD_HAS_AVX2
#define WEIR_REGEX_PICK(function) (simd::hasAvx2() ? avx2::function : base::function)
#else
#define WEIR_REGEX_PICK(function) base::function
#endif

namespace weir::regex {
namespace {

const std::uint8_t* bytes(const char* data) { return reinterpret_cast<const std::uint8_t*>(data); }

bool isLetter(std::uint8_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

char lowerOf(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// A guess at how common a byte is in logs, code and prose; only the order matters.
int commonness(std::uint8_t c) {
  constexpr std::string_view kLetters = "etaoinsrhldcumfpgwybvkxjqz";
  if (c == ' ') return 255;
  if (c >= 'a' && c <= 'z') return 240 - 4 * static_cast<int>(kLetters.find(static_cast<char>(c)));
  if (c >= '0' && c <= '9') return c < '3' ? 235 : 215;
  if (c >= 'A' && c <= 'Z') return 125 - 3 * static_cast<int>(kLetters.find(static_cast<char>(c + 32)));
  if (std::string_view("\n.,:-/_=\"").find(static_cast<char>(c)) != std::string_view::npos) return 200;
  if (c >= 0x80) return 150;
  return 60;
}

bool equalsFolded(const char* text, std::string_view lower) {
  for (std::size_t i = 0; i < lower.size(); ++i)
    if (lowerOf(text[i]) != lower[i]) return false;
  return true;
}

}  // namespace

std::int64_t countByte(const char* data, std::int64_t size, char byte) {
  return WEIR_REGEX_PICK(countByte)(bytes(data), size, static_cast<std::uint8_t>(byte));
}

std::int64_t findByte(const char* data, std::int64_t size, char byte) {
  return WEIR_REGEX_PICK(findByte)(bytes(data), size, static_cast<std::uint8_t>(byte));
}

std::int64_t findLastByte(const char* data, std::int64_t size, char byte) {
  return WEIR_REGEX_PICK(findLastByte)(bytes(data), size, static_cast<std::uint8_t>(byte));
}

std::optional<LiteralSearcher> LiteralSearcher::make(std::span<const std::string> literals, bool ignoreCase) {
  if (literals.empty() || literals.size() > LiteralPlan::kMaxLiterals) return std::nullopt;
  LiteralSearcher searcher;
  searcher.plan_.fold = ignoreCase;
  for (const auto& literal : literals) {
    if (literal.empty() || literal.size() > 255) return std::nullopt;
    auto& kept = searcher.literals_.emplace_back(literal);
    if (ignoreCase) std::transform(kept.begin(), kept.end(), kept.begin(), lowerOf);
    const auto first = static_cast<std::uint8_t>(kept[0]);
    searcher.firstBytes_[first] = true;
    if (ignoreCase && isLetter(first)) searcher.firstBytes_[first - 32] = true;
  }
  searcher.makePlan();
  return searcher;
}

void LiteralSearcher::makePlan() {
  plan_.count = static_cast<std::int32_t>(literals_.size());
  std::size_t shortest = 255;
  for (std::size_t index = 0; index < literals_.size(); ++index) {
    const auto& literal = literals_[index];
    shortest = std::min(shortest, literal.size());
    // The two rarest bytes, at different places; a literal of one byte is probed twice at the same.
    std::size_t best[2] = {0, 0};
    const auto cost = [&](std::size_t at) { return commonness(static_cast<std::uint8_t>(literal[at])); };
    for (std::size_t i = 1; i < literal.size(); ++i)
      if (cost(i) < cost(best[0])) best[0] = i;
    best[1] = best[0] == 0 ? literal.size() - 1 : 0;
    for (std::size_t i = 0; i < literal.size(); ++i)
      if (i != best[0] && cost(i) < cost(best[1])) best[1] = i;
    auto& probe = plan_.probes[index];
    for (int side = 0; side < 2; ++side) {
      const auto byte = static_cast<std::uint8_t>(literal[best[side]]);
      probe.offset[side] = static_cast<std::int32_t>(best[side]);
      probe.byte[side] = byte;
      probe.fold[side] = plan_.fold && isLetter(byte) ? 0x20 : 0;
      plan_.maxOffset = std::max(plan_.maxOffset, probe.offset[side]);
    }
  }
  if (literals_.size() > 3) makeGroups(static_cast<std::int32_t>(shortest));
}

void LiteralSearcher::makeGroups(std::int32_t shortest) {
  std::int64_t bestCost = -1;
  for (std::int32_t offset = 0; offset + 1 < std::max(shortest, 2); ++offset) {
    std::int64_t cost = 0;
    for (const auto& literal : literals_) {
      const auto at = static_cast<std::size_t>(offset);
      const int second = shortest > 1 ? commonness(static_cast<std::uint8_t>(literal[at + 1])) : 255;
      cost += commonness(static_cast<std::uint8_t>(literal[at])) * second;
    }
    if (bestCost >= 0 && cost >= bestCost) continue;
    bestCost = cost;
    plan_.groupOffset = offset;
  }
  plan_.maxOffset = std::max(plan_.maxOffset, plan_.groupOffset + 1);
  std::memset(plan_.low, 0, sizeof plan_.low);
  std::memset(plan_.high, 0, sizeof plan_.high);
  for (std::size_t index = 0; index < literals_.size(); ++index) {
    const auto bit = static_cast<std::uint8_t>(1U << (index % 8));
    for (int side = 0; side < 2; ++side) {
      const auto at = static_cast<std::size_t>(plan_.groupOffset + side);
      const auto allow = [&](unsigned byte) {
        plan_.low[side][byte & 15U] |= bit;
        plan_.high[side][byte >> 4] |= bit;
      };
      if (shortest == 1 && side == 1) {
        for (unsigned byte = 0; byte < 256; ++byte) allow(byte);
        continue;
      }
      const auto byte = static_cast<std::uint8_t>(literals_[index][at]);
      allow(byte);
      if (plan_.fold && isLetter(byte)) allow(byte ^ 0x20U);
    }
  }
}

std::int32_t LiteralSearcher::literalAt(std::string_view text, std::int64_t position) const {
  const auto rest = text.substr(static_cast<std::size_t>(position));
  if (rest.empty() || !firstBytes_[static_cast<std::uint8_t>(rest[0])]) return -1;
  for (std::size_t index = 0; index < literals_.size(); ++index) {
    const auto& literal = literals_[index];
    if (literal.size() > rest.size()) continue;
    if (plan_.fold ? equalsFolded(rest.data(), literal) : std::memcmp(rest.data(), literal.data(), literal.size()) == 0)
      return static_cast<std::int32_t>(index);
  }
  return -1;
}

std::int64_t LiteralSearcher::scan(std::string_view text, std::int64_t begin, std::span<CandidateBlock> out,
                                   std::int32_t& outCount, ScanTotals& totals) const {
  const auto run = [&](auto scan, auto kernel) {
    scan.data = bytes(text.data());
    scan.begin = begin;
    scan.end = static_cast<std::int64_t>(text.size());
    scan.out = out.data();
    scan.capacity = static_cast<std::int32_t>(out.size());
    scan.count = outCount;
    scan.newlines = totals.newlines;
    scan.ascii = totals.ascii;
    kernel(scan, plan_);
    outCount = scan.count;
    totals = {scan.newlines, scan.ascii};
    return scan.begin;
  };
#if WEIR_SIMD_HAS_AVX2
  begin = simd::hasAvx2() ? run(avx2::Scan{}, avx2::scanLiterals) : run(base::Scan{}, base::scanLiterals);
#else
  begin = run(base::Scan{}, base::scanLiterals);
#endif
  return outCount < static_cast<std::int32_t>(out.size()) ? scanTail(text, begin, out, outCount, totals) : begin;
}

// The last bytes, which the vector code could not take without reading beyond the end.
std::int64_t LiteralSearcher::scanTail(std::string_view text, std::int64_t begin, std::span<CandidateBlock> out,
                                       std::int32_t& outCount, ScanTotals& totals) const {
  const auto size = static_cast<std::int64_t>(text.size());
  while (begin < size && outCount < static_cast<std::int32_t>(out.size())) {
    const auto stop = std::min(begin + 64, size);
    std::uint64_t bits = 0;
    for (auto at = begin; at < stop; ++at) {
      const auto byte = static_cast<std::uint8_t>(text[static_cast<std::size_t>(at)]);
      bits |= std::uint64_t{firstBytes_[byte]} << (at - begin);
      totals.ascii = totals.ascii && byte < 0x80;
    }
    if (bits != 0) out[static_cast<std::size_t>(outCount++)] = {begin, bits};
    totals.newlines += countByte(text.data() + begin, stop - begin, '\n');
    begin = stop;
  }
  return begin;
}

LiteralHit LiteralSearcher::find(std::string_view text, std::int64_t from) const {
  // Few blocks at first: the next hit is often near.
  CandidateBlock blocks[8];
  ScanTotals totals;
  const auto size = static_cast<std::int64_t>(text.size());
  std::size_t room = 1;
  while (from < size) {
    std::int32_t count = 0;
    from = scan(text, from, std::span(blocks).first(room), count, totals);
    for (std::int32_t i = 0; i < count; ++i) {
      for (auto bits = blocks[i].bits; bits != 0; bits &= bits - 1) {
        const auto position = blocks[i].begin + __builtin_ctzll(bits);
        if (const auto literal = literalAt(text, position); literal >= 0) return {position, literal};
      }
    }
    room = 8;
  }
  return {};
}

}  // namespace weir::regex
