// URLs: RFC 3986, as far as clients need it.
#include "engine/text/url.h"

namespace weir {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";
constexpr std::size_t kMostBytes = 64 * 1024;

bool isUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void appendEscaped(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 15U];
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::uint16_t standardPort(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return 0;
}

bool isKnown(std::string_view scheme) { return standardPort(scheme) != 0 || scheme == "tcp" || scheme == "tls"; }

std::unexpected<Error> invalid(std::string what) { return fail("url.invalid", std::move(what)); }

/// Path and query with everything escaped that may not stand there.
std::string tidied(std::string_view text) {
  std::string out;
  if (!text.starts_with('/')) out += '/';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool wrong = byte <= 0x20 || byte >= 0x7F || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' ||
                       c == '`' || c == '{' || c == '|' || c == '}';
    if (wrong) {
      appendEscaped(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

Result<Unit> readPort(std::string_view digits, Url& url) {
  if (digits.empty()) return Unit{};
  std::uint32_t port = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9' || port > 65535)
      return invalid("the port '" + std::string(digits) + "' is no number up to 65535");
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (port == 0 || port > 65535) return invalid("the port '" + std::string(digits) + "' is no number from 1 to 65535");
  url.port = static_cast<std::uint16_t>(port);
  return Unit{};
}

Result<Unit> readAuthority(std::string_view text, Url& url) {
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    const auto user = text.substr(0, at);
    const auto colon = user.find(':');
    url.user = user.substr(0, colon);
    if (colon != std::string_view::npos) url.password = user.substr(colon + 1);
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return invalid("a '[' of the host has no ']'");
    url.host = text.substr(1, close - 1);
    const auto behind = text.substr(close + 1);
    if (!behind.empty() && behind.front() != ':') return invalid("between ']' and the path only :port may stand");
    port = behind.empty() ? behind : behind.substr(1);
  } else {
    const auto colon = text.find(':');
    url.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
  }
  if (url.host.empty()) return invalid("it names no host");
  for (auto& c : url.host) {
    if (!isUnreserved(c) && c != ':') return invalid("its host has a character that no host has");
    c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  return readPort(port, url);
}

}  // namespace

std::string Url::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != standardPort(scheme)) text += ":" + std::to_string(port);
  return text;
}

Result<Url> parseUrl(std::string_view text) {
  if (text.size() > kMostBytes) return invalid("a URL has at most 64 KiB");
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return invalid("a URL begins with a scheme such as https://");
  Url url;
  for (const char c : text.substr(0, colon)) url.scheme += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (!isKnown(url.scheme))
    return invalid("the scheme '" + url.scheme + "' is not one of http, https, ws, wss, tcp, tls");
  url.port = standardPort(url.scheme);
  auto rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto path = rest.find_first_of("/?");
  WEIR_TRY(readAuthority(rest.substr(0, path), url));
  if (url.port == 0) return invalid("a URL of scheme " + url.scheme + " needs a port");
  url.target = tidied(path == std::string_view::npos ? "/" : rest.substr(path));
  return url;
}

Result<Url> resolveUrl(const Url& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  if (reference.starts_with("//")) return parseUrl(base.scheme + ":" + std::string(reference));
  if (const auto colon = reference.find(':');
      colon != std::string_view::npos && colon < reference.find_first_of("/?")) {
    return parseUrl(reference);
  }
  Url url = base;
  if (reference.starts_with('/')) {
    url.target = tidied(reference);
  } else if (reference.starts_with('?')) {
    url.target = tidied(base.target.substr(0, base.target.find('?')) + std::string(reference));
  } else if (!reference.empty()) {
    const auto path = base.target.substr(0, base.target.find('?'));
    url.target = tidied(path.substr(0, path.rfind('/') + 1) + std::string(reference));
  }
  return url;
}

std::string percentEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (isUnreserved(c)) {
      out += c;
    } else {
      appendEscaped(out, c);
    }
  }
  return out;
}

Result<std::string> percentDecoded(std::string_view text, bool plusIsSpace) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plusIsSpace) {
      out += ' ';
    } else if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return invalid("a '%' is not followed by two hexadecimal digits");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace weir
