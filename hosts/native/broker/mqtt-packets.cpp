// The OASIS standard's control packets, written and read.
#include "hosts/native/broker/mqtt-packets.h"

#include "engine/text/utf8.h"

namespace weir::native::mqtt {
namespace {

void appendShort(std::string& to, std::size_t number) {
  to += static_cast<char>(number >> 8 & 0xff);
  to += static_cast<char>(number & 0xff);
}

void appendText(std::string& to, std::string_view text) {
  appendShort(to, text.size());
  to += text;
}

void appendPacket(std::string& to, Kind kind, unsigned flags, std::string_view body) {
  to += static_cast<char>(static_cast<unsigned>(kind) << 4 | flags);
  for (auto left = body.size();;) {
    const auto digit = left & 0x7f;
    left >>= 7;
    to += static_cast<char>(digit | (left > 0 ? 0x80 : 0));
    if (left == 0) break;
  }
  to += body;
}

std::unexpected<Error> malformed(std::string_view what) {
  return fail("broker.protocol", "the server does not speak MQTT 3.1.1: " + std::string(what));
}

/// Reads numbers and texts from the front of a body.
struct Body {
  std::string_view left;
  std::optional<std::uint16_t> number() {
    if (left.size() < 2) return std::nullopt;
    const auto value =
        static_cast<std::uint16_t>(static_cast<unsigned char>(left[0]) << 8 | static_cast<unsigned char>(left[1]));
    left.remove_prefix(2);
    return value;
  }
  std::optional<std::string_view> text() {
    const auto size = number();
    if (!size || left.size() < *size) return std::nullopt;
    const auto found = left.substr(0, *size);
    left.remove_prefix(*size);
    return found;
  }
};

Result<Packet> readPublish(Body body, unsigned flags) {
  Packet packet;
  packet.kind = Kind::publish;
  packet.qos = static_cast<int>(flags >> 1 & 3);
  packet.retained = (flags & 1) != 0;
  packet.again = (flags & 8) != 0;
  const auto topic = body.text();
  if (!topic || packet.qos == 3 || !utf8::isValid(*topic)) return malformed("a message without a topic");
  packet.topic = *topic;
  if (packet.qos > 0) {
    const auto id = body.number();
    if (!id || *id == 0) return malformed("a message without a number");
    packet.id = *id;
  }
  packet.payload = body.left;
  return packet;
}

Result<Packet> readBody(Kind kind, unsigned flags, std::string_view bytes) {
  Body body{bytes};
  Packet packet;
  packet.kind = kind;
  switch (kind) {
    case Kind::publish:
      return readPublish(body, flags);
    case Kind::connack:
      if (bytes.size() != 2) return malformed("its answer to the connection has a wrong length");
      packet.sessionPresent = (bytes[0] & 1) != 0;
      packet.code = static_cast<std::uint8_t>(bytes[1]);
      return packet;
    case Kind::puback:
    case Kind::pubrec:
    case Kind::pubrel:
    case Kind::pubcomp:
    case Kind::suback:
    case Kind::unsuback: {
      const auto id = body.number();
      if (!id) return malformed("an answer without a number");
      packet.id = *id;
      for (const char code : body.left) packet.codes.push_back(static_cast<std::uint8_t>(code));
      return packet;
    }
    case Kind::pingresp:
      return packet;
    case Kind::connect:
    case Kind::subscribe:
    case Kind::unsubscribe:
    case Kind::pingreq:
    case Kind::disconnect:
      break;
  }
  return malformed("a packet that only clients send");
}

}  // namespace

void appendConnect(std::string& to, const Connect& connect) {
  std::string body;
  appendText(body, "MQTT");
  body += '\x04';
  const bool named = !connect.user.empty(), secret = !connect.password.empty();
  body += static_cast<char>((named ? 0x80 : 0) | (secret ? 0x40 : 0) | (connect.cleanSession ? 2 : 0));
  appendShort(body, connect.keepAliveSeconds);
  appendText(body, connect.client);
  if (named) appendText(body, connect.user);
  if (secret) appendText(body, connect.password);
  appendPacket(to, Kind::connect, 0, body);
}

void appendPublish(std::string& to, const Packet& packet) {
  std::string body;
  appendText(body, packet.topic);
  if (packet.qos > 0) appendShort(body, packet.id);
  body += packet.payload;
  const auto flags = static_cast<unsigned>(packet.qos) << 1 | (packet.retained ? 1U : 0U) | (packet.again ? 8U : 0U);
  appendPacket(to, Kind::publish, flags, body);
}

void appendSubscribe(std::string& to, std::uint16_t id, const std::vector<std::string>& topics, int qos) {
  std::string body;
  appendShort(body, id);
  for (const auto& topic : topics) {
    appendText(body, topic);
    body += static_cast<char>(qos);
  }
  appendPacket(to, Kind::subscribe, 2, body);
}

void appendAnswer(std::string& to, Kind kind, std::uint16_t id) {
  std::string body;
  appendShort(body, id);
  appendPacket(to, kind, kind == Kind::pubrel ? 2 : 0, body);
}

void appendEmpty(std::string& to, Kind kind) { appendPacket(to, kind, 0, {}); }

Result<std::optional<Packet>> takePacket(std::string& bytes, std::int64_t mostBytes) {
  std::size_t size = 0, at = 1;
  for (unsigned shift = 0;; shift += 7) {
    if (at >= bytes.size()) return std::nullopt;
    if (shift > 21) return malformed("a length of more than four bytes");
    const auto digit = static_cast<unsigned char>(bytes[at++]);
    size |= static_cast<std::size_t>(digit & 0x7f) << shift;
    if ((digit & 0x80) == 0) break;
  }
  if (static_cast<std::int64_t>(size) > mostBytes) {
    return fail("broker.limit", "a message has " + std::to_string(size) + " bytes, and " + std::to_string(mostBytes) +
                                    " are taken at most");
  }
  if (bytes.size() - at < size) return std::nullopt;
  const auto head = static_cast<unsigned char>(bytes[0]);
  if (head >> 4 == 0 || head >> 4 == 15) return malformed("a packet of no kind");
  auto packet = readBody(static_cast<Kind>(head >> 4), head & 15U, std::string_view(bytes).substr(at, size));
  bytes.erase(0, at + size);
  if (!packet) return std::unexpected(std::move(packet.error()));
  return std::move(*packet);
}

Result<void> checkFilter(std::string_view filter) {
  const auto bad = [&](std::string_view why) {
    return fail("broker.topic", "the topic '" + std::string(filter) + "' " + std::string(why));
  };
  if (filter.empty() || filter.size() > 65'535) return bad("is empty or too long");
  if (filter.contains('\0') || !utf8::isValid(filter)) return bad("holds a NUL or is no UTF-8");
  for (std::size_t i = 0; i < filter.size(); ++i) {
    const bool begins = i == 0 || filter[i - 1] == '/';
    const bool ends = i + 1 == filter.size() || filter[i + 1] == '/';
    if (filter[i] == '#' && (!begins || i + 1 != filter.size())) return bad("may have # only alone at its end");
    if (filter[i] == '+' && (!begins || !ends)) return bad("may have + only for a whole level");
  }
  return {};
}

Result<void> checkTopic(std::string_view topic) {
  WEIR_TRY(checkFilter(topic));
  if (topic.find_first_of("#+") == std::string_view::npos) return {};
  return fail("broker.topic", "nothing can be published to '" + std::string(topic) + "', which has a wildcard");
}

}  // namespace weir::native::mqtt
