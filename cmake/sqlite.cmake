# The only SQLite of the binary: the amalgamation (SQLite3 Multiple Ciphers) that an npm package ships, as one C library.
set(weir_sqlite_folder ${CMAKE_SOURCE_DIR}/node_modules/better-sqlite3-multiple-ciphers/deps/sqlite3)
if(NOT EXISTS ${weir_sqlite_folder}/sqlite3.c)
  message(FATAL_ERROR "${weir_sqlite_folder}/sqlite3.c is missing: run tools/bootstrap")
endif()

add_library(weir_sqlite STATIC ${weir_sqlite_folder}/sqlite3.c)
target_include_directories(weir_sqlite SYSTEM INTERFACE ${weir_sqlite_folder})
# Each connection has one thread; no extensions from files, no double-quoted texts, no shared caches. Without
# HAVE_FDATASYNC a sync would also wait for the time of the last change, which nobody needs to read the data back.
target_compile_definitions(weir_sqlite PRIVATE
  SQLITE_THREADSAFE=2 SQLITE_DQS=0 SQLITE_OMIT_LOAD_EXTENSION SQLITE_OMIT_DEPRECATED SQLITE_OMIT_SHARED_CACHE
  SQLITE_OMIT_AUTOINIT SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_DEFAULT_FOREIGN_KEYS=1 SQLITE_LIKE_DOESNT_MATCH_BLOBS
  HAVE_FDATASYNC=1 SQLITE_USE_ALLOCA SQLITE_TEMP_STORE=2 SQLITE_ENABLE_FTS5 SQLITE_ENABLE_RTREE SQLITE_ENABLE_MATH_FUNCTIONS)
# Not our text: its warnings are its authors'.
target_compile_options(weir_sqlite PRIVATE -w -O2 -ffunction-sections -fdata-sections -pthread)
if(WEIR_SANITIZE)
  target_compile_options(weir_sqlite PRIVATE -fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer)
endif()
