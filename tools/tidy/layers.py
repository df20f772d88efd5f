# The dependency rule as tables: who may include whom, and which folder may include which foreign header.

# engine/<module> -> the engine modules it may include besides itself and the leaf headers of data (those that need only
# the standard library, simd and each other: error.h, check.h, lock.h and their like).
ENGINE = {
    "simd": set(),
    "text": {"simd"},
    "time": {"simd", "text"},
    "regex": {"simd", "text"},
    "json": {"simd", "text", "time", "data"},
    "data": {"simd", "text", "time", "json"},
    "csv": {"simd", "text", "time", "json", "data"},
    "arrow": {"simd", "text", "time", "json", "data"},
    "cel": {"simd", "text", "time", "json", "regex", "data"},
    "host": {"simd", "text", "time", "json", "data", "node"},
    "node": {"simd", "text", "time", "json", "regex", "data", "csv", "cel", "host"},
    "flow": {"simd", "text", "time", "json", "regex", "data", "csv", "cel", "host", "node"},
    "runtime": {"simd", "text", "time", "json", "regex", "data", "csv", "cel", "host", "node", "flow", "journal"},
    "live": {"simd", "text", "time", "json", "data", "cel", "host", "node", "flow", "runtime"},
    "journal": {"simd", "text", "time", "json", "data", "host"},
}

# Room -> the rooms it may include. Tests may include every room; inside engine they keep to ENGINE and the test library.
ROOMS = {
    "engine": set(),
    "nodes": {"engine"},
    "adapters": {"engine"},
    "hosts": {"engine", "adapters"},
    "service": {"engine", "adapters"},
    "apps": {"engine", "nodes", "hosts", "service", "adapters"},
    "tests": {"engine", "nodes", "hosts", "service", "adapters", "apps"},
    "bench": {"engine", "nodes", "hosts", "service", "adapters", "apps"},
}

# The API answers in a page too: it sees stores as an interface, and no library behind them.
API_SEES = (
    "engine/",
    "service/api/",
    "service/store/store.h",
    "service/store/request-keys.h",
    "service/auth/permission.h",
    "service/auth/grants.h",
)

# adapters see of the engine only what flows.
ADAPTERS_SEE = "engine/data/"

STANDARD = set(
    """algorithm any array atomic barrier bit bitset cassert cctype cerrno cfloat charconv chrono cinttypes climits clocale
    cmath compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib
    cstring ctime cwchar deque exception expected filesystem flat_map flat_set format forward_list fstream functional future
    initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map mdspan memory
    memory_resource mutex new numbers numeric optional ostream print queue random ranges ratio regex scoped_allocator
    semaphore set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view
    strstream syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility
    valarray variant vector version""".split()
)

# Standard headers that portable code (engine, nodes) does without, and why.
NOT_PORTABLE = {
    "iostream": "350 KB in wasm and a static initialiser; return text, or log through the context",
    "fstream": "files come from the host",
    "sstream": "build a std::string",
    "ostream": "build a std::string",
    "istream": "parse a std::string_view",
    "iomanip": "build a std::string",
    "format": "350 KB in wasm; append to a std::string",
    "print": "350 KB in wasm; log through the context",
    "thread": "threads are behind Workers",
    "mutex": "use Lock of engine/data/lock.h",
    "shared_mutex": "use Lock of engine/data/lock.h",
    "condition_variable": "nothing blocks; use a Waker",
    "future": "nothing blocks; use an Operation",
    "stop_token": "threads are behind Workers",
    "latch": "nothing blocks; use a Waker",
    "barrier": "nothing blocks; use a Waker",
    "semaphore": "nothing blocks; use a Waker",
    "filesystem": "files come from the host",
    "regex": "use engine/regex",
    "random": "distributions differ between libraries; use NodeContext::random()",
    "locale": "results must not depend on the machine",
    "clocale": "results must not depend on the machine",
    "typeinfo": "compiled without RTTI",
    "typeindex": "compiled without RTTI",
    "stdexcept": "compiled without exceptions; return a Result",
    "unordered_map": "its order is not deterministic; use a flat or ordered map, or end the line with `// unordered: why`",
    "unordered_set": "its order is not deterministic; use a flat or ordered set, or end the line with `// unordered: why`",
}
# The one place that may include it all the same.
PORTABLE_EXCEPTIONS = {("engine/data/lock.h", "mutex")}

# Intrinsics come through engine/simd alone.
INTRINSICS = {"immintrin.h", "emmintrin.h", "smmintrin.h", "nmmintrin.h", "wmmintrin.h", "x86intrin.h", "wasm_simd128.h", "arm_neon.h"}

# Third-party and operating-system headers (regular expressions) -> prefixes of the paths that may include them.
FOREIGN = [
    (r"doctest/.*", ["*.test.cpp", "*.test.h", "tests/"]),
    (r"nlohmann/.*", ["*.test.cpp", "*.fuzz.cpp", "tests/"]),
    (r"CLI/.*", ["apps/cli/"]),
    (r"zlib\.h", ["adapters/zlib/", "hosts/native/"]),
    (r"zstd\.h|zstd_errors\.h", ["adapters/zstd/", "hosts/native/"]),
    (r"libpq-fe\.h", ["adapters/postgres/"]),
    (r"sqlite3\.h", ["adapters/sqlite/", "*.test.cpp"]),
    (r"openssl/.*", ["adapters/openssl/", "hosts/native/"]),
    (r"hiredis/.*", ["adapters/redis/"]),
    (r"sodium\.h", ["adapters/sodium/"]),
    (r"mosquitto\.h", ["adapters/mosquitto/"]),
    (r"librdkafka/.*", ["adapters/kafka/", "tests/kafka/"]),
    # HTTP and WebSockets of others: our own clients, and the reader of what clients send us.
    (
        r"boost/beast(/.*|\.hpp)",
        ["hosts/native/network/" + name for name in ("asio-core.", "native-http.cpp", "request-head.cpp", "stream-wire-tcp.cpp", "stream-wire-websocket.cpp")],
    ),
    (r"boost/.*", ["hosts/native/"]),
    (r"tbb/.*|oneapi/.*", ["bench/"]),
    (
        r"(sys|linux|netinet|arpa)/.*|(unistd|fcntl|dirent|netdb|ifaddrs|poll|signal|pthread|sched|dlfcn|termios|glob|fnmatch|pwd|errno|time|spawn|ftw|syslog|execinfo|malloc)\.h",
        # service/engines starts and watches processes.
        ["hosts/native/", "adapters/", "apps/cli/", "service/engines/", "bench/", "tests/", "*.test.cpp"],
    ),
    (r"stdint\.h|stddef\.h|__verbose_abort", ["*.fuzz.cpp", "tests/", "hosts/browser/"]),
]
