// Session ids and tokens as texts.
#include "service/auth/secret-text.h"

#include <algorithm>
#include <array>

#include "adapters/sodium/password.h"
#include "adapters/sodium/sodium.h"
#include "engine/text/base64.h"

namespace weir::auth {
namespace {

constexpr std::string_view kTokenBegin = "weir_pat_";
constexpr std::size_t kIdLength = 16, kSecretLength = 43;

constexpr auto kIsBase64Url = [] {
  std::array<bool, 256> is{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
    is[static_cast<unsigned char>(c)] = true;
  return is;
}();

bool isBase64Url(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return kIsBase64Url[static_cast<unsigned char>(c)]; });
}

}  // namespace

std::string newSecret() { return encodeBase64Url(sodium::randomBytes(32)); }

std::string newId() { return encodeBase64Url(sodium::randomBytes(12)); }

std::string keptOf(std::string_view secret) { return encodeBase64Url(sodium::sha256(secret)); }

std::string write(const TokenText& token) { return std::string(kTokenBegin) + token.id + "_" + token.secret; }

std::optional<TokenParts> readToken(std::string_view text) {
  if (text.size() != kTokenBegin.size() + kIdLength + 1 + kSecretLength || !text.starts_with(kTokenBegin)) {
    return std::nullopt;
  }
  text.remove_prefix(kTokenBegin.size());
  if (text[kIdLength] != '_' || !isBase64Url(text)) return std::nullopt;
  return TokenParts{text.substr(0, kIdLength), text.substr(kIdLength + 1)};
}

}  // namespace weir::auth
