# Runs tools/gen-nodes: nodes/<category>/<name>/schema.json -> <build>/generated/nodes/<category>/<name>/<name>.gen.{h,cpp}
# and the catalogue's table <build>/generated/nodes/catalogue.gen.{h,cpp}. The generator writes a file only if its
# content changes, so that one edited schema recompiles one node.
set(weir_generated_folder ${CMAKE_BINARY_DIR}/generated)
set(weir_generated_sources)
set(weir_generated_files)
set(weir_generator ${CMAKE_SOURCE_DIR}/tools/gen-nodes/gen_nodes.py)

file(GLOB weir_node_schemas CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/nodes/*/*/schema.json ${CMAKE_SOURCE_DIR}/nodes/*/*/v*/schema.json)
file(GLOB weir_node_cases CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/nodes/*/*/cases.json ${CMAKE_SOURCE_DIR}/nodes/*/*/v*/cases.json)
# A node stands in the table from the day its .cpp is there.
file(GLOB weir_node_code CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/nodes/*/*/*.cpp ${CMAKE_SOURCE_DIR}/nodes/*/*/v*/*.cpp)
file(GLOB weir_generator_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/gen-nodes/*.py)

if(weir_node_schemas AND EXISTS ${weir_generator})
  find_program(WEIR_PYTHON NAMES python3 REQUIRED)
  foreach(schema ${weir_node_schemas})
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${schema})
    get_filename_component(folder ${folder} DIRECTORY)
    get_filename_component(node ${folder} NAME)
    if(node MATCHES "^v[0-9]+$")
      get_filename_component(node ${folder} DIRECTORY)
      get_filename_component(node ${node} NAME)
    endif()
    list(APPEND weir_generated_files ${weir_generated_folder}/${folder}/${node}.gen.h)
    list(APPEND weir_generated_sources ${weir_generated_folder}/${folder}/${node}.gen.cpp)
  endforeach()
  list(APPEND weir_generated_files ${weir_generated_folder}/nodes/catalogue.gen.h)
  list(APPEND weir_generated_sources
    ${weir_generated_folder}/nodes/catalogue.gen.cpp ${weir_generated_folder}/nodes/browser-catalogue.gen.cpp)
  add_custom_command(
    OUTPUT ${weir_generated_files} ${weir_generated_sources}
    COMMAND ${WEIR_PYTHON} ${weir_generator} --nodes ${CMAKE_SOURCE_DIR}/nodes --out ${weir_generated_folder}
    DEPENDS ${weir_node_schemas} ${weir_node_cases} ${weir_node_code} ${weir_generator_files}
      ${CMAKE_SOURCE_DIR}/nodes/node.schema.json
    COMMENT "Generating settings and catalogue from schema.json"
    VERBATIM)
  add_custom_target(weir_generated DEPENDS ${weir_generated_files} ${weir_generated_sources})
endif()

# Makes a target see the generated headers and wait for them.
function(weir_depend_on_generated target)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    target_include_directories(${target} INTERFACE ${weir_generated_folder})
  else()
    target_include_directories(${target} PUBLIC ${weir_generated_folder})
  endif()
  if(TARGET weir_generated)
    add_dependencies(${target} weir_generated)
  endif()
endfunction()
