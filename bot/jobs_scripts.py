"""What the queue does to its stream, each one Lua script: nothing falls between its halves, whoever dies when.

Every script is safe to repeat, because it looks first whether the entry is still its caller's. Redis does not: XACK
takes an acknowledgement from anybody, and XCLAIM to oneself takes an entry back from its new owner
(https://redis.io/docs/latest/commands/xack/, https://redis.io/docs/latest/commands/xclaim/).
"""

from typing import Final

DEAD_KEPT: Final = 5000
"""Lines of the dead list; the oldest make room. More than a person would read, less than an outage could fill."""

_DEAD: Final = f"""
-- Puts something on the dead list, for a person to look at.
local function give_up(dead, line)
  redis.call('RPUSH', dead, cjson.encode(line))
  redis.call('LTRIM', dead, -{DEAD_KEPT}, -1)
end
"""

_HOLDER: Final = """
-- Who holds an entry; nil if nobody does: finished, deleted, or the whole group is gone.
local function holder(bells, group, entry)
  local found = redis.pcall('XPENDING', bells, group, entry, entry, 1)
  return found[1] and found[1][2]
end
"""

_TALLY: Final = (
    _DEAD
    + """
-- Counts an attempt that came to nothing. The last one allowed goes on the dead list, once, and stops the timer.
local function tally(fails, due, dead, attempts, id, entry, why)
  local count = redis.call('HINCRBY', fails, id, 1)
  if count >= attempts then redis.call('ZREM', due, id) end
  if count == attempts then give_up(dead, {id = id, entry = entry, why = why}) end
  return count
end
"""
)

TAKE_OVER: Final = (
    _TALLY
    + """
-- Takes over what others left behind. KEYS: bells, fails, due, dead. ARGV: group, me, lease (ms), how many at most,
-- attempts allowed, when a consumer with nothing pending is called gone (ms), then the entries in hand.
-- An entry in hand is ours even if we were stalled for longer than the lease, and must not be started again.
-- Answers {entry, fields, attempts that came to nothing} each.
local bells, fails, due, dead = unpack(KEYS)
local group, me, lease, most, attempts, retired = unpack(ARGV, 1, 6)
local in_hand, taken = {}, {}
for i = 7, #ARGV do in_hand[ARGV[i]] = true end
for _, found in ipairs(redis.call('XPENDING', bells, group, 'IDLE', lease, '-', '+', most + #ARGV - 6)) do
  local entry = found[1]
  if not in_hand[entry] and #taken < tonumber(most) then
    local claimed = redis.call('XCLAIM', bells, group, me, 0, entry)[1]
    if claimed then
      local count = 0
      for i = 1, #claimed[2], 2 do
        if claimed[2][i] == 'id' and claimed[2][i + 1]:match('^[!-~]+$') then
          count = tally(fails, due, dead, tonumber(attempts), claimed[2][i + 1], entry, 'its holder went away')
        end
      end
      taken[#taken + 1] = {entry, claimed[2], count}
    end
  end
end
-- Deleting a consumer drops what it has pending for good, so only one that is seen here to have nothing.
for _, facts in ipairs(redis.call('XINFO', 'CONSUMERS', bells, group)) do
  local name, pending, idle = facts[2], facts[4], facts[6]
  if pending == 0 and idle > tonumber(retired) and name ~= me then
    redis.call('XGROUP', 'DELCONSUMER', bells, group, name)
  end
end
return taken
"""
)

RENEW: Final = (
    _HOLDER
    + """
-- Renews the hold on entries that are still ours. KEYS: bells. ARGV: group, me, entries. Answers 1 (ours) or 0 each.
local answers = {}
for i = 3, #ARGV do
  local ours = holder(KEYS[1], ARGV[1], ARGV[i]) == ARGV[2]
  if ours then redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID') end
  answers[#answers + 1] = ours and 1 or 0
end
return answers
"""
)

FINISH: Final = (
    _HOLDER
    + """
-- Takes a finished entry off, if it is still ours. KEYS: bells, fails. ARGV: group, me, entry, and the request whose
-- count starts anew ('' to leave it). Without the XDEL the stream would grow for ever; trimming drops unread bells.
if holder(KEYS[1], ARGV[1], ARGV[3]) ~= ARGV[2] then return 0 end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
if ARGV[4] ~= '' then redis.call('HDEL', KEYS[2], ARGV[4]) end
return 1
"""
)

FAIL: Final = (
    _HOLDER
    + _TALLY
    + """
-- Notes that an attempt failed, if the entry is still ours: it rings again after a while, twice as long each time, or
-- stays in our hands once it is on the dead list. KEYS: bells, fails, due, dead.
-- ARGV: group, me, entry, request, attempts allowed, why, now, longest wait (s). Answers the count, or 0.
local bells, fails, due, dead = unpack(KEYS)
local group, me, entry, id, attempts, why, now, longest = unpack(ARGV)
if holder(bells, group, entry) ~= me then return 0 end
local count = tally(fails, due, dead, tonumber(attempts), id, entry, why)
if count < tonumber(attempts) then
  redis.call('XACK', bells, group, entry)
  redis.call('XDEL', bells, entry)
  -- XX: what has no due-time any more was settled meanwhile.
  redis.call('ZADD', due, 'XX', now + math.min(2 ^ (count - 1), longest), id)
end
return count
"""
)

BURY: Final = (
    _HOLDER
    + _DEAD
    + """
-- Puts an entry that names no request on the dead list, if it is still ours. KEYS: bells, dead. ARGV: group, me, entry.
if holder(KEYS[1], ARGV[1], ARGV[3]) ~= ARGV[2] then return 0 end
give_up(KEYS[2], {entry = ARGV[3], why = 'unreadable'})
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
return 1
"""
)

RING: Final = (
    _DEAD
    + """
-- Rings for what is due. KEYS: due, bells, dead. ARGV: now, when to look at it again, how many at most, prefix of records.
-- Never takes a member out, except one without a record: whoever settles a request does. A member that is not a request
-- of ours goes on the dead list, and must not stop those behind it. Answers the earliest due-time.
local due, bells, dead = unpack(KEYS)
local now, again, most, records = unpack(ARGV)
local members = redis.call('ZRANGE', due, '-inf', now, 'BYSCORE', 'LIMIT', 0, most)
for _, id in ipairs(members) do
  local facts = redis.pcall('HMGET', records .. id, 'version', 'timer')
  local version, timer = facts[1], tonumber(facts[2] or '')
  if version and #version < 19 and version:match('^%d+$') and id:match('^[!-~]+$') then
    -- A look in between must not put the request's own timer off.
    if timer and timer > tonumber(now) and timer < tonumber(again) then redis.call('ZADD', due, facts[2], id)
    else redis.call('ZADD', due, again, id) end
    redis.call('XADD', bells, '*', 'id', id, 'version', version)
  else
    redis.call('ZREM', due, id)
    if version or facts.err then give_up(dead, {id = id, why = 'not a request'}) end
  end
end
return redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2]
"""
)

LEAVE: Final = """
-- Hands over what is still ours, so that the next to look has it at once, and goes. KEYS: bells. ARGV: group, me.
for _, found in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 10000, ARGV[2])) do
  redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, found[1], 'IDLE', 3600000, 'JUSTID')
end
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
return 1
"""
