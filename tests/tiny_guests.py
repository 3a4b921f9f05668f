# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Kernels of a few bytes that QEMU boots at once and that use no CPU."""

import struct
from typing import Final

_MAGIC = 0x1BADB002
_FLAGS = 0x00010000
"""The header gives the load address (Multiboot 1, 3.1.3); this is no ELF file."""
_ADDRESS = 0x100000


def _multiboot(code: bytes) -> bytes:
    """Put a Multiboot header before 32-bit code. QEMU's ``-kernel`` knows the format.

    x86 only. A ramdisk is passed as a module, whatever it contains.
    """
    size = 32 + len(code)
    return (
        struct.pack(
            "<8I",
            _MAGIC,
            _FLAGS,
            -(_MAGIC + _FLAGS) & 0xFFFFFFFF,
            _ADDRESS,
            _ADDRESS,
            _ADDRESS + size,
            _ADDRESS + size,
            _ADDRESS + 32,
        )
        + code
    )


HALTS = _multiboot(
    b"\xfa"  # cli
    b"\xf4"  # hlt
    b"\xeb\xfd"  # jmp to hlt
)
"""Halts while its virtual CPU is running, so it can be paused like any other guest."""

MARK: Final = 0x200000
"""The physical address of eight bytes where ``MARKS`` stores its boot time."""

MARKS = _multiboot(
    b"\xfa"  # cli
    b"\x0f\x31"  # rdtsc: edx, eax = the processor's ticks
    b"\xa3"
    + struct.pack("<I", MARK)  # eax to MARK
    + b"\x89\x15"
    + struct.pack("<I", MARK + 4)  # edx after it
    + b"\xf4\xeb\xfd"  # hlt forever
)
"""Writes the time of its boot into its memory. No two boots have the same."""

GOES_OFF = _multiboot(
    b"\xfa\xb9\x03\x00\x00\x00"  # cli; ecx = 3
    b"\x31\xc0\xe6\x70\xe4\x71\x88\xc3"  # bl = the second of the clock
    b"\x31\xc0\xe6\x70\xe4\x71\x38\xc3\x74\xf6"  # wait until it changes
    b"\x49\x75\xeb"  # three times
    b"\x66\xba\x04\x06\x66\xb8\x00\x20\x66\xef"  # ACPI: S5 to the port of machine pc
    b"\xf4\xeb\xfd"  # hlt forever
)
"""Powers itself off two to three seconds after it was booted."""
