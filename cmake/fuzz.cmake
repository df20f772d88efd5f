# One libFuzzer program per *.fuzz.cpp, under ASan and UBSan: engine/json/reader.fuzz.cpp -> fuzz_reader.
set(fuzz_flags -fsanitize=fuzzer-no-link)
target_compile_options(weir_flags INTERFACE ${fuzz_flags})

file(GLOB_RECURSE fuzz_targets CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/engine/*.fuzz.cpp ${CMAKE_SOURCE_DIR}/nodes/*.fuzz.cpp ${CMAKE_SOURCE_DIR}/hosts/*.fuzz.cpp
  ${CMAKE_SOURCE_DIR}/apps/*.fuzz.cpp ${CMAKE_SOURCE_DIR}/tests/fuzz/*.fuzz.cpp)
add_custom_target(weir_fuzz)
foreach(source ${fuzz_targets})
  get_filename_component(name ${source} NAME_WE)
  add_executable(fuzz_${name} ${source})
  weir_depend_on_generated(fuzz_${name})
  add_dependencies(weir_fuzz fuzz_${name})
  if(source MATCHES "/engine/[^/]+/[^/]+$")
    # A module of the engine needs nothing else, and is spared the building of it.
    target_link_libraries(fuzz_${name} PRIVATE weir_engine)
  else()
    target_link_libraries(fuzz_${name} PRIVATE weir_cli weir_nodes weir_host_native weir_host_simulation weir_engine)
  endif()
  # libFuzzer itself is built on libstdc++; it must come shared, or -static-libstdc++ finds two C++ run-times.
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(fuzz_${name} PRIVATE -Wl,--push-state,-Bdynamic -l:libstdc++.so.6 -Wl,--pop-state)
  set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/targets)
endforeach()
