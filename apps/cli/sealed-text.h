// SealedText: the text of a file that may be a sealed log, piece by piece.
#pragma once

#include <fstream>
#include <functional>
#include <optional>
#include <string>

#include "hosts/native/sealing/sealed-log.h"

namespace weir::cli {

/// The keys of a class of files, by its chain; not set: nothing here is sealed.
using ChainKeys = std::function<Result<native::FileKeys>(const std::string& chain)>;

/// Where keys are, a file that is not sealed is refused (`seal.key`): somebody may have put it there. A record that is
/// cut at the end was never whole, and is left out.
class SealedText {
 public:
  /// `files.io`, `seal.*`
  [[nodiscard]] static Result<SealedText> open(const std::string& path, const ChainKeys& keys);
  /// Appends the next piece; false: there is no more. `seal.*`, `files.io`.
  [[nodiscard]] Result<bool> next(std::string& into);

 private:
  SealedText(std::string path, std::ifstream file) : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  std::ifstream file_;
  std::optional<native::LogOpener> opener_;
};

/// Seals the file anew, with the present key of its class, or for the first time with `otherwise`; it is replaced at
/// once. False: it was so already. A sealed one whose class is not asked for stays (`seal.key`).
[[nodiscard]] Result<bool> resealText(const std::string& path, const ChainKeys& keys,
                                      const native::FileKeys& otherwise = {});

}  // namespace weir::cli
