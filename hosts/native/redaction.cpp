// The forms of a value, and what stands in their place.
#include "hosts/native/redaction.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/json/writer.h"
#include "engine/text/base64.h"
#include "hosts/native/secrets.h"

namespace weir::native {
namespace {

constexpr std::string_view kHidden = "***";

std::string urlEncoded(std::string_view text, std::string_view digits, bool plusForSpace) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else if (c == ' ' && plusForSpace) {
      out += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

/// As a path may be written: its slashes stay.
std::string withSlashes(std::string text) {
  for (const std::string_view slash : {"%2F", "%2f"}) {
    for (auto at = text.find(slash); at != std::string::npos; at = text.find(slash, at)) text.replace(at, 3, "/");
  }
  return text;
}

/// The part of the base64 text that does not depend on what stands before and behind the value (user:password).
std::string base64Core(std::string_view value, std::size_t before, bool url) {
  const std::string padded = std::string(before, '\0') + std::string(value);
  auto text = url ? encodeBase64Url(padded) : encodeBase64(padded);
  while (!text.empty() && text.back() == '=') text.pop_back();
  const std::size_t head = before == 0 ? 0 : before + 1;
  const std::size_t tail = padded.size() % 3 == 0 ? 0 : 1;
  if (text.size() <= head + tail) return {};
  return text.substr(head, text.size() - head - tail);
}

}  // namespace

std::vector<std::string> formsOfSecret(const std::string& value) {
  std::vector<std::string> forms;
  if (value.size() < Secrets::kLeastBytes) return forms;
  const auto keep = [&forms](std::string form) {
    if (form.size() >= Secrets::kLeastBytes && std::ranges::find(forms, form) == forms.end())
      forms.push_back(std::move(form));
  };
  keep(value);
  auto quoted = json::write(json::Value(value));
  keep(quoted.substr(1, quoted.size() - 2));
  const auto hex = encodeHex(value);
  keep(hex);
  std::string upper = hex;
  for (auto& c : upper) c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 32 : c);
  keep(upper);
  for (const bool plus : {false, true}) {
    for (const auto* digits : {"0123456789ABCDEF", "0123456789abcdef"}) {
      const auto encoded = urlEncoded(value, digits, plus);
      keep(encoded);
      keep(withSlashes(encoded));
    }
  }
  for (std::size_t before = 0; before < 3; ++before) {
    keep(base64Core(value, before, false));
    keep(base64Core(value, before, true));
  }
  return forms;
}

void redactForms(std::string& text, std::span<const std::string> forms) {
  for (const auto& form : forms) {
    for (auto at = text.find(form); at != std::string::npos; at = text.find(form, at + kHidden.size()))
      text.replace(at, form.size(), kHidden);
  }
}

}  // namespace weir::native
