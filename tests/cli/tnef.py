"""Makes winmail.dat (MS-OXTNEF): tnef([(name, bytes, whether it is a message inside)], body)."""
import struct
def attr(level, id, data): return bytes([level]) + struct.pack("<II", id, len(data)) + data + struct.pack("<H", sum(data) & 0xffff)
def pad(b): return b + b"\0" * (-len(b) % 4)
def prop(id, type, value):
    head = struct.pack("<HH", type, id)
    return head + (struct.pack("<II", 1, len(value)) + pad(value) if type in (0x1e, 0x1f, 0x0d, 0x102) else value)
def props(*l): return struct.pack("<I", len(l)) + b"".join(l)
def tnef(attachments, body=b""):
    out = struct.pack("<IH", 0x223e9f78, 0x41de)
    out += attr(1, 0x00089006, struct.pack("<I", 0x10000)) + attr(1, 0x00069007, struct.pack("<II", 1252, 0))
    named = struct.pack("<HH", 0x1f, 0x8001) + b"G" * 16 + struct.pack("<II", 1, 6) + pad("abc".encode("utf-16le")) + struct.pack("<II", 1, 4) + "xy".encode("utf-16le")
    out += attr(1, 0x00069003, props(prop(0x0e06, 0x40, b"\1" * 8), prop(0x1000, 0x1f, body.decode().encode("utf-16le")), named, struct.pack("<HHIII", 0x1003, 0x6000, 2, 1, 2)))
    for name, data, inside in attachments:
        out += attr(2, 0x00069002, b"\0" * 14)
        out += attr(2, 0x00018010, name.encode()[:8] + b"\0")
        if inside: # a message, as an object
            out += attr(2, 0x00069005, props(prop(0x3707, 0x1f, name.encode("utf-16le")), prop(0x3701, 0x0d, b"I" * 16 + data)))
        else:
            out += attr(2, 0x0006800f, data) + attr(2, 0x00069005, props(prop(0x3707, 0x1f, name.encode("utf-16le") + b"\0\0")))
    return out
