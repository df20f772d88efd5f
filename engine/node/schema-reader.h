// SchemaReader: reads the parts of a schema.json and collects what is wrong with them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/node/node-type.h"
#include "engine/node/problem.h"

namespace weir {

/// Each reader leaves its target alone if the key is absent or wrong; true if it was set.
class SchemaReader {
 public:
  explicit SchemaReader(Problems& problems) : problems_(problems) {}

  void wrong(std::string pointer, std::string message, std::string suggestion = {});
  void wrongKind(const json::Value& value, const std::string& pointer, std::string_view expected);
  void unknownOption(const std::string& pointer, std::string_view found, std::span<const std::string_view> options);
  [[nodiscard]] static std::string below(std::string_view pointer, std::string_view key);

  /// Whether it is an object; keys that are neither known nor begin with `x-` are problems.
  bool object(const json::Value& value, const std::string& at, std::span<const std::string_view> keys);
  void required(const json::Value& object, std::string_view at, std::initializer_list<std::string_view> keys);
  bool text(const json::Value& object, std::string_view key, std::string_view at, std::string& into);
  bool texts(const json::Value& object, std::string_view key, std::string_view at, std::vector<std::string>& into);
  bool boolean(const json::Value& object, std::string_view key, std::string_view at, bool& into);
  bool integer(const json::Value& object, std::string_view key, std::string_view at, std::int64_t least,
               std::int64_t most, std::int64_t& into);
  template <class Enum>
  void option(const json::Value& object, std::string_view key, std::string_view at,
              std::span<const std::string_view> options, Enum& into) {
    if (const auto index = optionIndex(object, key, at, options); index >= 0) into = static_cast<Enum>(index);
  }

  /// The settings of a node, or the members of a list's objects.
  std::vector<SettingSpec> settings(const json::Value& list, const std::string& at);

 private:
  [[nodiscard]] std::int64_t optionIndex(const json::Value& object, std::string_view key, std::string_view at,
                                         std::span<const std::string_view> options);
  SettingSpec setting(const json::Value& node, const std::string& at, bool named);
  void settingTexts(const json::Value& node, const std::string& at, SettingSpec& spec);
  void settingRange(const json::Value& node, const std::string& at, SettingSpec& spec);
  void settingItems(const json::Value& node, const std::string& at, SettingSpec& spec);
  void limit(const json::Value& node, std::string_view key, const std::string& at, SettingSpec& spec,
             std::optional<double>& into);

  Problems& problems_;
  int depth_ = 0;
};

}  // namespace weir
