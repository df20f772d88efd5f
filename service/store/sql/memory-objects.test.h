// Objects in memory, for tests of what names them.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "service/store/objects.h"

namespace weir::store {

class MemoryObjects final : public Objects {
 public:
  Result<void> put(const std::string& name, std::string_view text) override {
    const std::lock_guard locked(mutex_);
    if (full) return fail("storage.full", "the disk of the test is full");
    held_[name] = text;
    ++puts;
    return {};
  }
  Result<std::string> get(const std::string& name) override {
    const std::lock_guard locked(mutex_);
    const auto found = held_.find(name);
    if (found == held_.end()) return fail("storage.corrupt", "objects/" + name + " is gone");
    return found->second;
  }
  Result<void> remove(const std::string& name) override {
    const std::lock_guard locked(mutex_);
    held_.erase(name);
    return {};
  }
  Result<std::vector<std::string>> list() override {
    const std::lock_guard locked(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, text] : held_) names.push_back(name);
    return names;
  }
  bool isCopied() override { return copied; }

  // Set and read while nothing is asked of the store.
  bool full = false, copied = false;
  int puts = 0;

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> held_;
};

}  // namespace weir::store
