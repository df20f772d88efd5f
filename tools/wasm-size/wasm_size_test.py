"""Tests of tools/wasm-size."""
import importlib.util
import unittest
from pathlib import Path

spec = importlib.util.spec_from_file_location("wasm_size", Path(__file__).with_name("main.py"))
wasm_size = importlib.util.module_from_spec(spec)
spec.loader.exec_module(wasm_size)

MAP = """    Addr      Off     Size Out     In      Symbol
       -        8        2 TYPE
       -        a       20 CODE
       -        a        8         CMakeFiles/weir_wasm.dir/apps/wasm/page.cpp.obj:(_ZN4page)
       -        a        8                 weir::wasm::Page::Page(int (*)(char))
       -       12        4         libweir_engine.a(batch.cpp.obj):(_ZN5batch)
       -       16        6         /usr/lib/wasm32-wasi/libc++.a(string.cpp.o):(_ZNSt3__2)
     100       1c        4 DATA
     100       1c        4         <internal>:(.rodata)
"""


class Objects:
    def part(self, name, symbol):
        return {"batch.cpp.obj": "engine/data"}[name]


class WasmSizeTest(unittest.TestCase):
    def test_bytes_belong_to_the_part_of_their_object_file(self):
        found = wasm_size.sizes(bytes(range(64)), MAP, Objects())
        raw = {part: size for part, (size, _) in found.items()}
        self.assertEqual(8, raw["apps/wasm"])
        self.assertEqual(4, raw["engine/data"])
        self.assertEqual(6, raw["libc++"])
        self.assertEqual(4, raw["texts, merged"])
        self.assertEqual(64, sum(raw.values()))

    def test_a_symbol_under_its_input_is_not_counted_twice(self):
        self.assertEqual([8, 4, 6, 4], [size for _, size, _, _ in wasm_size.inputs(MAP)])

    def test_folders_of_the_house_are_parts(self):
        self.assertEqual("engine/cel", wasm_size.part_of_path("engine/cel/column/program.cpp"))
        self.assertEqual("nodes/files", wasm_size.part_of_path("nodes/files/csv-read/csv-read.cpp"))
        self.assertEqual("zlib and zstd", wasm_size.part_of_path("node_modules/zlib-sync/deps/zlib/inflate.c"))


if __name__ == "__main__":
    unittest.main()
