# The wasm module that runs the node cases under Node.js: weir-cases.wasm, without a single import from WASI.
file(GLOB module_sources CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/tests/wasm/module/*.cpp ${CMAKE_SOURCE_DIR}/tests/wasm/cases/*.cpp)
add_executable(weir_wasm_cases ${module_sources})
target_link_libraries(weir_wasm_cases PRIVATE weir_harness weir_nodes weir_host_simulation weir_engine weir_portable_flags)
weir_depend_on_generated(weir_wasm_cases)
target_link_options(weir_wasm_cases PRIVATE
  -mexec-model=reactor -Wl,--gc-sections -Wl,--strip-debug -Wl,-z,stack-size=1048576)
set_target_properties(weir_wasm_cases PROPERTIES OUTPUT_NAME weir-cases SUFFIX .wasm)
