// GivenSecret: a secret's value from where it is kept.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

struct GivenSecret {
  std::string value;
  std::int64_t keepMs = 0;  // so long it need not be asked for again
};

}  // namespace weir
