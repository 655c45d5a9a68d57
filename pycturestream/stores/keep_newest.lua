-- Keeps the newest of several records that arrive in any order, more than once.
--
-- KEYS[1]  a string, or a hash where a field is given
-- ARGV[1]  field of the hash; '' for a string
-- ARGV[2]  the time of the record, RFC 3339 with milliseconds (sorts as text)
-- ARGV[3]  its revision
-- ARGV[4]  the name of that time among the stored record's fields
-- ARGV[5]  what to store (JSON with that time and `revision`)
-- ARGV[6]  when it expires, epoch milliseconds
-- ARGV[7]  channel to push it to; '' for none
-- ARGV[8]  what to push
-- ARGV[9]  until when it is fresh enough to be pushed, epoch milliseconds
-- ARGV[10] how long after now it expires at the latest, in milliseconds
-- ARGV[11] times later than this one, written like ARGV[2], are from a clock that is wrong
-- ARGV[12] 'revision' where a higher one is newer whatever the times are; '' for others
--
-- A record with a time to come gives way to any other, or it would stay until that time.
--
-- Returns 1 if the record is now the newest, 0 if it is older than what is kept or has expired.

local key, field, at, revision = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local expires_at = tonumber(ARGV[6])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
expires_at = math.min(expires_at, now + tonumber(ARGV[10]))

-- Fields of a hash can't expire by themselves, so a sorted set beside it holds their expiry times.
local expiries = key .. ':expiries'
if field ~= '' then
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', now)) do
    redis.call('HDEL', key, gone)
    redis.call('ZREM', expiries, gone)
  end
end

local kept
if field == '' then
  kept = redis.call('GET', key)
else
  kept = redis.call('HGET', key, field)
end
if kept == ARGV[5] then
  return 1 -- written before: subscribers have it already
end
if kept then
  -- What can't be read or compared gives way, or its key would take nothing more.
  local readable, old = pcall(cjson.decode, kept)
  local old_at = readable and type(old) == 'table' and old[ARGV[4]]
  if type(old_at) == 'string' then
    local old_revision = tonumber(old.revision) or 0
    local of_the_future = old_at > ARGV[11] and at <= ARGV[11]
    if ARGV[12] == 'revision' and of_the_future then
      of_the_future = revision > old_revision
    end
    if not of_the_future and (at < old_at or (at == old_at and revision < old_revision)) then
      return 0
    end
  end
end

if expires_at <= now then
  if field == '' then
    redis.call('DEL', key)
  else
    redis.call('HDEL', key, field)
    redis.call('ZREM', expiries, field)
  end
  return 0
end

if field == '' then
  redis.call('SET', key, ARGV[5], 'PXAT', string.format('%.0f', expires_at))
else
  redis.call('HSET', key, field, ARGV[5])
  redis.call('ZADD', expiries, expires_at, field)
  local last = redis.call('ZRANGE', expiries, -1, -1, 'WITHSCORES')[2]
  redis.call('PEXPIREAT', key, last)
  redis.call('PEXPIREAT', expiries, last)
end
if ARGV[7] ~= '' and now < tonumber(ARGV[9]) then
  redis.call('PUBLISH', ARGV[7], ARGV[8])
end
return 1
