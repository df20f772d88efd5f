// Runs git.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir::cli {

struct GitAnswer {
  int code = 0;
  std::string out, err;
};

/// Runs `git ARGUMENTS…` in the current folder and waits for it. Error `git.missing` if there is no git on PATH,
/// `files.io` if it cannot be started; that git itself fails is an answer.
[[nodiscard]] Result<GitAnswer> runGit(const std::vector<std::string>& arguments);

/// The first line of what git says is wrong, without its `fatal: `.
[[nodiscard]] std::string complaintOf(const GitAnswer& answer);

}  // namespace weir::cli
