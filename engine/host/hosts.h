// Hosts: the host interfaces that one place offers to a run, by name.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace weir {

/// A small table of pointers; owns nothing.
class Hosts {
 public:
  template <class Host>
  void add(Host& host) {
    if (count_ == entries_.size()) return;
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
  std::array<Entry, 16> entries_{};
  std::size_t count_ = 0;
};

}  // namespace weir
