# What is built for WebAssembly: weir.wasm, the engine of a page; weir-cases.wasm, which runs the node cases under Node.js;
# weir-store.wasm, the suite of stores. They import from `weir` only, nothing from WASI.
set(weir_standalone ${CMAKE_SOURCE_DIR}/hosts/browser/standalone.cpp)

# weir_module(name output source...)
function(weir_module name output)
  add_executable(${name} ${ARGN} ${weir_standalone})
  target_link_libraries(${name} PRIVATE weir_portable_flags)
  weir_depend_on_generated(${name})
  target_link_options(${name} PRIVATE
    -mexec-model=reactor -Wl,--gc-sections -Wl,--strip-all -Wl,-z,stack-size=1048576
    # Addresses stay whole numbers above zero in JavaScript, and what does not fit is an error in C++.
    -Wl,--max-memory=2147483648
    # What each object file takes: tools/wasm-size reads it.
    -Wl,--Map=${CMAKE_BINARY_DIR}/${output}.map)
  set_target_properties(${name} PROPERTIES OUTPUT_NAME ${output} SUFFIX .wasm)
endfunction()

file(GLOB module_sources CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/tests/wasm/module/*.cpp ${CMAKE_SOURCE_DIR}/tests/wasm/cases/*.cpp)
weir_module(weir_wasm_cases weir-cases ${module_sources})
target_link_libraries(weir_wasm_cases PRIVATE weir_harness weir_nodes weir_host_simulation weir_engine)

weir_sources(browser_sources hosts/browser)
list(REMOVE_ITEM browser_sources ${weir_standalone})
include(cmake/compression.cmake)
weir_library(weir_adapters PORTABLE FOLDERS adapters/zlib adapters/zstd LINK weir_compression weir_engine)
weir_library(weir_host_browser PORTABLE SOURCES ${browser_sources} LINK weir_adapters weir_engine)
weir_sources(wasm_sources apps/wasm)
weir_module(weir_wasm weir ${wasm_sources})
target_link_libraries(weir_wasm PRIVATE weir_api weir_nodes weir_host_browser weir_engine)

# Holds the database of a page to the suite of stores, in Node.js and in browsers.
file(GLOB store_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/wasm/store/*.cpp)
weir_module(weir_wasm_store weir-store ${store_sources} ${CMAKE_SOURCE_DIR}/apps/wasm/page-store.cpp)
target_link_libraries(weir_wasm_store PRIVATE weir_api weir_host_browser weir_engine)

# What runs once a flow, or once a batch of rows, or waits for a network or a clock, is compiled for size.
foreach(cold engine/flow engine/live engine/time engine/journal adapters/zlib adapters/zstd hosts/browser apps/wasm service
    nodes/http nodes/sql nodes/tcp nodes/websocket nodes/debug nodes/flow/debounce nodes/flow/delay nodes/flow/merge
    nodes/flow/priority nodes/flow/schedule nodes/flow/throttle nodes/files/arrow-read
    nodes/files/arrow-write nodes/files/blob-read nodes/files/blob-write nodes/files/list)
  weir_sources(cold_sources ${cold})
  list(APPEND cold_all ${cold_sources})
endforeach()
foreach(name parser checker literals overloads declarations environment lexer library-format library-network network
    number-literal plan problem string-literal column/vector-compiler)
  file(GLOB found ${CMAKE_SOURCE_DIR}/engine/cel/${name}*.cpp)
  list(APPEND cold_all ${found})
endforeach()
foreach(name catalogue parse-node-type schema-reader setting settings saved-rows state version broker file-sink file-source
    stream-reader stream-writer)
  file(GLOB found ${CMAKE_SOURCE_DIR}/engine/node/${name}*.cpp)
  list(APPEND cold_all ${found})
endforeach()
foreach(name alerts alert debugger otlp run-build run-alerts run-change changer link-change durable-edges made-again journal
    checkpoint execution-log recovery breaker describe edge-policy edge-rules link-rules
    change-steps session-failures session-traces state-bytes task-unit-)
  file(GLOB found ${CMAKE_SOURCE_DIR}/engine/runtime/${name}*.cpp)
  list(APPEND cold_all ${found})
endforeach()
foreach(name json-schema arrow-c arrow-type arrow-read arrow-decode arrow-encode arrow-messages arrow-ipc compatibility flat-buffer
    value-json type type-name schema number-text-format trace-context)
  file(GLOB found ${CMAKE_SOURCE_DIR}/engine/data/${name}*.cpp)
  list(APPEND cold_all ${found})
endforeach()
foreach(name document value problem)
  list(APPEND cold_all ${CMAKE_SOURCE_DIR}/engine/json/${name}.cpp)
endforeach()
foreach(name alphabet char-set compile literals parser parser-escapes replace)
  list(APPEND cold_all ${CMAKE_SOURCE_DIR}/engine/regex/${name}.cpp)
endforeach()
foreach(name csv-read csv-write file-planner group-plan json-read json-write read-options read-plan row-schema spilled-join
    text-read text-write)
  file(GLOB_RECURSE found ${CMAKE_SOURCE_DIR}/nodes/${name}.cpp)
  list(APPEND cold_all ${found})
endforeach()
foreach(generated ${weir_generated_sources})
  list(APPEND cold_all ${generated})
endforeach()
list(REMOVE_DUPLICATES cold_all)
set_source_files_properties(${cold_all} PROPERTIES COMPILE_OPTIONS "-Oz")

# Loops over two lanes at a time: the engines of browsers spend as much on the turn of a loop as on one such pair.
set_source_files_properties(
  ${CMAKE_SOURCE_DIR}/engine/cel/column/vector-kernels.cpp ${CMAKE_SOURCE_DIR}/nodes/generate/pattern/pattern.cpp
  PROPERTIES COMPILE_OPTIONS "-mllvm;-force-vector-interleave=2")
