// Lists whose elements have names of their own, so that they are told apart wherever they stand.
#pragma once

#include <initializer_list>
#include <string_view>

#include "engine/json/value.h"

namespace weir::flow {

/// The member that names the elements of all these lists (`id`, `name` or `widget`): in each list, each element is an
/// object and its name a text that no other has. Empty if there is none; a null pointer counts as an empty list.
[[nodiscard]] std::string_view namingKey(std::initializer_list<const json::Value*> lists);

/// The element of this name, or null.
[[nodiscard]] const json::Value* elementNamed(const json::Value* list, std::string_view key, std::string_view name);

/// Member `key` if it is a text, else empty.
[[nodiscard]] std::string_view textMember(const json::Value& value, std::string_view key);

}  // namespace weir::flow
