"""SHA-256 of 64 bytes in Lua, for scripts: the store has only SHA-1 of its own, too weak for what has to convince.

It takes some 50 microseconds. The second of the two blocks is nothing but the padding of 64 bytes, so that its schedule
is a constant (FIPS 180-4, 5.1.1 and 6.2.2).
"""

from typing import Final

_WORD: Final = 0xFFFFFFFF

_H: Final = (
    *(0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A),
    *(0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19),
)
"""The initial value (FIPS 180-4, 5.3.3)."""

_K: Final = tuple(
    int(word, 16)
    for word in [
        "428a2f98",
        "71374491",
        "b5c0fbcf",
        "e9b5dba5",
        "3956c25b",
        "59f111f1",
        "923f82a4",
        "ab1c5ed5",
        "d807aa98",
        "12835b01",
        "243185be",
        "550c7dc3",
        "72be5d74",
        "80deb1fe",
        "9bdc06a7",
        "c19bf174",
        "e49b69c1",
        "efbe4786",
        "0fc19dc6",
        "240ca1cc",
        "2de92c6f",
        "4a7484aa",
        "5cb0a9dc",
        "76f988da",
        "983e5152",
        "a831c66d",
        "b00327c8",
        "bf597fc7",
        "c6e00bf3",
        "d5a79147",
        "06ca6351",
        "14292967",
        "27b70a85",
        "2e1b2138",
        "4d2c6dfc",
        "53380d13",
        "650a7354",
        "766a0abb",
        "81c2c92e",
        "92722c85",
        "a2bfe8a1",
        "a81a664b",
        "c24b8b70",
        "c76c51a3",
        "d192e819",
        "d6990624",
        "f40e3585",
        "106aa070",
        "19a4c116",
        "1e376c08",
        "2748774c",
        "34b0bcb5",
        "391c0cb3",
        "4ed8aa4a",
        "5b9cca4f",
        "682e6ff3",
        "748f82ee",
        "78a5636f",
        "84c87814",
        "8cc70208",
        "90befffa",
        "a4506ceb",
        "bef9a3f7",
        "c67178f2",
    ]
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
