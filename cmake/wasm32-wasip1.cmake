# Toolchain for wasm32-wasip1 with Debian's wasi-libc and libc++ 22.
# Debian keeps its files in wasm32-wasi, where this target does not look: a sysroot of two links in the build folder.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(weir_sysroot ${CMAKE_BINARY_DIR}/sysroot)
foreach(part include lib)
  file(MAKE_DIRECTORY ${weir_sysroot}/${part})
  if(NOT EXISTS /usr/${part}/wasm32-wasi)
    message(FATAL_ERROR "/usr/${part}/wasm32-wasi is missing: install the wasm packages with tools/bootstrap")
  endif()
  file(CREATE_LINK /usr/${part}/wasm32-wasi ${weir_sysroot}/${part}/wasm32-wasip1 SYMBOLIC)
endforeach()

set(CMAKE_C_COMPILER clang-22)
set(CMAKE_CXX_COMPILER clang++-22)
set(CMAKE_C_COMPILER_TARGET wasm32-wasip1)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasip1)
set(CMAKE_SYSROOT ${weir_sysroot})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
