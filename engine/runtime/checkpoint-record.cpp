// A checkpoint as entries of a StateStore and back.
#include "engine/runtime/checkpoint-record.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/data/hash.h"
#include "engine/json/writer.h"
#include "engine/runtime/state-bytes.h"

namespace weir::runtime {
namespace {

/// 20 digits, so that the order of the keys is that of the numbers.
std::string digits(std::uint64_t number) {
  auto text = std::to_string(number);
  return std::string(20 - text.size(), '0') + text;
}

std::string folderOf(CheckpointId id) { return std::string(CheckpointRecord::kPrefix) + digits(id) + "/"; }

std::string partKey(CheckpointId id, std::size_t stage, std::size_t instance) {
  return folderOf(id) + "part/" + digits(stage) + "/" + digits(instance);
}

std::uint64_t checksumOf(std::string_view bytes) { return hash::ofBytes(bytes, 0x7765697263686b70ULL); }

class Writing {
 public:
  void number(std::int64_t value) { appendStateValue(out, Value::int64(value)); }
  void text(std::string_view value) { appendStateValue(out, Value::view(ValueKind::bytes, value)); }
  void stage(const SavedStage& stage) {
    text(stage.nodeId);
    text(stage.typeId);
    text(stage.version);
    number(stage.stage);
    number(stage.done ? 1 : 0);
    number(stage.sent);
    number(stage.ceiling);
    number(static_cast<std::int64_t>(stage.ports.size()));
    for (const auto& port : stage.ports) {
      number(port.watermark);
      number(port.settled);
      number(static_cast<std::int64_t>(port.links.size()));
      for (const auto& link : port.links) {
        text(link.id);
        number(link.offeredRows);
        number(link.begun ? 1 : 0);
        number(link.watermark);
      }
    }
    number(static_cast<std::int64_t>(stage.instances.size()));
    for (const auto& instance : stage.instances) {
      number(instance.done ? 1 : 0);
      number(instance.made);
      number(instance.said);
      number(static_cast<std::int64_t>(instance.state.size()));
      number(static_cast<std::int64_t>(checksumOf(instance.state)));
    }
    number(static_cast<std::int64_t>(stage.settings.size()));
    for (const auto& setting : stage.settings) {
      text(setting.name);
      number(static_cast<std::int64_t>(setting.hash));
    }
  }
  std::string out;
};

class Reading {
 public:
  explicit Reading(std::string_view bytes) : state_("(checkpoint)", bytes) {}
  Result<std::int64_t> number() {
    WEIR_ASSIGN(const auto value, state_.readValue());
    if (value.kind() != ValueKind::int64) return fail("state.corrupt", "the head of the checkpoint is damaged");
    return value.int64();
  }
  Result<std::string> text() {
    WEIR_ASSIGN(const auto value, state_.readValue());
    if (value.kind() != ValueKind::bytes) return fail("state.corrupt", "the head of the checkpoint is damaged");
    return std::string(value.text());
  }
  Result<SavedPort> port() {
    SavedPort port;
    WEIR_ASSIGN(port.watermark, number());
    WEIR_ASSIGN(port.settled, number());
    WEIR_ASSIGN(const auto links, number());
    for (std::int64_t i = 0; i < links; ++i) {
      SavedLink link;
      WEIR_ASSIGN(link.id, text());
      WEIR_ASSIGN(link.offeredRows, number());
      WEIR_ASSIGN(const auto begun, number());
      link.begun = begun != 0;
      WEIR_ASSIGN(link.watermark, number());
      port.links.push_back(std::move(link));
    }
    return port;
  }
  /// `parts`: what the store has of this checkpoint's states, by key.
  Result<SavedInstance> instance(const std::map<std::string, std::string>& parts, const std::string& key) {
    SavedInstance instance;
    WEIR_ASSIGN(const auto done, number());
    instance.done = done != 0;
    WEIR_ASSIGN(instance.made, number());
    WEIR_ASSIGN(instance.said, number());
    WEIR_ASSIGN(const auto size, number());
    WEIR_ASSIGN(const auto checksum, number());
    if (size > 0) {
      const auto found = parts.find(key);
      if (found == parts.end()) return fail("state.corrupt", "a part of the checkpoint is missing: " + key);
      instance.state = found->second;
    }
    if (static_cast<std::int64_t>(instance.state.size()) != size ||
        static_cast<std::int64_t>(checksumOf(instance.state)) != checksum) {
      return fail("state.corrupt", "a part of the checkpoint is damaged: " + key);
    }
    return instance;
  }
  Result<SavedStage> stage(const std::map<std::string, std::string>& parts, CheckpointId id, std::size_t index,
                           std::int64_t format) {
    SavedStage stage;
    WEIR_ASSIGN(stage.nodeId, text());
    WEIR_ASSIGN(stage.typeId, text());
    WEIR_ASSIGN(stage.version, text());
    WEIR_ASSIGN(stage.stage, number());
    WEIR_ASSIGN(const auto done, number());
    stage.done = done != 0;
    WEIR_ASSIGN(stage.sent, number());
    WEIR_ASSIGN(stage.ceiling, number());
    WEIR_ASSIGN(const auto ports, number());
    for (std::int64_t i = 0; i < ports; ++i) {
      WEIR_ASSIGN(auto each, port());
      stage.ports.push_back(std::move(each));
    }
    WEIR_ASSIGN(const auto instances, number());
    for (std::int64_t i = 0; i < instances; ++i) {
      WEIR_ASSIGN(auto each, instance(parts, partKey(id, index, static_cast<std::size_t>(i))));
      stage.instances.push_back(std::move(each));
    }
    stage.knowsSettings = format >= 2;
    if (!stage.knowsSettings) return stage;
    WEIR_ASSIGN(const auto settings, number());
    for (std::int64_t i = 0; i < settings; ++i) {
      SavedSetting setting;
      WEIR_ASSIGN(setting.name, text());
      WEIR_ASSIGN(const auto hash, number());
      setting.hash = static_cast<std::uint64_t>(hash);
      stage.settings.push_back(std::move(setting));
    }
    return stage;
  }

 private:
  SavedState state_;
};

}  // namespace

std::vector<SavedSetting> settingsOf(const json::Value& settings) {
  std::vector<SavedSetting> out;
  const auto* members = settings.asObject();
  if (members == nullptr) return out;
  for (const auto& member : *members) {
    // A value that is null is none.
    if (!member.value.isNull()) out.push_back({member.key, hash::ofBytes(json::write(member.value))});
  }
  std::ranges::sort(out, {}, &SavedSetting::name);
  return out;
}

std::vector<StateEntry> CheckpointRecord::entries() const {
  Writing head;
  head.number(kFormatVersion);
  head.number(static_cast<std::int64_t>(id));
  head.text(flowId);
  head.number(static_cast<std::int64_t>(documentHash));
  head.number(static_cast<std::int64_t>(stages.size()));
  std::vector<StateEntry> out;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    head.stage(stages[i]);
    for (std::size_t k = 0; k < stages[i].instances.size(); ++k) {
      const auto& state = stages[i].instances[k].state;
      if (!state.empty()) out.push_back({partKey(id, i, k), state});
    }
  }
  Writing sealed;
  sealed.number(static_cast<std::int64_t>(checksumOf(head.out)));
  out.push_back({folderOf(id) + "head", sealed.out + head.out});
  return out;
}

Result<CheckpointRecord> CheckpointRecord::read(const std::vector<StateEntry>& entries) {
  const StateEntry* head = nullptr;
  for (const auto& entry : entries) {
    if (entry.key.ends_with("/head") && (head == nullptr || entry.key > head->key)) head = &entry;
  }
  if (head == nullptr) return fail("state.corrupt", "the checkpoint has no head");
  std::map<std::string, std::string> parts;
  for (const auto& entry : entries) {
    if (&entry != head) parts.emplace(entry.key, entry.value);
  }
  Reading reading(head->value);
  WEIR_ASSIGN(const auto checksum, reading.number());
  constexpr std::size_t kSealBytes = 9;
  if (checksum != static_cast<std::int64_t>(checksumOf(std::string_view(head->value).substr(kSealBytes)))) {
    return fail("state.corrupt", "the head of the checkpoint is damaged");
  }
  WEIR_ASSIGN(const auto format, reading.number());
  if (format < kOldestVersion || format > kFormatVersion) {
    return fail("state.version", "the checkpoint has format " + std::to_string(format) + ", and this Weir knows " +
                                     std::to_string(kFormatVersion));
  }
  CheckpointRecord record;
  WEIR_ASSIGN(const auto id, reading.number());
  record.id = static_cast<CheckpointId>(id);
  WEIR_ASSIGN(record.flowId, reading.text());
  WEIR_ASSIGN(const auto hash, reading.number());
  record.documentHash = static_cast<std::uint64_t>(hash);
  WEIR_ASSIGN(const auto stages, reading.number());
  for (std::int64_t i = 0; i < stages; ++i) {
    WEIR_ASSIGN(auto stage, reading.stage(parts, record.id, static_cast<std::size_t>(i), format));
    record.stages.push_back(std::move(stage));
  }
  return record;
}

}  // namespace weir::runtime
