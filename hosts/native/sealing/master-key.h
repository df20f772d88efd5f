// The master key: where it is, and making one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/sodium/sodium.h"

namespace weir::native {

/// 32 bytes as base64 or 64 hexadecimal digits, white space around them allowed. `key.file` names `from`, never the
/// text.
[[nodiscard]] Result<sodium::Key> parseMasterKey(std::string_view text, std::string_view from);
/// A file for its owner alone. `key.file`: others may read it, or no key stands in it.
[[nodiscard]] Result<sodium::Key> readMasterKey(const std::string& path);
/// A new random one, in a file of mode 0600 whose folders are made. `files.exists`.
[[nodiscard]] Result<sodium::Key> makeMasterKey(const std::string& path);
/// `$XDG_CONFIG_HOME/weir/master.key`, or `~/.config/weir/master.key`. `key.file` if neither variable is set.
[[nodiscard]] Result<std::string> defaultMasterKeyPath();
/// `key.file` if the file lies in the data folder, whatever links lead there: who takes the disk would have both.
Result<void> checkKeyOutside(const std::string& keyPath, const std::string& dataFolder);

}  // namespace weir::native
