// The pages about accounts: setup, sign-in, my account, people.
#pragma once

#include <array>
#include <string_view>

namespace weir::cli {

/// A page: the shell with a title and a script; scripts import what they share from `@common@`.
struct AccountPage {
  std::string_view path, title, name, script;
};

/// With `@title@`, `@style@` and `@script@`.
extern const std::string_view kAccountShell;
/// Behind the start page's style.
extern const std::string_view kAccountStyle;
extern const std::string_view kAccountCommon;
extern const std::array<AccountPage, 4> kAccountPages;

}  // namespace weir::cli
