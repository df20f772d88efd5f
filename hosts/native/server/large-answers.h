// LargeAnswers: how much of what clients asked for waits in memory until they take it.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace weir::native {

/// Counts the bytes of large answers that have not gone yet, of all connections and by the address of the client: who
/// asks for much and reads nothing costs no more than that. Answers in pieces are bounded by themselves.
class LargeAnswers {
 public:
  /// From here on an answer is large.
  static constexpr std::size_t kLargeBytes = std::size_t{64} << 10;

  LargeAnswers(std::size_t mostBytes, std::size_t mostBytesOfOne) : most_(mostBytes), mostOfOne_(mostBytesOfOne) {}

  /// False, and nothing counted: there is no room. What is alone is taken whatever it has.
  [[nodiscard]] bool take(const std::string& client, std::size_t bytes);
  void release(const std::string& client, std::size_t bytes);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  const std::size_t most_, mostOfOne_;
  std::size_t bytes_ = 0, peak_ = 0;
  std::map<std::string, std::size_t> byClient_;
};

}  // namespace weir::native
