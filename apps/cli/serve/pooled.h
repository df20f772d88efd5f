// Pooled: large bodies are read by a few threads beside that of the server.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "hosts/native/processors.h"
#include "hosts/native/work-pool.h"
#include "service/api/elsewhere.h"

namespace weir::cli {

class Pooled final : public api::Elsewhere {
 public:
  [[nodiscard]] bool give(std::function<void()> work, std::size_t bytes, const std::string& caller) override {
    return pool_.give(std::move(work), bytes > kAloneBytes, caller);
  }

 private:
  // What is made of a body may take dozens of times as much.
  static constexpr std::size_t kAloneBytes = std::size_t{10} << 20;
  // Each that waits holds a body: of 10 MiB at most, but for those of POST /apply.
  static constexpr std::size_t kMostThreads = 4, kMostWaiting = 64;
  native::WorkPool pool_{std::clamp(static_cast<std::size_t>(native::processors()), std::size_t{1}, kMostThreads),
                         kMostWaiting};
};

}  // namespace weir::cli
