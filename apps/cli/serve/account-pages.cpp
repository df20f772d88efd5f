// The files of the pages, as they lie beside this one.
#include "apps/cli/serve/account-pages.h"

namespace weir::cli {
namespace {

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kShellBytes[] = {
#embed "pages/shell.html"
};
constexpr char kStyleBytes[] = {
#embed "pages/pages.css"
};
constexpr char kCommonBytes[] = {
#embed "pages/elements.js"
};
constexpr char kSetupBytes[] = {
#embed "pages/setup.js"
};
constexpr char kSignInBytes[] = {
#embed "pages/sign-in.js"
};
constexpr char kAccountBytes[] = {
#embed "pages/account.js"
};
constexpr char kPeopleBytes[] = {
#embed "pages/people.js"
};
#pragma clang diagnostic pop

}  // namespace

const std::string_view kAccountShell(kShellBytes, sizeof kShellBytes);
const std::string_view kAccountStyle(kStyleBytes, sizeof kStyleBytes);
const std::string_view kAccountCommon(kCommonBytes, sizeof kCommonBytes);
const std::array<AccountPage, 4> kAccountPages{{
    {"/setup", "The first account", "setup", {kSetupBytes, sizeof kSetupBytes}},
    {"/sign-in", "Sign in", "sign-in", {kSignInBytes, sizeof kSignInBytes}},
    {"/account", "Your account", "account", {kAccountBytes, sizeof kAccountBytes}},
    {"/people", "People", "people", {kPeopleBytes, sizeof kPeopleBytes}},
}};

}  // namespace weir::cli
