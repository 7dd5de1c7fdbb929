"""SHA-256 of 64 bytes in Lua, for scripts: the store has only SHA-1 of its own, too weak for what has to convince.

It takes some 50 microseconds. The second of the two blocks is nothing but the padding of 64 bytes, so that its schedule
is a constant (FIPS 180-4, 5.1.1 and 6.2.2).
"""

import struct
from typing import Final

_WORD: Final = 0xFFFFFFFF

_H: Final = (
    *(0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A),
    *(0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19),
)
"""The initial value (FIPS 180-4, 5.3.3)."""

_K: Final = struct.unpack(
    ">64I",
    bytes.fromhex(
        "428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5d807aa9812835b01243185be550c7dc3"
        "72be5d7480deb1fe9bdc06a7c19bf174e49b69c1efbe47860fc19dc6240ca1cc2de92c6f4a7484aa5cb0a9dc76f988da"
        "983e5152a831c66db00327c8bf597fc7c6e00bf3d5a7914706ca63511429296727b70a852e1b21384d2c6dfc53380d13"
        "650a7354766a0abb81c2c92e92722c85a2bfe8a1a81a664bc24b8b70c76c51a3d192e819d6990624f40e3585106aa070"
        "19a4c1161e376c082748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3748f82ee78a5636f84c878148cc70208"
        "90befffaa4506cebbef9a3f7c67178f2"
    ),
)
"""The constants of the rounds (FIPS 180-4, 4.2.2)."""


def _turned(word: int, *by: int) -> int:
    """A word turned right by each of some figures, and the results put together by exclusive or."""
    result = 0
    for bits in by:
        result ^= (word >> bits) | (word << (32 - bits)) & _WORD
    return result


def _schedule(block: tuple[int, ...]) -> tuple[int, ...]:
    """The words of a block's rounds (FIPS 180-4, 6.2.2, step 1)."""
    words = list(block)
    for at in range(16, 64):
        early, late = words[at - 15], words[at - 2]
        small = _turned(early, 7, 18) ^ (early >> 3)
        large = _turned(late, 17, 19) ^ (late >> 10)
        words.append((words[at - 16] + small + words[at - 7] + large) & _WORD)
    return tuple(words)


_PADDING: Final = tuple(
    (key + word) & _WORD for key, word in zip(_K, _schedule((0x80000000, *(0,) * 14, 512)), strict=True)
)


def _table(words: tuple[int, ...]) -> str:
    return f"{{{','.join(map(str, words))}}}"


SHA256: Final = (
    f"local H, K, PADDING = {_table(_H)}, {_table(_K)}, {_table(_PADDING)}"
    """
local band, bxor, ror, shr, tobit = bit.band, bit.bxor, bit.ror, bit.rshift, bit.tobit
local function rounds(state, words)
  local a, b, c, d, e, f, g, h = unpack(state)
  for i = 1, 64 do
    local one = h + bxor(ror(e, 6), ror(e, 11), ror(e, 25)) + bxor(g, band(e, bxor(f, g))) + words[i]
    local two = bxor(ror(a, 2), ror(a, 13), ror(a, 22)) + bxor(band(a, bxor(b, c)), band(b, c))
    h, g, f, e, d, c, b, a = g, f, e, tobit(d + one), c, b, a, tobit(one + two)
  end
  local after = {a, b, c, d, e, f, g, h}
  for i = 1, 8 do after[i] = tobit(after[i] + state[i]) end
  return after
end
-- SHA-256 of 64 bytes, both in hexadecimal.
local function sha256(text)
  local w, words, result = {}, {}, {}
  for i = 1, 16 do w[i] = tonumber(text:sub(8 * i - 7, 8 * i), 16) end
  for i = 17, 64 do
    local early, late = w[i - 15], w[i - 2]
    local small, large = bxor(ror(early, 7), ror(early, 18), shr(early, 3)), bxor(ror(late, 17), ror(late, 19), shr(late, 10))
    w[i] = tobit(w[i - 16] + small + w[i - 7] + large)
  end
  for i = 1, 64 do words[i] = K[i] + w[i] end
  for i, word in ipairs(rounds(rounds(H, words), PADDING)) do result[i] = bit.tohex(word) end
  return table.concat(result)
end
"""
)
"""Defines `sha256` for a script; `bit` is the library that Redis and Valkey bring along."""
