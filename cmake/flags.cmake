# The flags of every target of ours (weir_flags) and of what runs in both homes (weir_portable_flags).
add_library(weir_flags INTERFACE)
target_include_directories(weir_flags INTERFACE ${CMAKE_SOURCE_DIR})
# -fno-rtti everywhere: a class derived where RTTI is on needs the type information of a base that was compiled without.
target_compile_options(weir_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror
  -ffp-contract=off -fno-math-errno -ffunction-sections -fdata-sections
  $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)

# __FILE__ in a failed WEIR_CHECK names the file within the repository. ccache makes the path relative first.
file(RELATIVE_PATH weir_root_from_build ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR})
string(REGEX REPLACE "/$" "" weir_root_from_build "${weir_root_from_build}")
target_compile_options(weir_flags INTERFACE -fmacro-prefix-map=${weir_root_from_build}/=)

add_library(weir_portable_flags INTERFACE)
target_link_libraries(weir_portable_flags INTERFACE weir_flags)
target_compile_options(weir_portable_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)

if(WEIR_WASM)
  target_compile_options(weir_flags INTERFACE -msimd128 -mbulk-memory -mnontrapping-fptoint -msign-ext)
else()
  target_compile_options(weir_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-stdlib=libc++> -pthread)
  target_link_options(weir_flags INTERFACE -stdlib=libc++ -static-libstdc++ -fuse-ld=lld -pthread -Wl,--gc-sections)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(weir_flags INTERFACE _LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST)
else()
  target_compile_definitions(weir_flags INTERFACE _LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_EXTENSIVE)
endif()

if(WEIR_SANITIZE)
  # vptr asks for RTTI.
  set(sanitizers -fsanitize=${WEIR_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all)
  target_compile_options(weir_flags INTERFACE ${sanitizers} -fno-omit-frame-pointer)
  target_link_options(weir_flags INTERFACE ${sanitizers})
endif()
