# Precompiled headers: half of a small file's compile time is the standard library's headers. The wasm build goes
# without, so that a file which forgets an include is found there.
set(weir_standard_headers
  <algorithm> <array> <atomic> <bit> <cstdint> <cstring> <expected> <functional> <limits> <map> <memory> <optional> <span>
  <string> <string_view> <utility> <variant> <vector>)

# ccache takes a precompiled header only without its time stamp (and with the sloppiness that cmake/ccache.cmake sets).
function(weir_precompile target)
  if(NOT WEIR_WASM)
    target_precompile_headers(${target} PRIVATE ${weir_standard_headers} ${ARGN})
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>)
  endif()
endfunction()

# For targets with the same flags as `source`: its header is compiled once for all of them.
function(weir_reuse_precompiled target source)
  get_target_property(kind ${target} TYPE)
  if(NOT WEIR_WASM AND NOT kind STREQUAL "INTERFACE_LIBRARY")
    target_precompile_headers(${target} REUSE_FROM ${source})
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>)
  endif()
endfunction()
