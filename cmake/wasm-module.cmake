# What is built for WebAssembly: weir.wasm, the engine of a page, and weir-cases.wasm, which runs the node cases under
# Node.js. Both import from `weir` only, nothing from WASI.
set(weir_standalone ${CMAKE_SOURCE_DIR}/hosts/browser/standalone.cpp)

# weir_module(name output source...)
function(weir_module name output)
  add_executable(${name} ${ARGN} ${weir_standalone})
  target_link_libraries(${name} PRIVATE weir_portable_flags)
  weir_depend_on_generated(${name})
  target_link_options(${name} PRIVATE
    -mexec-model=reactor -Wl,--gc-sections -Wl,--strip-debug -Wl,-z,stack-size=1048576)
  set_target_properties(${name} PROPERTIES OUTPUT_NAME ${output} SUFFIX .wasm)
endfunction()

file(GLOB module_sources CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/tests/wasm/module/*.cpp ${CMAKE_SOURCE_DIR}/tests/wasm/cases/*.cpp)
weir_module(weir_wasm_cases weir-cases ${module_sources})
target_link_libraries(weir_wasm_cases PRIVATE weir_harness weir_nodes weir_host_simulation weir_engine)

weir_sources(browser_sources hosts/browser)
list(REMOVE_ITEM browser_sources ${weir_standalone})
weir_library(weir_host_browser PORTABLE SOURCES ${browser_sources} LINK weir_engine)
weir_sources(wasm_sources apps/wasm)
weir_module(weir_wasm weir ${wasm_sources})
target_link_libraries(weir_wasm PRIVATE weir_nodes weir_host_browser weir_engine)
