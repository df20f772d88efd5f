// Fuzz target: any bytes as an expression, compiled and evaluated in both profiles; never a crash, a hang or a leak.
#include <cstdint>
#include <string_view>

#include "engine/cel/program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  using namespace weir::cel;
  static Environment* environment = nullptr;
  if (environment == nullptr) {
    environment = std::make_unique<Environment>().release();
    (void)environment->addVariable(
        "row", weir::cel::Type::record(
                   {{"price", TypeKind::float64}, {"quantity", TypeKind::int64}, {"region", TypeKind::string}}));
    (void)environment->addVariable("a", TypeKind::dyn);
  }
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  ValueActivation activation(2);
  activation.bind(0, Value::map({{Value::string("price"), Value::float64(2.5)},
                                 {Value::string("quantity"), Value::null()},
                                 {Value::string("region"), Value::string("north")}}));
  activation.bind(1, Value::map({{Value::string("b"), Value::list({Value::int64(1), Value::string("x")})}}));
  for (const auto profile : {Profile::flow, Profile::strict}) {
    for (const bool check : {true, false}) {
      const auto program = compile(source, *environment, {.profile = profile, .container = {}, .check = check});
      if (!program) continue;
      Budget budget{20'000};
      (void)program->evaluate(activation, budget);
      (void)program->fieldsRead("row");
    }
  }
  return 0;
}
