# Lets every build folder and every clone share compiled objects: paths are hashed relative to the build folder.
find_program(WEIR_CCACHE ccache)
if(WEIR_CCACHE)
  # The launcher sets what sharing needs, so that nobody's own ccache settings are asked for.
  set(launcher env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true CCACHE_COMPRESS=true
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_ctime,include_file_mtime ${WEIR_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
