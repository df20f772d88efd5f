// Gives out series and writes them.
#include "service/metrics/registry.h"

#include <algorithm>

#include "engine/data/check.h"

namespace weir::metrics {
namespace {

std::vector<std::string_view> viewsOf(const std::vector<std::string>& labels) { return {labels.begin(), labels.end()}; }

}  // namespace

void Durations::add(std::int64_t nanos) noexcept {
  const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(kBoundsNanos, nanos) - kBoundsNanos.begin());
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sumNanos_.fetch_add(nanos, std::memory_order_relaxed);
}

std::int64_t Durations::count() const noexcept {
  std::int64_t count = 0;
  for (const auto& one : counts_) count += one.load(std::memory_order_relaxed);
  return count;
}

void Durations::write(Exposition& out, std::span<const std::string_view> labels) const {
  std::array<double, kBoundsNanos.size()> bounds{};
  std::ranges::transform(kBoundsNanos, bounds.begin(), [](auto nanos) { return static_cast<double>(nanos) / 1e9; });
  std::array<std::int64_t, kBoundsNanos.size() + 1> counts{};
  std::ranges::transform(counts_, counts.begin(), [](const auto& one) { return one.load(std::memory_order_relaxed); });
  out.histogram(labels, bounds, counts, static_cast<double>(sumNanos_.load(std::memory_order_relaxed)) / 1e9);
}

template <class Series>
Series& Registry::find(Table<Series>& table, std::string_view family, Type type, std::vector<std::string> labels) {
  const auto& known = familyNamed(family);
  WEIR_CHECK(known.type == type);
  auto& series = table[known.name][std::move(labels)];
  if (!series) series = std::make_unique<Series>();
  return *series;
}

Counter& Registry::counter(std::string_view family, std::vector<std::string> labels) {
  return find(counters_, family, Type::counter, std::move(labels));
}

Gauge& Registry::gauge(std::string_view family, std::vector<std::string> labels) {
  return find(gauges_, family, Type::gauge, std::move(labels));
}

Durations& Registry::durations(std::string_view family, std::vector<std::string> labels) {
  return find(durations_, family, Type::histogram, std::move(labels));
}

std::string Registry::text() const {
  Exposition out;
  const auto writeNumbers = [&out](const auto& table) {
    for (const auto& [family, series] : table) {
      out.begin(family);
      for (const auto& [labels, one] : series) out.sample(viewsOf(labels), static_cast<double>(one->value()));
    }
  };
  writeNumbers(counters_);
  writeNumbers(gauges_);
  for (const auto& [family, series] : durations_) {
    out.begin(family);
    for (const auto& [labels, one] : series) one->write(out, viewsOf(labels));
  }
  for (auto* source : sources_) source->write(out);
  return out.take();
}

}  // namespace weir::metrics
