# zlib and libzstd for WebAssembly, their decompressing halves: source texts that npm packages ship. Natively Debian's
# libraries are linked.
set(weir_zlib_folder ${CMAKE_SOURCE_DIR}/node_modules/zlib-sync/deps/zlib)
set(weir_zstd_folder ${CMAKE_SOURCE_DIR}/node_modules/zstd-napi/deps/zstd/lib)
foreach(needed ${weir_zlib_folder}/inflate.c ${weir_zstd_folder}/decompress/zstd_decompress.c)
  if(NOT EXISTS ${needed})
    message(FATAL_ERROR "${needed} is missing: run tools/bootstrap")
  endif()
endforeach()

set(weir_compression_sources)
foreach(name inflate inftrees inffast adler32 crc32 zutil)
  list(APPEND weir_compression_sources ${weir_zlib_folder}/${name}.c)
endforeach()
foreach(name common/entropy_common common/error_private common/fse_decompress common/xxhash common/zstd_common
    decompress/huf_decompress decompress/zstd_ddict decompress/zstd_decompress decompress/zstd_decompress_block)
  list(APPEND weir_compression_sources ${weir_zstd_folder}/${name}.c)
endforeach()

add_library(weir_compression STATIC ${weir_compression_sources})
target_include_directories(weir_compression SYSTEM INTERFACE ${weir_zlib_folder} ${weir_zstd_folder})
# Tables made at the start and one decoder of each kind: half the size.
target_compile_definitions(weir_compression PRIVATE
  DYNAMIC_CRC_TABLE ZSTD_LEGACY_SUPPORT=0
  HUF_FORCE_DECOMPRESS_X1 ZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT ZSTD_STRIP_ERROR_STRINGS)
# Not our text: its warnings are its authors'. What loops over bytes is compiled for speed, the rest for size.
target_compile_options(weir_compression PRIVATE
  -w -Oz -msimd128 -mbulk-memory -mnontrapping-fptoint -msign-ext -ffunction-sections -fdata-sections)
set_source_files_properties(
  ${weir_zlib_folder}/inffast.c ${weir_zlib_folder}/crc32.c ${weir_zstd_folder}/decompress/huf_decompress.c
  ${weir_zstd_folder}/decompress/zstd_decompress_block.c PROPERTIES COMPILE_OPTIONS "-O2")
