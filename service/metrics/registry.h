// Registry: the figures of one server: counters, gauges and histograms that anybody may add to, and sources that are
// asked when somebody reads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/metrics/exposition.h"

namespace weir::metrics {

/// Never falls. Any thread.
class Counter {
 public:
  void add(std::int64_t by = 1) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Any thread.
class Gauge {
 public:
  void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t by) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Durations, told in seconds. Any thread.
class Durations {
 public:
  static constexpr std::array kBoundsNanos = std::to_array<std::int64_t>(
      {100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 25'000'000, 50'000'000, 100'000'000,
       250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000});
  void add(std::int64_t nanos) noexcept;
  void write(Exposition& out, std::span<const std::string_view> labels) const;
  [[nodiscard]] std::int64_t count() const noexcept;

 private:
  std::array<std::atomic<std::int64_t>, kBoundsNanos.size() + 1> counts_{};
  std::atomic<std::int64_t> sumNanos_{0};
};

/// Writes whole families of its own.
class Source {
 public:
  virtual ~Source() = default;
  virtual void write(Exposition& out) = 0;
};

/// Made, asked for series and read on one thread; what it gives out lives as long as it and is for any thread.
class Registry {
 public:
  /// The same one for the same family and label values. The family is of the list (families.h), and of that type.
  [[nodiscard]] Counter& counter(std::string_view family, std::vector<std::string> labels = {});
  [[nodiscard]] Gauge& gauge(std::string_view family, std::vector<std::string> labels = {});
  [[nodiscard]] Durations& durations(std::string_view family, std::vector<std::string> labels = {});
  /// It outlives the registry. No two tell the same family.
  void add(Source& source) { sources_.push_back(&source); }
  /// All of it, as it is now.
  [[nodiscard]] std::string text() const;

 private:
  template <class Series>
  using Table = std::map<std::string_view, std::map<std::vector<std::string>, std::unique_ptr<Series>>>;
  template <class Series>
  [[nodiscard]] static Series& find(Table<Series>& table, std::string_view family, Type type,
                                    std::vector<std::string> labels);

  Table<Counter> counters_;
  Table<Gauge> gauges_;
  Table<Durations> durations_;
  std::vector<Source*> sources_;
};

}  // namespace weir::metrics
