// Hosts: the host interfaces that one place offers to a run, by name.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "engine/data/check.h"

namespace weir {

/// A small table of pointers; owns nothing. A place offers no more than it has room for.
class Hosts {
 public:
  template <class Host>
  void add(Host& host) {
    WEIR_CHECK(count_ < entries_.size());
    entries_[count_] = Entry{Host::kName, &host};
    ++count_;
  }
  [[nodiscard]] void* find(std::string_view name) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (entries_[i].name == name) return entries_[i].host;
    }
    return nullptr;
  }
  template <class Host>
  [[nodiscard]] Host* get() const {
    return static_cast<Host*>(find(Host::kName));
  }

 private:
  struct Entry {
    std::string_view name;
    void* host = nullptr;
  };
  std::array<Entry, 24> entries_{};
  std::size_t count_ = 0;
};

}  // namespace weir
