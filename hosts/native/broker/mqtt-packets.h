// MQTT 3.1.1 as bytes: the packets that a client sends, and those that it gets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir::native::mqtt {

enum class Kind : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect
};

struct Packet {
  Kind kind = Kind::pingresp;
  std::uint16_t id = 0;
  std::uint8_t code = 0;              // connack
  bool sessionPresent = false;        // connack
  std::vector<std::uint8_t> codes{};  // suback
  std::string topic{}, payload{};     // publish
  int qos = 0;
  bool retained = false, again = false;
};

struct Connect {
  std::string client, user, password;
  bool cleanSession = true;
  std::uint16_t keepAliveSeconds = 30;
};

void appendConnect(std::string& to, const Connect& connect);
void appendPublish(std::string& to, const Packet& packet);
void appendSubscribe(std::string& to, std::uint16_t id, const std::vector<std::string>& topics, int qos);
/// puback, pubrec, pubrel, pubcomp.
void appendAnswer(std::string& to, Kind kind, std::uint16_t id);
void appendEmpty(std::string& to, Kind kind);

/// Takes the first packet from `bytes`, if it is whole. `broker.protocol` for what is none, `broker.limit` past
/// `mostBytes`.
[[nodiscard]] Result<std::optional<Packet>> takePacket(std::string& bytes, std::int64_t mostBytes);

/// `broker.topic` for a filter that MQTT does not allow.
[[nodiscard]] Result<void> checkFilter(std::string_view filter);
/// The same for a name that is published to.
[[nodiscard]] Result<void> checkTopic(std::string_view topic);

}  // namespace weir::native::mqtt
