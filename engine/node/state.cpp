// Numbers as values in saved states.
#include "engine/node/state.h"

#include <string>

namespace weir {

Result<Poll> StateWriter::write(std::int64_t number) { return write(Value::int64(number)); }

Result<Poll> StateReader::read(std::int64_t& number) {
  WEIR_ASSIGN(const auto value, readValue());
  if (value.kind() != ValueKind::int64) {
    return fail("state.mismatch", "the saved state has a " + std::string(value.typeText()) +
                                      " where an int is expected; start the run again without its saved state");
  }
  number = value.int64();
  return Poll::ready;
}

}  // namespace weir
