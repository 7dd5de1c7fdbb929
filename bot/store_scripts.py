"""The store's transitions, each one Lua script and so one entry of the append-only file: both halves or neither.

Every script is safe to repeat: what it did once it recognises. All keys carry one hash tag, so a script that reaches
a record named by another record stays within one slot. Scores and times are epoch seconds of the caller's clock.
"""

from typing import Final

from bot.chain_script import SHA256

NOTE: Final = (
    SHA256
    + """
-- Keeps what a digest in an entry stands for, a day longer than entries ('' keeps it for ever); rarely written anew.
local function remember(name, clear, life)
  local left = redis.call('TTL', name)
  if life == '' then
    if left ~= -1 then redis.call('SET', name, clear) end
  elseif left < tonumber(life) then
    redis.call('SET', name, clear, 'EX', string.format('%.0f', life + 86400))
  end
end
-- Keeps at hand where the last fifty entries are that somebody may want to be told of (`bot.history`).
local function found(audit, owner, id, life)
  if owner == '' then return end
  local of = audit .. ':of:' .. owner
  redis.call('LPUSH', of, id)
  redis.call('LTRIM', of, 0, 49)
  if life == '' then redis.call('PERSIST', of) else redis.call('EXPIRE', of, string.format('%.0f', life + 86400)) end
end
-- Appends what `bot.audit.Scribe` made of an entry, links it to those before it, and lets go of those older than `life`
-- seconds ('' keeps all), by the server's own clock, which gave them their ids. Whole nodes of a hundred at a time: exact
-- trimming would cost with every entry. A head that is none does not stop the bot: the chain begins anew, and is broken.
local function note(audit, sheet, life)
  local leaf = cmsgpack.unpack(sheet)
  local seq, link = (redis.call('GET', audit .. ':head') or ''):match('^(%d+) (%x+)$')
  if not seq or #link ~= 64 then seq, link = 0, ('0'):rep(64) end
  seq = string.format('%.0f', seq + 1)
  redis.call('SET', audit .. ':head', seq .. ' ' .. sha256(link .. leaf[1]))
  for i = 4, #leaf, 2 do remember(audit .. ':name:' .. leaf[i], leaf[i + 1], life) end
  if life == '' then
    return found(audit, leaf[3], redis.call('XADD', audit, '*', 'seq', seq, 'prev', link, 'entry', leaf[2]), life)
  end
  local oldest = string.format('%.0f', math.max(0, redis.call('TIME')[1] - life) * 1000)
  found(audit, leaf[3], redis.call('XADD', audit, 'MINID', '~', oldest, '*', 'seq', seq, 'prev', link, 'entry', leaf[2]), life)
end
"""
)

ACCEPT: Final = (
    NOTE
    + """
-- Takes in what arrived from Slack, several at once: ARGV[1] now, ARGV[2] sweep interval, ARGV[3] life of a seen mark,
-- ARGV[4] how many signals may wait for one request, ARGV[5] life of an audit entry, then seven values per arrival:
-- kind, id, record, inbox, seen mark, body, audit entry.
-- KEYS: due, bells, audit. Answers 1 (taken, or taken before) or 0 (no such request) per arrival.
local now, sweep, most, answers = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4]), {}
local function ring(id, version, entry)
  redis.call('ZADD', KEYS[1], 'LT', now + sweep, id)
  redis.call('XADD', KEYS[2], '*', 'id', id, 'version', version)
  note(KEYS[3], entry, ARGV[5])
end
-- Whether a signal may be left out: so many wait already that nobody has answered, one of the same person's and kind among
-- them. One that fits the request decides, and the card that then changes answers this one too; a first Cancel is
-- heeded. A signal that is not of the expected form is never left out.
local function idle(inbox, body)
  local waiting = redis.call('LRANGE', inbox, 0, -1)
  if #waiting < most then return false end
  local press = body:match('^{"signal":"%a+","actor":{"user_id":"[^"]*"')
  for _, given in ipairs(waiting) do
    if press and given:sub(1, #press) == press then return true end
  end
  return false
end
for i = 6, #ARGV, 7 do
  local kind, id, record, inbox, seen, body, entry = unpack(ARGV, i, i + 6)
  local answer = 1
  if kind == 'request' then
    if redis.call('HSETNX', record, 'version', 1) == 1 then
      redis.call('HSET', record, 'body', body, 'shown', 0, 'settled', 0, 'timer', now + sweep)
      ring(id, 1, entry)
    end
  elseif redis.call('EXISTS', record) == 0 then
    answer = 0
  elseif idle(inbox, body) then
    redis.call('ZADD', KEYS[1], 'LT', now + sweep, id)  -- even if everybody had given up on it
  elseif redis.call('SET', seen, 1, 'NX', 'EX', ARGV[3]) then
    redis.call('RPUSH', inbox, body)
    redis.call('PERSIST', record)
    ring(id, redis.call('HGET', record, 'version'), entry)
  end
  answers[#answers + 1] = answer
end
return answers
"""
)

MOVE: Final = (
    NOTE
    + """
-- Moves a record from one version to the next. KEYS: record, inbox, due, bells, audit, busy, open, notes, due notes.
-- ARGV: id, expected version, new version, body, timer, settled (0/1), inputs consumed, audit entry, now, sweep,
-- busy and open ('take', 'keep', 'drop' or ''), prefix of inboxes, prefix of records, the superseding input, the first
-- of the inputs consumed, life of an audit entry; then, of each note that is to be told elsewhere, its id, its key and body.
-- Answers {'ok', posting before, card or ''}, {'stale'} or {'busy'}.
local record, inbox, due, bells, audit, busy, open = unpack(KEYS)
local id, expected, version, body, timer, settled, consumed, entry, now, sweep = unpack(ARGV, 1, 10)
local busy_how, open_how, inboxes, records, supersede, first, audit_life = unpack(ARGV, 11, 17)
if redis.call('HGET', record, 'version') ~= expected then return {'stale'} end
if first ~= '' and redis.call('LINDEX', inbox, 0) ~= first then return {'stale'} end
if busy_how == 'take' then
  -- A Cancel that came while everything was looked up is heeded before anything is written to Okta.
  for _, given in ipairs(redis.call('LRANGE', inbox, consumed, -1)) do
    if given:find('"signal":"cancel"', 1, true) then return {'stale'} end
  end
end
if busy_how == 'take' or busy_how == 'keep' then
  local holder = redis.call('GET', busy)
  if holder and holder ~= id and redis.call('EXISTS', records .. holder) == 1 then return {'busy'} end
  redis.call('SET', busy, id)
elseif busy_how == 'drop' and redis.call('GET', busy) == id then
  redis.call('DEL', busy)
end
if open_how == 'take' or open_how == 'keep' then
  local earlier = redis.call('GET', open)
  -- One that another has replaced meanwhile does not take its place back: it has been told, and will read it.
  if not earlier or open_how == 'take' then redis.call('SET', open, id) end
  if earlier and earlier ~= id and open_how == 'take' and redis.call('EXISTS', records .. earlier) == 1 then
    redis.call('RPUSH', inboxes .. earlier, supersede)
    redis.call('ZADD', due, 'LT', now + sweep, earlier)
    redis.call('XADD', bells, '*', 'id', earlier, 'version', redis.call('HGET', records .. earlier, 'version'))
  end
elseif open_how == 'drop' and redis.call('GET', open) == id then
  redis.call('DEL', open)
end
redis.call('HSET', record, 'version', version, 'body', body, 'timer', timer, 'settled', settled)
if tonumber(consumed) > 0 then redis.call('LTRIM', inbox, consumed, -1) end
-- Watched at least every sweep until it has been shown; SHOWED sets the state's own timer.
local look = now + sweep
if timer ~= '' and tonumber(timer) < look then look = timer end
redis.call('ZADD', due, look, id)
note(audit, entry, audit_life)
for i = 18, #ARGV, 3 do
  redis.call('HSET', ARGV[i + 1], 'version', version, 'body', ARGV[i + 2])
  redis.call('ZADD', KEYS[9], now + sweep, ARGV[i])
  redis.call('XADD', KEYS[8], '*', 'id', ARGV[i], 'version', version)
end
local posting, card = redis.call('HGET', record, 'posting') or '0', redis.call('HGET', record, 'card') or ''
if card == '' then redis.call('HSET', record, 'posting', 1) end
return {'ok', posting, card}
"""
)

_REST: Final = """
-- Lets a request with nothing outstanding rest: until its state's own timer, or for good once it is settled.
local function rest(record, due, id, life)
  local facts = redis.call('HMGET', record, 'settled', 'timer')
  if facts[1] == '1' then
    redis.call('ZREM', due, id)
    redis.call('EXPIRE', record, life)
  else
    redis.call('ZADD', due, facts[2], id)
  end
end
"""

POSTING: Final = """
-- Notes that a card is being posted, unless the record is gone; half a record must not be made. KEYS: record.
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'posting', 1) end
return 1
"""

SHOWED: Final = (
    _REST
    + """
-- Notes that a version has been shown, on which card. KEYS: record, inbox, due.
-- ARGV: id, version shown, card ('' if it could be shown on none), life of a settled record in seconds, when to look
-- again if there is more to show, and the body without what is of no use any more ('' to leave it).
-- Answers the record's version; a larger one than was shown means that the card may be behind: show again.
local record, inbox, due = unpack(KEYS)
local current = redis.call('HGET', record, 'version')
if not current then return 0 end
if ARGV[3] ~= '' then redis.call('HSET', record, 'card', ARGV[3]) end
if ARGV[6] ~= '' and current == ARGV[2] then redis.call('HSET', record, 'body', ARGV[6]) end
redis.call('HDEL', record, 'posting')
redis.call('HSET', record, 'shown', ARGV[2])
if tonumber(current) > tonumber(ARGV[2]) or redis.call('LLEN', inbox) > 0 then
  redis.call('PERSIST', record)
  redis.call('ZADD', due, 'LT', ARGV[5], ARGV[1])
else
  rest(record, due, ARGV[1], ARGV[4])
end
return tonumber(current)
"""
)

DISMISS: Final = (
    _REST
    + """
-- Takes inputs off that change nothing, if they are still the first. KEYS: record, inbox, due.
-- ARGV: id, the first of them, life, how many. Answers 1, or 0 if somebody else was quicker and has the answering to do.
local record, inbox, due = unpack(KEYS)
if redis.call('LINDEX', inbox, 0) ~= ARGV[2] then return 0 end
redis.call('LTRIM', inbox, ARGV[4], -1)
local current = redis.call('HGET', record, 'version')
if current and redis.call('LLEN', inbox) == 0 and redis.call('HGET', record, 'shown') == current then
  rest(record, due, ARGV[1], ARGV[3])
end
return 1
"""
)
