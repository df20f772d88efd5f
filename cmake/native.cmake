# The native host and the command line, `weir`.
find_library(WEIR_ZLIB z REQUIRED)
find_library(WEIR_ZSTD zstd REQUIRED)

# adapters/<library>: wrappers of one third-party C library each.
include(cmake/sqlite.cmake)
find_library(WEIR_PQ pq REQUIRED)
find_path(WEIR_PQ_HEADERS libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
find_library(WEIR_HIREDIS hiredis REQUIRED)
find_library(WEIR_RDKAFKA rdkafka REQUIRED)
find_library(WEIR_SSL ssl REQUIRED)
find_library(WEIR_CRYPTO crypto REQUIRED)
find_library(WEIR_SODIUM sodium REQUIRED)
weir_library(weir_adapters FOLDERS adapters
  LINK weir_engine weir_sqlite ${WEIR_PQ} ${WEIR_HIREDIS} ${WEIR_RDKAFKA} ${WEIR_SSL} ${WEIR_CRYPTO}
  ${WEIR_SODIUM} ${WEIR_ZLIB} ${WEIR_ZSTD})

target_include_directories(weir_adapters SYSTEM PRIVATE ${WEIR_PQ_HEADERS})

weir_library(weir_host_native FOLDERS hosts/native
  LINK weir_adapters weir_engine ${WEIR_ZLIB} ${WEIR_ZSTD} ${WEIR_SSL} ${WEIR_CRYPTO})

# Boost uses what C++23 deprecates.
target_compile_definitions(weir_host_native PRIVATE _LIBCPP_DISABLE_DEPRECATION_WARNINGS)
weir_precompile(weir_host_native)

# The parts of the service that only a server has.
weir_library(weir_service FOLDERS service/auth service/engines service/resources service/store/sql service/store/cache
                     service/metrics service/logs service/alerts service/live service/telemetry service/folders service/schedule
             LINK weir_adapters weir_api weir_engine)

# The pages of the API, compressed once; embedded by service/resources/openapi.
set(weir_docs_ui ${CMAKE_SOURCE_DIR}/node_modules/swagger-ui-dist)
foreach(file swagger-ui-bundle.js swagger-ui.css)
  if(NOT EXISTS ${weir_docs_ui}/${file})
    message(FATAL_ERROR "${weir_docs_ui}/${file} is missing: run tools/bootstrap")
  endif()
  set(packed ${CMAKE_BINARY_DIR}/docs-ui/${file}.gz)
  if(NOT EXISTS ${packed} OR ${weir_docs_ui}/${file} IS_NEWER_THAN ${packed})
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/docs-ui)
    execute_process(COMMAND gzip -9 -n -c ${weir_docs_ui}/${file} OUTPUT_FILE ${packed} COMMAND_ERROR_IS_FATAL ANY)
  endif()
endforeach()
set_source_files_properties(${CMAKE_SOURCE_DIR}/service/resources/openapi/docs-files.cpp PROPERTIES
  COMPILE_OPTIONS --embed-dir=${CMAKE_BINARY_DIR})
# The pages about accounts. ccache does not look into what #embed names, so their sum is among the options.
file(GLOB weir_pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/apps/cli/serve/pages/*)
set(weir_pages_sums "")
foreach(file ${weir_pages})
  file(SHA256 ${file} sum)
  string(APPEND weir_pages_sums ${sum})
endforeach()
string(SHA256 weir_pages_sum "${weir_pages_sums}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${weir_pages})
set_source_files_properties(${CMAKE_SOURCE_DIR}/apps/cli/serve/account-pages.cpp PROPERTIES
  OBJECT_DEPENDS "${weir_pages}" COMPILE_DEFINITIONS WEIR_PAGES_SUM=\"${weir_pages_sum}\")

# The studio, packed by its own tools where their packages are; without them, and in builds that only test, the pack is
# empty and the start page stands at the root. The header tells ccache of another pack.
set(weir_studio_pack ${CMAKE_BINARY_DIR}/studio/studio.pack)
set(weir_studio_header ${CMAKE_BINARY_DIR}/studio/apps/cli/serve/studio-pack.gen.h)
find_program(WEIR_NODE node)
if(WEIR_NODE AND EXISTS ${CMAKE_SOURCE_DIR}/web/node_modules/vite AND CMAKE_BINARY_DIR STREQUAL "${CMAKE_SOURCE_DIR}/build/release")
  set(weir_studio_sources "")
  foreach(package studio editor ui widgets flow-model engine-client)
    foreach(part src public scripts)
      file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/${package}/${part}/*)
      list(APPEND weir_studio_sources ${found})
    endforeach()
  endforeach()
  add_custom_command(OUTPUT ${weir_studio_pack} ${weir_studio_header}
    COMMAND ${WEIR_NODE} ${CMAKE_SOURCE_DIR}/web/studio/scripts/pack.mjs ${weir_studio_pack} ${weir_studio_header}
    DEPENDS ${weir_studio_sources} ${CMAKE_SOURCE_DIR}/web/studio/index.html ${CMAKE_SOURCE_DIR}/web/package-lock.json
    COMMENT "Packing the studio" VERBATIM)
else()
  file(WRITE ${weir_studio_pack} "\n\n")
  file(WRITE ${weir_studio_header} "// No studio.\n")
endif()
set_source_files_properties(${CMAKE_SOURCE_DIR}/apps/cli/serve/studio-pack.cpp PROPERTIES
  OBJECT_DEPENDS "${weir_studio_pack};${weir_studio_header}"
  COMPILE_OPTIONS "--embed-dir=${CMAKE_BINARY_DIR}/studio;-I${CMAKE_BINARY_DIR}/studio")

# apps/cli without its main() is a library, so that its tests can link it.
weir_sources(cli_sources apps/cli)
list(FILTER cli_sources EXCLUDE REGEX "/apps/cli/main\\.cpp$")
# Files in memory, which the page has too.
weir_library(weir_cli SOURCES ${cli_sources} ${CMAKE_SOURCE_DIR}/hosts/browser/run-files.cpp LINK weir_nodes weir_service weir_host_native weir_host_simulation weir_engine)
weir_precompile(weir_cli <CLI/CLI.hpp>)

if(EXISTS ${CMAKE_SOURCE_DIR}/apps/cli/main.cpp)
  add_executable(weir ${CMAKE_SOURCE_DIR}/apps/cli/main.cpp)
  target_link_libraries(weir PRIVATE weir_cli)
  # Only the front door's own folder fills build/bin; any other build keeps its binary to itself.
  set(weir_bin_folder ${CMAKE_BINARY_DIR}/bin)
  if(CMAKE_BINARY_DIR STREQUAL "${CMAKE_SOURCE_DIR}/build/release")
    set(weir_bin_folder ${CMAKE_SOURCE_DIR}/build/bin)
  endif()
  set_target_properties(weir PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${weir_bin_folder})
endif()

# Benchmarks are programs of their own, built only when asked for: bench/data makes their input, bench/micro measures one
# part of the engine each (bench/micro/json-scan.cpp -> bench_json-scan).
file(GLOB bench_programs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/data/*.cpp)
file(GLOB bench_micro CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/micro/*.cpp)
add_custom_target(bench_programs)
foreach(source ${bench_programs} ${bench_micro})
  get_filename_component(name ${source} NAME_WE)
  if(source IN_LIST bench_micro)
    set(name bench_${name})
  endif()
  add_executable(${name} EXCLUDE_FROM_ALL ${source})
  target_link_libraries(${name} PRIVATE weir_flags)
  if(source IN_LIST bench_micro)
    target_link_libraries(${name} PRIVATE weir_service weir_nodes weir_host_native weir_engine)
  endif()
  add_dependencies(bench_programs ${name})
endforeach()
