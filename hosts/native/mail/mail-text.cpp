// Writes mails. Bodies go as base64, so that no line is too long and nothing in them is taken for something else.
#include "hosts/native/mail/mail-text.h"

#include <algorithm>

#include "engine/text/base64.h"

namespace weir::native {
namespace {

bool isPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool hasControls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// As an encoded word (RFC 2047) in pieces of whole characters, unless it is plain ASCII.
std::string headerText(std::string_view text) {
  constexpr std::size_t kPiece = 42;
  if (isPlain(text) && text.size() < 900 && !text.contains("=?")) return std::string(text);
  std::string out;
  while (!text.empty()) {
    auto end = std::min(kPiece, text.size());
    while (end > 1 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    if (!out.empty()) out += "\r\n ";
    out += "=?utf-8?B?" + encodeBase64(text.substr(0, end)) + "?=";
    text.remove_prefix(end);
  }
  return out;
}

Result<std::string> mailbox(std::string_view text) {
  WEIR_ASSIGN(const auto address, addressIn(text));
  const auto open = text.rfind('<');
  const auto name = open == std::string_view::npos ? std::string_view() : trimmed(text.substr(0, open));
  if (name.empty()) return address;
  std::string quoted;
  if (isPlain(name) && !name.starts_with('"')) {
    quoted += '"';
    for (const char c : name) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    quoted += '"';
  } else {
    quoted = isPlain(name) ? std::string(name) : headerText(name);
  }
  return quoted + " <" + address + ">";
}

void appendBody(std::string& out, std::string_view type, std::string_view body) {
  out.append("Content-Type: ").append(type).append("; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
  std::string text;
  for (const char c : body) {
    if (c == '\n' && (text.empty() || text.back() != '\r')) text += '\r';
    text += c;
  }
  const auto encoded = encodeBase64(text);
  constexpr std::size_t kLine = 76;
  for (std::size_t at = 0; at < encoded.size(); at += kLine) out.append(encoded, at, kLine).append("\r\n");
}

}  // namespace

Result<std::string> mailText(const MailMessage& message, std::string_view date, std::string_view id) {
  if (hasControls(message.subject)) {
    return fail("mail.header", "the subject has a line break or control character; give it in one line");
  }
  WEIR_ASSIGN(const auto from, mailbox(message.from));
  std::string to;
  for (const auto& one : message.to) {
    WEIR_ASSIGN(const auto box, mailbox(one));
    to.append(to.empty() ? "" : ",\r\n ").append(box);
  }
  std::string out = "Date: " + std::string(date) + "\r\nFrom: " + from + "\r\nTo: " + to;
  out += "\r\nSubject: " + headerText(message.subject) + "\r\nMessage-ID: <" + std::string(id) + ">\r\n";
  out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  if (message.html.empty()) {
    appendBody(out, "text/plain", message.text);
    return out;
  }
  // Base64 holds no dash, so no body can hold the boundary.
  const std::string boundary = "--weir-part";
  out += "Content-Type: multipart/alternative; boundary=\"" + boundary.substr(2) + "\"\r\n\r\n";
  out += boundary + "\r\n";
  appendBody(out, "text/plain", message.text);
  out += boundary + "\r\n";
  appendBody(out, "text/html", message.html);
  out += boundary + "--\r\n";
  return out;
}

}  // namespace weir::native
