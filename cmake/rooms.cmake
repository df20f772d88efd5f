# One library per room of the house. Sources are found by folder, so adding a file edits no build script, and a folder
# that does not exist yet makes an empty library.

# Lists the .cpp files below the given folders of the repository without tests, fuzz targets and benchmarks.
function(weir_sources result)
  set(found)
  foreach(folder ${ARGN})
    file(GLOB_RECURSE part CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND found ${part})
  endforeach()
  list(FILTER found EXCLUDE REGEX "\\.(test|fuzz|bench)\\.cpp$")
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# weir_library(name [PORTABLE] FOLDERS folder... [SOURCES file...] [LINK library...])
# PORTABLE: compiled for both homes, so without exceptions.
function(weir_library name)
  cmake_parse_arguments(ARG "PORTABLE" "" "FOLDERS;SOURCES;LINK" ${ARGN})
  weir_sources(sources ${ARG_FOLDERS})
  list(APPEND sources ${ARG_SOURCES})
  if(NOT sources)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE weir_flags ${ARG_LINK})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC weir_flags ${ARG_LINK})
  if(ARG_PORTABLE)
    target_link_libraries(${name} PRIVATE weir_portable_flags)
  endif()
endfunction()
