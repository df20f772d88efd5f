// ObjectFolder: large texts of the database as sealed files in the data folder.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/serve/reseal-runs.h"
#include "hosts/native/sealing/file-keys.h"
#include "hosts/native/sealing/key-ring.h"
#include "service/store/objects.h"

namespace weir::cli {

/// The part of a data folder.
inline constexpr std::string_view kObjectFolder = "objects";

/// Thread-safe, as `keys` is.
class ObjectFolder final : public store::Objects {
 public:
  /// Asked at each object; empty ones: nothing is encrypted.
  using Keys = std::function<Result<native::FileKeys>()>;
  ObjectFolder(const std::string& dataFolder, Keys keys);

  Result<void> put(const std::string& name, std::string_view text) override;
  Result<std::string> get(const std::string& name) override;
  Result<void> remove(const std::string& name) override;
  Result<std::vector<std::string>> list() override;
  bool isCopied() override;

 private:
  [[nodiscard]] std::string pathOf(const std::string& name) const { return folder_ + "/" + name; }

  std::string data_, folder_;
  Keys keys_;
};

/// Brings all objects of a stopped folder under the newest key of their class; those that are not encrypted yet too.
/// Interrupted, it is done again. Damaged ones are left.
[[nodiscard]] Result<ResealTotals> resealObjects(const std::string& dataFolder, native::KeyRing& ring,
                                                 std::int64_t nowMs);

}  // namespace weir::cli
