# One test program per room: every *.test.cpp below a folder, run from the root of the repository.
add_library(weir_test_main OBJECT ${CMAKE_SOURCE_DIR}/tests/unit/main.cpp)
target_link_libraries(weir_test_main PUBLIC weir_flags)

# Owns the tests' precompiled header; main.cpp compiles doctest itself and so cannot.
file(WRITE ${CMAKE_BINARY_DIR}/test-headers.cpp.new "// Nothing: its precompiled header is what counts.\n")
file(COPY_FILE ${CMAKE_BINARY_DIR}/test-headers.cpp.new ${CMAKE_BINARY_DIR}/test-headers.cpp ONLY_IF_DIFFERENT)
add_library(weir_test_headers OBJECT ${CMAKE_BINARY_DIR}/test-headers.cpp)
target_link_libraries(weir_test_headers PRIVATE weir_flags)
weir_precompile(weir_test_headers <doctest/doctest.h>)

# weir_test(name folder library...): makes test_<name> if the folder has tests.
function(weir_test name folder)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.test.cpp)
  if(NOT found)
    return()
  endif()
  add_executable(test_${name} ${found})
  target_link_libraries(test_${name} PRIVATE weir_test_main ${ARGN})
  weir_reuse_precompiled(test_${name} weir_test_headers)
  weir_depend_on_generated(test_${name})
  add_test(NAME test_${name} COMMAND test_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(test_${name} PROPERTIES TIMEOUT 600)
endfunction()

file(GLOB modules CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/engine LIST_DIRECTORIES true ${CMAKE_SOURCE_DIR}/engine/*)
foreach(module ${modules})
  if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/engine/${module})
    # The simulation host and the nodes are there for tests of the runtime; a module's own code cannot reach them.
    weir_test(${module} engine/${module} weir_host_simulation weir_engine)
  endif()
endforeach()

set(weir_everything weir_harness weir_cli weir_nodes weir_host_native weir_host_simulation weir_engine)
weir_test(nodes nodes weir_nodes weir_host_simulation weir_engine)
weir_test(hosts hosts weir_host_native weir_host_simulation weir_engine)
weir_test(service service weir_service weir_adapters weir_api weir_host_simulation weir_engine)
weir_test(adapters adapters weir_adapters weir_engine)
weir_test(cli apps/cli ${weir_everything})

# tests/<suite>/*.test.cpp: tests of the whole (contract, property, golden flows) link everything.
file(GLOB suites CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/tests LIST_DIRECTORIES true ${CMAKE_SOURCE_DIR}/tests/*)
list(REMOVE_ITEM suites unit fuzz wasm)
foreach(suite ${suites})
  if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/tests/${suite})
    weir_test(${suite} tests/${suite} ${weir_everything})
  endif()
endforeach()

# A Kafka for tests of the whole.
if(EXISTS ${CMAKE_SOURCE_DIR}/tests/kafka/kafka-mock.cpp)
  add_executable(kafka-mock ${CMAKE_SOURCE_DIR}/tests/kafka/kafka-mock.cpp)
  target_link_libraries(kafka-mock PRIVATE weir_flags ${WEIR_RDKAFKA})
endif()

# The same node cases as in the wasm module, for comparing byte by byte.
file(GLOB case_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/wasm/cases/*.cpp)
if(case_sources)
  add_executable(weir_cases ${case_sources} ${CMAKE_SOURCE_DIR}/tests/wasm/native-main.cpp)
  target_link_libraries(weir_cases PRIVATE weir_harness weir_nodes weir_host_simulation weir_engine weir_portable_flags)
  weir_depend_on_generated(weir_cases)
endif()

# What pyarrow loads to exchange batches through the C data interface: position-independent, so compiled once more.
if(NOT WEIR_SANITIZE AND EXISTS ${CMAKE_SOURCE_DIR}/tests/arrow/c-data.cpp)
  weir_sources(c_data_sources engine/data engine/json engine/simd engine/text engine/time)
  add_library(weir_c_data MODULE ${CMAKE_SOURCE_DIR}/tests/arrow/c-data.cpp ${c_data_sources})
  target_link_libraries(weir_c_data PRIVATE weir_flags)
  target_compile_options(weir_c_data PRIVATE -O0 -fvisibility=hidden)
  set_target_properties(weir_c_data PROPERTIES POSITION_INDEPENDENT_CODE ON)
endif()
