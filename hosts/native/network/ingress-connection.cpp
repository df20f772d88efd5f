// Answers as bytes.
#include "hosts/native/network/ingress-connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace weir::native {
namespace {

bool mayStand(std::string_view text) {
  return std::ranges::none_of(text,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

Moved moved(ssize_t bytes, Moved::How later) {
  if (bytes > 0) return {Moved::How::some, static_cast<std::size_t>(bytes)};
  if (bytes == 0) return {Moved::How::ended};
  return {errno == EAGAIN || errno == EINTR ? later : Moved::How::broken};
}

}  // namespace

Moved IngressConnection::receive(std::span<char> into) {
  if (tls) return tls->read(into);
  return moved(::recv(socket.get(), into.data(), into.size(), MSG_DONTWAIT), Moved::How::mustRead);
}

Moved IngressConnection::transmit(std::string_view bytes) {
  if (tls) return tls->write(bytes);
  return moved(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT), Moved::How::mustWrite);
}

void IngressConnection::endSending() {
  if (tls) tls->end();
  ::shutdown(socket.get(), SHUT_WR);
}

void appendReply(std::string& out, const IngressReply& reply, const std::vector<std::string>& allowedHeaders,
                 std::string_view date, bool keepAlive, std::string_view extra) {
  const bool bare = reply.status == 204 || reply.status == 304;
  out.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ").append(reasonOf(reply.status));
  out.append("\r\nDate: ").append(date);
  out.append("\r\nContent-Security-Policy: sandbox\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n");
  if (!reply.contentType.empty() && mayStand(reply.contentType) && !bare)
    out.append("Content-Type: ").append(reply.contentType).append("\r\n");
  for (const auto& [name, value] : reply.headers) {
    if (!mayReply(allowedHeaders, name, value)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  out.append(extra);
  if (!keepAlive) out.append("Connection: close\r\n");
  if (!bare) out.append("Content-Length: ").append(std::to_string(reply.body.size())).append("\r\n");
  out.append("\r\n");
  if (!bare) out.append(reply.body);
}

}  // namespace weir::native
