// Exposition: figures in the text format of Prometheus (0.0.4).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "service/metrics/families.h"

namespace weir::metrics {

/// One text, written family by family: all samples of a family follow its begin().
class Exposition {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  /// `family` is a name of the list of families.
  void begin(std::string_view family);
  /// The values of the family's labels, in its order.
  void sample(std::span<const std::string_view> labels, double value);
  void sample(std::initializer_list<std::string_view> labels, double value) {
    sample(std::span(labels.begin(), labels.size()), value);
  }
  /// Counts of the buckets, each by itself, one more than there are bounds; the sum of what was counted.
  void histogram(std::span<const std::string_view> labels, std::span<const double> bounds,
                 std::span<const std::int64_t> counts, double sum);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, std::span<const std::string_view> labels, std::string_view bound, double value);

  const Family* family_ = nullptr;
  std::string text_;
};

}  // namespace weir::metrics
